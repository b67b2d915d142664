// The first half of an attempt: everything up to the host's word, so that "nothing was executed" stays
// provable.
#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "steps/process/supervise/attempt.hpp"
#include "steps/process/supervise/confine.hpp"
#include "steps/process/supervise/files.hpp"

namespace slipway::supervise {
namespace {

std::string system_error(const char* what) {
    return std::string(what) + ": " + ::strerror(errno);
}

void tell(int host, const std::string& line) {
    ::send(host, line.data(), line.size(), MSG_NOSIGNAL);
}

}  // namespace

Attempt::Attempt(process::WireRequest request, int host, int signals)
    : request_(std::move(request)), host_(host), signals_(signals) {
    set_crash_at(request_.crash_at);
}

bool Attempt::claim(std::string& error) {
    dir_ = ::open(request_.attempt_dir.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (dir_ < 0) {
        error = system_error("attempt directory");
        return false;
    }
    const int lock = ::openat(dir_, process::file::kLock, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (lock < 0 || ::flock(lock, LOCK_EX) != 0) {
        error = system_error("lock");
        return false;
    }
    // Under the lock: whoever looked first has either left the fenced mark or seen that nothing started.
    for (const char* name : {process::file::kFenced, process::file::kStarted, process::file::kExit}) {
        if (::faccessat(dir_, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0) {
            error = std::string("attempt directory was used before: ") + name;
            return false;
        }
    }
    if (::mkfifoat(dir_, process::file::kControl, 0600) != 0) {
        error = system_error("control");
        return false;
    }
    control_ = ::openat(dir_, process::file::kControl, O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (control_ < 0) {
        error = system_error("control");
    }
    return control_ >= 0;
}

bool Attempt::open_streams(std::string& error) {
    const auto secrets = std::make_shared<Redactor>();
    for (auto& secret : request_.secrets) {
        secrets->add(secret);
        explicit_bzero(secret.data(), secret.size());
    }
    out_.redact(secrets);
    err_.redact(secrets);
    if (!out_.open(dir_, "stdout", request_.out)) {
        error = system_error("stdout");
        return false;
    }
    if (request_.err.mode != process::StreamMode::kToStdout && !err_.open(dir_, "stderr", request_.err)) {
        error = system_error("stderr");
        return false;
    }
    if (!kept_.open(dir_, request_.kept)) {
        error = system_error("kept files");
        return false;
    }
    return true;
}

bool Attempt::make_child(std::string& error) {
    fence_.open(request_);
    if (fence_.kind() == FenceKind::kCgroup) {
        // Not synced: a restart of the machine, which would lose it, loses the cgroup too.
        const int fd = ::openat(dir_, process::file::kCgroup, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        write_all(fd, fence_.path());
        ::close(fd);
    }
    const ChildEnds ends{out_.child_end(), err_.child_end()};
    const int ruleset = confinement(request_.hidden, request_.shown);
    ending_.isolation = ruleset >= 0 ? "landlock" : "none";
    bool made = child_.fork_blocked(request_, ends, fence_.kind() == FenceKind::kPidns, ruleset);
    if (!made && fence_.kind() == FenceKind::kPidns) {
        fence_.degrade();
        made = child_.fork_blocked(request_, ends, false, ruleset);
    }
    if (ruleset >= 0) {
        ::close(ruleset);
    }
    if (!made) {
        error = system_error("fork");
        return false;
    }
    fence_.enter(child_.wait_pid());
    out_.after_fork();
    err_.after_fork();
    return true;
}

bool Attempt::prepare(std::string& error) {
    if (!open_streams(error) || !make_child(error)) {
        ending_.detail = error;
        return false;
    }
    fault_point("supervise.before_started");
    const auto record = started_record(child_.pid(), child_.wait_pid(), fence_, request_.marker);
    if (!write_durably(dir_, process::file::kStarted, record)) {
        error = ending_.detail = system_error("started.json");
        return false;
    }
    fault_point("supervise.after_started");
    tell(host_, "started\n");
    return true;
}

bool Attempt::wait_for_go() {
    ending_.reason = "not_released";
    pollfd fds[] = {{host_, POLLIN, 0}, {signals_, POLLIN, 0}, {control_, POLLIN, 0}};
    for (;;) {
        if (::poll(fds, 3, -1) < 0 && errno != EINTR) {
            return false;
        }
        if (fds[1].revents != 0) {
            on_signals();
        }
        if (fds[2].revents != 0) {
            on_control();
        }
        if (stop_ != Stop::kNone || main_gone_) {
            ending_.reason = "not_released";
            return false;
        }
        if (fds[0].revents == 0) {
            continue;
        }
        char byte = 0;
        if (::read(host_, &byte, 1) != 1 || byte != process::kGoByte) {
            return false;
        }
        break;
    }
    ::close(host_);
    host_ = -1;
    ending_.released_ms = wall_ms();
    // From here on "nothing was executed" is no longer provable; the mark is on the disk before it can become
    // false.
    if (!write_durably(dir_, process::file::kReleased,
                       "{\"released_ms\":" + std::to_string(ending_.released_ms) + "}")) {
        ending_.detail = system_error("released.json");
        return false;
    }
    fault_point("supervise.after_released");
    ending_.reason = "exited";
    ending_.started = true;
    child_.release();
    if (request_.time_limit_ms > 0) {
        time_limit_ = boot_ms() + static_cast<std::int64_t>(request_.time_limit_ms);
    }
    fault_point("supervise.after_go");
    return true;
}

}  // namespace slipway::supervise
