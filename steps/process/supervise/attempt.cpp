// The second half of an attempt: the child runs, is asked to stop, is made to stop, and is written down.
#include "steps/process/supervise/attempt.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "steps/process/supervise/files.hpp"

namespace slipway::supervise {
namespace {

// A process in an uninterruptible sleep survives SIGKILL; the record then says that somebody is left.
constexpr std::int64_t kBuryMs = 10'000;

void sync_path(const std::string& path) {
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0) {
        return;
    }
    ::fsync(fd);
    ::close(fd);
}

}  // namespace

int Attempt::timeout() const {
    std::int64_t first = -1;
    for (const std::int64_t at :
         {stop_ == Stop::kNone ? time_limit_ : -1, kill_at_, give_up_at_, kept_.due()}) {
        if (at >= 0 && (first < 0 || at < first)) {
            first = at;
        }
    }
    if (first < 0) {
        return -1;
    }
    return static_cast<int>(std::clamp<std::int64_t>(first - boot_ms(), 0, 60'000));
}

void Attempt::run() {
    while (!main_gone_) {
        pollfd fds[] = {{signals_, POLLIN, 0},        {control_, POLLIN, 0},
                        {out_.poll_fd(), POLLIN, 0},  {err_.poll_fd(), POLLIN, 0},
                        {kept_.poll_fd(), POLLIN, 0}, {child_.exec_fd(), POLLIN, 0}};
        if (::poll(fds, 6, timeout()) < 0) {
            continue;
        }
        if (fds[1].revents != 0) {
            on_control();
        }
        if (fds[2].revents != 0) {
            out_.pump();
        }
        if (fds[3].revents != 0) {
            err_.pump();
        }
        if (fds[4].revents != 0) {
            kept_.on_event(boot_ms());
        }
        if (fds[5].revents != 0) {
            on_exec();
        }
        if (fds[0].revents != 0) {
            on_signals();
        }
        on_deadlines();
        if (give_up_at_ >= 0 && boot_ms() >= give_up_at_) {
            break;
        }
    }
}

void Attempt::on_exec() {
    ending_.exec_errno = child_.exec_errno();
    if (ending_.exec_errno == 0) {
        return;
    }
    ending_.started = false;
    ending_.reason = "exec_failed";
}

void Attempt::on_signals() {
    signalfd_siginfo info{};
    while (::read(signals_, &info, sizeof info) == static_cast<ssize_t>(sizeof info)) {
        // Whoever shuts the machine down tells us first: the child gets its chance to end in order.
        if (info.ssi_signo == SIGTERM) {
            ask_to_stop("terminated");
        }
    }
    reap();
}

void Attempt::on_control() {
    char text[256];
    const ssize_t n = ::read(control_, text, sizeof text);
    if (n <= 0) {
        return;
    }
    const std::string_view words(text, static_cast<std::size_t>(n));
    if (words.find("kill") != std::string_view::npos) {
        kill_now("killed");
    } else if (words.find("cancel") != std::string_view::npos) {
        ask_to_stop("cancelled");
    }
}

void Attempt::on_deadlines() {
    const std::int64_t now = boot_ms();
    kept_.copy_due(now);
    if (stop_ == Stop::kNone && time_limit_ >= 0 && now >= time_limit_) {
        ending_.timed_out = true;
        ask_to_stop("timed_out");
    }
    if (kill_at_ >= 0 && now >= kill_at_) {
        kill_now(ending_.reason);
    }
}

void Attempt::ask_to_stop(const char* reason) {
    if (stop_ != Stop::kNone) {
        return;
    }
    stop_ = Stop::kAsked;
    ending_.reason = reason;
    ending_.cancelled = !ending_.timed_out;
    if (!ending_.started) {
        return;
    }  // still waiting for go: the pipe tells it
    const int signal = static_cast<int>(request_.stop_signal);
    ::kill(request_.stop_group ? -child_.pid() : child_.pid(), signal);
    kill_at_ = boot_ms() + static_cast<std::int64_t>(request_.grace_ms);
}

void Attempt::kill_now(const char* reason) {
    if (stop_ == Stop::kKilled) {
        return;
    }
    if (stop_ == Stop::kNone) {
        ending_.cancelled = true;
    }
    stop_ = Stop::kKilled;
    ending_.reason = reason;
    kill_at_ = -1;
    give_up_at_ = boot_ms() + kBuryMs;
    if (ending_.started) {
        fence_.kill_all();
    }
}

void Attempt::reap() {
    for (;;) {
        int status = 0;
        rusage usage{};
        const pid_t pid = ::wait4(-1, &status, WNOHANG, &usage);
        if (pid <= 0) {
            return;
        }
        if (pid != child_.wait_pid()) {
            ++ending_.orphans;
            continue;
        }
        main_gone_ = true;
        ending_.ended_ms = wall_ms();
        ending_.usage = usage;
        ending_.rc = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
        ending_.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    }
}

void Attempt::bury() {
    const std::int64_t drained =
        boot_ms() + (stop_ == Stop::kNone ? static_cast<std::int64_t>(request_.drain_ms) : 0);
    const std::int64_t limit = drained + kBuryMs;
    for (;;) {
        reap();
        ending_.all_dead = main_gone_ && fence_.settled();
        const std::int64_t now = boot_ms();
        if (ending_.all_dead || now >= limit) {
            return;
        }
        if (now >= drained) {
            fence_.kill_all();
        }
        out_.pump();
        err_.pump();
        kept_.copy_due(now);
        ::usleep(2000);
    }
}

void Attempt::finish() {
    fault_point("supervise.after_child_exit");
    if (child_.exec_fd() >= 0 && main_gone_ && ending_.started) {
        on_exec();
    }
    child_.abandon();
    if (child_.wait_pid() > 0) {
        bury();
    }
    if (ending_.ended_ms == 0) {
        ending_.ended_ms = wall_ms();
    }
    out_.finish();
    err_.finish();
    kept_.finish();
    for (const auto& path : request_.sync_at_exit) {
        sync_path(path);
    }
    ending_.out_bytes = out_.bytes();
    ending_.out_dropped = out_.dropped();
    ending_.err_bytes = err_.bytes();
    ending_.err_dropped = err_.dropped();
    ending_.kept = kept_.copies();
    fence_.close();
    fault_point("supervise.before_exit_record");
    write_durably(dir_, process::file::kExit, ending_record(ending_, fence_),
                  [] { fault_point("supervise.before_exit_rename"); });
    fault_point("supervise.after_exit_record");
}

}  // namespace slipway::supervise
