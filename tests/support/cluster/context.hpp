// An attempt's line to an engine that keeps everything in files, so that a host can be killed and the next
// one goes on: for executors that work on a cluster.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "slipway/executor.hpp"

namespace slipway::test {

struct Call {
    std::string root;  ///< of the world: blobs, scratch, attempts
    std::string kind;
    std::string how;  ///< start, reconcile or attach
    std::string input;
    std::uint64_t fence = 1;
    std::string round;  ///< names the idempotency key
    std::string tool_dir;
};

AttemptInfo info_of(const Call& call);
std::string attempt_dir(const Call& call);
std::string read_text(const std::string& path);
void write_text(const std::string& path, const std::string& text);
void append_text(const std::string& path, const std::string& text);

/// What the engine would have of this attempt.
std::vector<Evidence> evidence_of(const Call& call);

/// A running attempt in this process.
class RunningCall {
public:
    explicit RunningCall(const Call& call);
    ~RunningCall();
    /// Nothing: not within the time.
    std::optional<Verdict> wait(int timeout_ms = 120'000);
    void cancel(CancelMode mode);

private:
    struct State;
    std::shared_ptr<State> state_;
};

Verdict carry_out(const Call& call);

/// The executors that a call may name; each host makes its own.
std::vector<std::shared_ptr<Executor>> executors_of(const Call& call);

}  // namespace slipway::test
