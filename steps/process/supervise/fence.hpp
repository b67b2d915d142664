// Everything an attempt started, as one thing that can be killed and seen to be gone.
#pragma once

#include <string>

#include "steps/process/protocol.hpp"

namespace slipway::supervise {

enum class FenceKind { kCgroup, kPidns, kWeak };
const char* to_string(FenceKind kind);

class Fence {
public:
    /// Makes a cgroup where one can be made, else decides for a PID namespace or the weak fence.
    void open(const process::WireRequest& request);
    /// Puts a process, which must still be waiting for its go, behind the fence. False: it could not be
    /// moved.
    bool enter(int pid);
    /// A PID namespace could not be had after all.
    void degrade() { kind_ = FenceKind::kWeak; }
    /// SIGKILL to everything inside, now. Repeat until settled().
    void kill_all();
    /// True when no process of the attempt is left: no descendants but zombies and, with a cgroup, it is
    /// empty.
    bool settled();
    /// Removes the empty cgroup.
    void close();

    FenceKind kind() const { return kind_; }
    const std::string& path() const { return path_; }

private:
    FenceKind kind_ = FenceKind::kWeak;
    std::string path_;
};

/// Sends a signal (0: none) to all direct and indirect children of this process that still run; returns how
/// many there are.
int kill_descendants(int signal);
/// A child of `parent`; -1 when there is none.
int child_of(int parent);

}  // namespace slipway::supervise
