// The child: made early, held at a pipe until the host says go, and gone by itself when nobody says it any
// more.
#pragma once

#include "steps/process/protocol.hpp"

namespace slipway::supervise {

struct ChildEnds {
    int out = -1;
    int err = -1;
};

class Child {
public:
    /// Forks. With `pidns` into a new PID namespace with a small init of its own; false with errno set where
    /// that cannot be had.
    /// `ruleset`: a descriptor of confinement(), or -1.
    bool fork_blocked(const process::WireRequest& request, ChildEnds ends, bool pidns, int ruleset);
    /// Lets it exec.
    void release();
    /// Closes the pipe without a word: the child exits without exec.
    void abandon();

    /// The process that runs the program.
    int pid() const { return pid_; }
    /// The process that this one waits for: the namespace's init, or the same.
    int wait_pid() const { return wait_pid_; }
    /// Readable when exec failed (an errno) or worked (end of file); -1 once known.
    int exec_fd() const { return exec_fd_; }
    /// Reads exec_fd: 0 when exec worked.
    int exec_errno();

private:
    int pid_ = -1;
    int wait_pid_ = -1;
    int go_ = -1;
    int exec_fd_ = -1;
};

}  // namespace slipway::supervise
