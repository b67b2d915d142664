// The child's output: through us with a cap, or straight into a synced file.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "slipway/redact.hpp"
#include "steps/process/protocol.hpp"

namespace slipway::supervise {

class Stream {
public:
    /// Secrets that no byte written by us may hold. Before open().
    void redact(std::shared_ptr<const Redactor> secrets);
    /// Makes the file `name` and, for a capped stream, the pipe. False with errno set.
    bool open(int dir, const char* name, const process::StreamOptions& request);
    /// What the child gets as its descriptor 1 or 2; closed in the supervisor by after_fork().
    int child_end() const { return child_end_; }
    void after_fork();
    /// To poll for reading; -1 when there is nothing to read (any more).
    int poll_fd() const { return pipe_; }
    /// Takes what is there, at most a bounded amount. False at the end of the stream.
    bool pump();
    /// Reads what is left without waiting, writes the tail, syncs, closes.
    void finish();
    /// Bytes the child wrote (so far, for a journal: the size of its file).
    std::uint64_t bytes() const;
    std::uint64_t dropped() const { return dropped_; }

private:
    void take(std::string_view data);
    void keep(std::string_view data);

    process::StreamOptions request_;
    int file_ = -1;
    int pipe_ = -1;
    int child_end_ = -1;
    std::uint64_t seen_ = 0;  ///< bytes of the child
    std::uint64_t kept_ = 0;  ///< of these, as they are shown
    std::optional<RedactStream> clean_;
    std::uint64_t dropped_ = 0;
    std::string tail_;
};

}  // namespace slipway::supervise
