#include "steps/process/host.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <system_error>
#include <vector>

#include "steps/process/os.hpp"
#include "steps/process/protocol.hpp"

namespace slipway::process {
namespace {

constexpr idtype_t kByPidfd = static_cast<idtype_t>(3);  // P_PIDFD, which older headers do not name

struct Started {
    std::mutex mutex;
    std::vector<Fd> pidfds;
};
Started& started() {
    static Started instance;
    return instance;
}

}  // namespace

Fd::~Fd() {
    if (fd_ >= 0) {
        ::close(fd_);
    }
}

Error io_error(const std::string& what) {
    return environment_error(ErrorCode::kIo, what + ": " + std::generic_category().message(errno));
}

Fd open_process(const ProcessIdentity& identity) {
    if (identity.pid <= 0) {
        return {};
    }
    Fd fd(static_cast<int>(::syscall(SYS_pidfd_open, identity.pid, 0)));
    // Looked at after the handle was taken: if it is still the same process now, the handle is the right one.
    if (fd && stat_field(identity.pid, kStartTimeField) != identity.starttime) {
        return {};
    }
    return fd;
}

bool signal_process(const Fd& pidfd, int signal) {
    return pidfd && ::syscall(SYS_pidfd_send_signal, pidfd.get(), signal, nullptr, 0) == 0;
}

bool wait_gone(const Fd& pidfd, int timeout_ms) {
    if (!pidfd) {
        return true;
    }
    pollfd p{pidfd.get(), POLLIN, 0};
    return ::poll(&p, 1, timeout_ms) > 0;
}

LockState probe_lock(const std::string& attempt_dir) {
    const Fd fd(::open((attempt_dir + "/" + file::kLock).c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW));
    if (!fd) {
        return LockState::kMissing;
    }
    // Shared: two that look at the same time do not take each other for a supervisor.
    return ::flock(fd.get(), LOCK_SH | LOCK_NB) == 0 ? LockState::kFree : LockState::kBusy;
}

bool exists(const std::string& attempt_dir, const char* name) {
    return ::faccessat(AT_FDCWD, (attempt_dir + "/" + name).c_str(), F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

void remember_supervisor(Fd pidfd) {
    const std::lock_guard lock(started().mutex);
    started().pidfds.push_back(std::move(pidfd));
}

void reap_supervisors() {
    const std::lock_guard lock(started().mutex);
    std::erase_if(started().pidfds, [](const Fd& fd) {
        siginfo_t info{};
        // By handle, never by number: a host that reaps all its children would make a number mean somebody
        // else.
        const int r = ::waitid(kByPidfd, static_cast<id_t>(fd.get()), &info, WEXITED | WNOHANG);
        return r != 0 ? errno != EINTR : info.si_pid != 0;
    });
}

void host_fault_point(const char* name) {
    const char* wanted = std::getenv("SLIPWAY_CRASH_AT");
    if (wanted != nullptr && std::strcmp(wanted, name) == 0) {
        ::kill(::getpid(), SIGKILL);
    }
}

std::string supervisor_fault_point() {
    const char* wanted = std::getenv("SLIPWAY_CRASH_AT");
    return wanted != nullptr && std::strncmp(wanted, "supervise.", 10) == 0 ? wanted : "";
}

}  // namespace slipway::process
