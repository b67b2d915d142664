// An attempt's line to an engine that keeps everything in files, so that a host can be killed and the next
// one goes on.
#pragma once

#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "slipway/executor.hpp"
#include "slipway/steps/terraform.hpp"

namespace kit {

struct Call {
    std::string root;  ///< of the world: states, blobs, scratch, keys
    std::string kind;  ///< terraform.plan or terraform.apply
    std::string how;   ///< start, reconcile or attach
    std::string input;
    std::uint64_t fence = 1;
    std::string supervisor;
    std::string tool_dir;          ///< empty: PATH
    bool plain_states = false;     ///< without a place for attempts
    bool sensitive_input = false;  ///< in this process only, as the next one
    std::string fail_record;       ///< the kind of evidence whose commit fails; in this process only
};

/// In this process, until the attempt is answered. Evidence and log of the attempt are files below `root`.
slipway::Verdict carry_out(const Call& call);

/// A running attempt in this process.
class Running {
public:
    explicit Running(const Call& call);
    ~Running();
    /// Nothing: not within the time.
    std::optional<slipway::Verdict> wait(int timeout_ms = 60'000);
    void cancel(slipway::CancelMode mode);
    std::vector<std::string> progress() const;

private:
    struct State;
    std::shared_ptr<State> state_;
};

slipway::AttemptInfo info_of(const Call& call);
std::string attempt_dir(const Call& call);
std::string read(const std::string& path);
void write(const std::string& path, const std::string& text);
void append(const std::string& path, const std::string& text);

}  // namespace kit
