#include "steps/process/supervise/child.hpp"

#include <fcntl.h>
#include <linux/close_range.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <vector>

#include "steps/process/supervise/confine.hpp"
#include "steps/process/supervise/fence.hpp"
#include "steps/process/supervise/files.hpp"

namespace slipway::supervise {
namespace {

constexpr int kHighFd = 100;  // above every number that a request may ask for

struct Source {
    int from;
    int to;
};

// Everything the child needs, made before the fork so that nothing can fail for want of memory after it.
struct Plan {
    const process::WireRequest* request = nullptr;
    std::vector<Source> sources;
    std::vector<char*> argv;
    std::vector<char*> env;
    std::string marker;
    int go_read = -1;
    int exec_write = -1;
    int ruleset = -1;
};

int content_fd(const std::string& content) {
    if (content.empty()) {
        return ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    }
    const int fd = ::memfd_create("slipway", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (fd < 0 || !write_all(fd, content)) {
        return -1;
    }
    ::fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL);
    ::lseek(fd, 0, SEEK_SET);
    return fd;
}

bool make_plan(const process::WireRequest& request, ChildEnds ends, Plan& plan) {
    plan.request = &request;
    plan.sources = {{content_fd(request.stdin_content), 0},
                    {ends.out, 1},
                    {request.err.mode == process::StreamMode::kToStdout ? ends.out : ends.err, 2}};
    for (const auto& f : request.fds) {
        plan.sources.push_back({content_fd(f.content), static_cast<int>(f.fd)});
    }
    for (const auto& s : plan.sources) {
        if (s.from < 0) {
            return false;
        }
    }
    plan.marker = std::string(process::kMarkerVariable) + "=" + request.marker;
    for (const auto& a : request.argv) {
        plan.argv.push_back(const_cast<char*>(a.c_str()));
    }
    plan.argv.push_back(nullptr);
    for (const auto& e : request.env) {
        plan.env.push_back(const_cast<char*>(e.c_str()));
    }
    plan.env.push_back(plan.marker.data());
    plan.env.push_back(nullptr);
    return true;
}

void reset_signals() {
    for (int s = 1; s < NSIG; ++s) {
        ::signal(s, SIG_DFL);
    }
    sigset_t none;
    sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

bool place_descriptors(Plan& plan) {
    for (auto& s : plan.sources) {
        s.from = ::fcntl(s.from, F_DUPFD_CLOEXEC, kHighFd);
        if (s.from < 0) {
            return false;
        }
    }
    plan.exec_write = ::fcntl(plan.exec_write, F_DUPFD_CLOEXEC, kHighFd);
    if (plan.ruleset >= 0) {
        plan.ruleset = ::fcntl(plan.ruleset, F_DUPFD_CLOEXEC, kHighFd);
    }
    if (::syscall(SYS_close_range, 3U, ~0U, CLOSE_RANGE_CLOEXEC) != 0) {
        for (int fd = 3; fd < 65536; ++fd) {
            ::fcntl(fd, F_SETFD, FD_CLOEXEC);
        }
    }
    for (const auto& s : plan.sources) {
        if (::dup2(s.from, s.to) < 0) {
            return false;
        }
    }
    return true;
}

// Inside or not at all: the record says already that it is confined.
bool confine(const process::WireRequest& request, int ruleset) {
    if ((request.no_new_privs || ruleset >= 0) && ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
        return false;
    }
    return ruleset < 0 || enter_confinement(ruleset);
}

bool set_limits(const process::WireRequest& request) {
    const rlimit none{0, 0};
    ::setrlimit(RLIMIT_CORE, &none);
    if (request.max_open_files > 0) {
        const rlimit files{request.max_open_files, request.max_open_files};
        if (::setrlimit(RLIMIT_NOFILE, &files) != 0) {
            return false;
        }
    }
    if (request.max_file_bytes > 0) {
        const rlimit bytes{request.max_file_bytes, request.max_file_bytes};
        if (::setrlimit(RLIMIT_FSIZE, &bytes) != 0) {
            return false;
        }
    }
    ::umask(077);
    return true;
}

[[noreturn]] void run_child(Plan& plan) {
    ::setsid();
    reset_signals();
    char byte = 0;
    ssize_t n = 0;
    do {
        n = ::read(plan.go_read, &byte, 1);
    } while (n < 0 && errno == EINTR);
    if (n != 1) {
        ::_exit(0);
    }  // the supervisor is gone or gave up: nothing was executed, and that is provable
    const auto& request = *plan.request;
    if (place_descriptors(plan) && set_limits(request) && ::chdir(request.cwd.c_str()) == 0 &&
        confine(request, plan.ruleset)) {
        // A file that was just written may be held open for a moment by a process that another thread is
        // starting.
        for (int i = 0; i < 200; ++i) {
            ::execve(request.program.c_str(), plan.argv.data(), plan.env.data());
            if (errno != ETXTBSY) {
                break;
            }
            ::usleep(1000);
        }
    }
    const int error = errno;
    [[maybe_unused]] const ssize_t told = ::write(plan.exec_write, &error, sizeof error);
    ::_exit(error == ENOENT ? 127 : 126);
}

// First process of a PID namespace: reaps what is orphaned inside and ends with the child's status, which
// ends all the rest.
[[noreturn]] void run_init(Plan& plan) {
    const pid_t child = ::fork();
    if (child == 0) {
        run_child(plan);
    }
    ::syscall(SYS_close_range, 0U, ~0U, 0U);
    reset_signals();
    int status = 0;
    for (pid_t got = 0; child > 0 && got != child;) {
        got = ::wait(&status);
        if (got < 0 && errno != EINTR) {
            break;
        }
    }
    if (WIFSIGNALED(status)) {
        // An init does not die of its own signals: told as 128 + number, like a shell would.
        ::_exit(128 + WTERMSIG(status));
    }
    ::_exit(child < 0 ? 126 : WEXITSTATUS(status));
}

}  // namespace

bool Child::fork_blocked(const process::WireRequest& request, ChildEnds ends, bool pidns, int ruleset) {
    Plan plan;
    plan.ruleset = ruleset;
    int go[2];
    int exec[2];
    if (!make_plan(request, ends, plan) || ::pipe2(go, O_CLOEXEC) != 0 || ::pipe2(exec, O_CLOEXEC) != 0) {
        return false;
    }
    plan.go_read = go[0];
    plan.exec_write = exec[1];
    if (pidns && ::unshare(CLONE_NEWPID) != 0) {
        return false;
    }
    wait_pid_ = ::fork();
    if (wait_pid_ < 0) {
        return false;
    }
    if (wait_pid_ == 0) {
        ::close(go[1]);  // or nobody would ever see its end
        ::close(exec[0]);
        if (pidns) {
            run_init(plan);
        }
        run_child(plan);
    }
    ::close(go[0]);
    ::close(exec[1]);
    for (const auto& s : plan.sources) {
        if (s.to != 1 && s.to != 2) {
            ::close(s.from);
        }
    }
    go_ = go[1];
    exec_fd_ = exec[0];
    pid_ = wait_pid_;
    for (int i = 0; pidns && i < 1000 && (pid_ == wait_pid_ || pid_ < 0); ++i) {
        pid_ = child_of(wait_pid_);
        if (pid_ < 0) {
            ::usleep(1000);
        }
    }
    return pid_ > 0;
}

void Child::release() {
    const char byte = process::kGoByte;
    write_all(go_, {&byte, 1});
    ::close(go_);
    go_ = -1;
}

void Child::abandon() {
    if (go_ >= 0) {
        ::close(go_);
    }
    go_ = -1;
}

int Child::exec_errno() {
    int error = 0;
    ssize_t n = 0;
    do {
        n = ::read(exec_fd_, &error, sizeof error);
    } while (n < 0 && errno == EINTR);
    ::close(exec_fd_);
    exec_fd_ = -1;
    return n == static_cast<ssize_t>(sizeof error) ? error : 0;
}

}  // namespace slipway::supervise
