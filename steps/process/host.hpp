// What the client's files share: descriptors, process handles, the attempt's lock, fault points of the host.
#pragma once

#include <sys/types.h>

#include <string>
#include <utility>

#include "slipway/result.hpp"
#include "steps/process/records.hpp"

namespace slipway::process {

/// Closes a descriptor.
class Fd {
public:
    Fd() = default;
    explicit Fd(int fd) : fd_(fd) {}
    Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    Fd& operator=(Fd&& other) noexcept {
        std::swap(fd_, other.fd_);
        return *this;
    }
    Fd(const Fd&) = delete;
    Fd& operator=(const Fd&) = delete;
    ~Fd();
    int get() const { return fd_; }
    int release() { return std::exchange(fd_, -1); }
    explicit operator bool() const { return fd_ >= 0; }

private:
    int fd_ = -1;
};

Error io_error(const std::string& what);

/// A pidfd of exactly this process; none when it is gone or its number belongs to another one now.
Fd open_process(const ProcessIdentity& identity);
bool signal_process(const Fd& pidfd, int signal);
/// True when the process is gone within the time.
bool wait_gone(const Fd& pidfd, int timeout_ms);

enum class LockState { kMissing, kFree, kBusy };
/// Whether a supervisor holds the attempt's lock, without being in the way of anybody.
LockState probe_lock(const std::string& attempt_dir);

bool exists(const std::string& attempt_dir, const char* name);

/// Remembers a supervisor that we started, so that it leaves no zombie behind; reap_supervisors() collects
/// the dead ones.
void remember_supervisor(Fd pidfd);
void reap_supervisors();

/// Dies here when $SLIPWAY_CRASH_AT names this point. Points of the supervisor are handed on in the request.
void host_fault_point(const char* name);
std::string supervisor_fault_point();

}  // namespace slipway::process
