// Makes sure that nothing of an attempt lives and nothing can start any more.
#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <thread>

#include "steps/process/host.hpp"
#include "steps/process/os.hpp"
#include "steps/process/protocol.hpp"

namespace slipway::process {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

bool lock_within(int fd, milliseconds limit) {
    const auto end = Clock::now() + limit;
    while (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
        if (Clock::now() >= end) {
            return false;
        }
        std::this_thread::sleep_for(milliseconds(2));
    }
    return true;
}

// A live supervisor kills everything itself, which works with every fence; one that does not answer is
// killed.
bool displace_supervisor(const std::string& dir, int lock) {
    if (lock_within(lock, milliseconds(0))) {
        return true;
    }
    const auto started = read_started(dir);
    const bool known = started && started.value();
    if (known) {
        signal_process(open_process(started.value()->supervisor), SIGCONT);
    }
    // It may stand before or behind making its control; both end, the first by the missing go of its host.
    for (int i = 0; i < 50; ++i) {
        if (cancel(dir, StopMode::kKill)) {
            break;
        }
        if (lock_within(lock, milliseconds(10))) {
            return true;
        }
    }
    if (lock_within(lock, milliseconds(12'000))) {
        return true;
    }
    if (!known) {
        return false;
    }
    signal_process(open_process(started.value()->supervisor), SIGKILL);
    return lock_within(lock, milliseconds(2'000));
}

bool write_file(const std::string& path, std::string_view text) {
    const Fd fd(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
    return fd && write_all(fd.get(), text);
}

FenceReport by_cgroup(const StartedRecord& started) {
    FenceReport report{FenceStrength::kCgroup, false, 0, {}};
    const std::string events = started.cgroup + "/cgroup.events";
    for (int i = 0; i < 2'000; ++i) {
        const std::string text = read_small(AT_FDCWD, events.c_str(), 4096);
        // Only an empty cgroup can have been removed.
        const bool removed = text.empty() && ::access(started.cgroup.c_str(), F_OK) != 0 && errno == ENOENT;
        if (removed || text.find("populated 0") != std::string::npos) {
            ::rmdir(started.cgroup.c_str());
            report.proven_dead = true;
            report.detail = "the cgroup is empty";
            return report;
        }
        if (i == 0) {
            report.killed = 1;
        }
        write_file(started.cgroup + "/cgroup.kill", "1");
        std::this_thread::sleep_for(milliseconds(5));
    }
    report.detail = "processes in the cgroup survived SIGKILL";
    return report;
}

FenceReport by_pid_namespace(const StartedRecord& started) {
    FenceReport report{FenceStrength::kPidns, false, 0, {}};
    const Fd init = open_process(started.waited);
    report.killed = signal_process(init, SIGKILL) ? 1 : 0;
    // The kernel lets the first process of a namespace end only after all others have.
    report.proven_dead = wait_gone(init, 10'000);
    report.detail = report.proven_dead ? "the PID namespace has ended" : "the PID namespace survived SIGKILL";
    return report;
}

// Environment of the processes that we may look into; a program that cleared its own is not found.
bool carries(int pid, const std::string& marker) {
    const std::string text =
        read_small(AT_FDCWD, ("/proc/" + std::to_string(pid) + "/environ").c_str(), 4U << 20U);
    std::size_t at = text.find(marker);
    while (at != std::string::npos) {
        const std::size_t end = at + marker.size();
        if ((at == 0 || text[at - 1] == '\0') && (end >= text.size() || text[end] == '\0')) {
            return true;
        }
        at = text.find(marker, at + 1);
    }
    return false;
}

int kill_marked(const std::string& marker) {
    int found = 0;
    for (const auto& p : all_processes()) {
        if (p.zombie || !carries(p.pid, marker)) {
            continue;
        }
        const Fd fd = open_process({p.pid, stat_field(p.pid, kStartTimeField)});
        if (fd && carries(p.pid, marker) && signal_process(fd, SIGKILL)) {
            ++found;
        }
    }
    return found;
}

FenceReport by_marker(const StartedRecord& started) {
    FenceReport report{FenceStrength::kWeak, false, 0, {}};
    const std::string marker = std::string(kMarkerVariable) + "=" + started.marker;
    if (signal_process(open_process(started.child), SIGKILL)) {
        ++report.killed;
    }
    // A process may fork between two looks: done after two in a row that found nothing.
    for (int clean = 0, i = 0; clean < 2 && i < 500; ++i) {
        const int found = kill_marked(marker);
        clean = found == 0 ? clean + 1 : 0;
        report.killed += found;
        if (found > 0) {
            std::this_thread::sleep_for(milliseconds(5));
        }
    }
    report.detail = "no process with the marker is left; one that cleared its environment would not be seen";
    return report;
}

// The supervisor died between making its cgroup and telling about it; the held child is gone or about to go.
void remove_unrecorded_cgroup(const std::string& dir) {
    const std::string path = read_small(AT_FDCWD, (dir + "/" + file::kCgroup).c_str(), 4096);
    if (path.find("/slipway-") == std::string::npos) {
        return;
    }
    for (int i = 0; i < 100 && ::rmdir(path.c_str()) != 0 && errno == EBUSY; ++i) {
        std::this_thread::sleep_for(milliseconds(2));
    }
}

Result<FenceReport> kill_what_is_left(const std::string& dir) {
    SLIPWAY_TRY(const auto started, read_started(dir));
    SLIPWAY_TRY(const auto exit, read_exit(dir));
    const FenceStrength strength = started ? started->fence : FenceStrength::kWeak;
    if (exit && exit->all_dead) {
        return FenceReport{exit->fence, true, 0, "the supervisor saw everything end"};
    }
    if (!started) {
        remove_unrecorded_cgroup(dir);
        return FenceReport{strength, true, 0, "the program was never started"};
    }
    if (started->boot_id != boot_id()) {
        return FenceReport{strength, true, 0, "the machine has restarted since"};
    }
    if (started->pid_namespace != namespace_of_self("pid")) {
        return FenceReport{FenceStrength::kWeak, false, 0, "it ran in another PID namespace"};
    }
    FenceReport report;
    if (started->fence == FenceStrength::kCgroup &&
        started->cgroup_namespace == namespace_of_self("cgroup")) {
        report = by_cgroup(*started);
    } else if (started->fence == FenceStrength::kPidns) {
        report = by_pid_namespace(*started);
    } else {
        report = by_marker(*started);
    }
    if (!exists(dir, file::kReleased)) {
        report.proven_dead = true;  // held at the pipe, it ends by itself without having executed anything
        report.detail = "the program was never released";
    }
    return report;
}

}  // namespace

Result<FenceReport> fence(const std::string& dir) {
    reap_supervisors();
    const Fd folder(::open(dir.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!folder) {
        if (errno == ENOENT) {
            return FenceReport{FenceStrength::kWeak, true, 0, "there is no attempt directory"};
        }
        return io_error("attempt directory " + dir);
    }
    const Fd lock(::openat(folder.get(), file::kLock, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!lock) {
        return io_error("lock of " + dir);
    }
    if (!displace_supervisor(dir, lock.get())) {
        return FenceReport{FenceStrength::kWeak, false, 0, "the supervisor could not be ended"};
    }
    // Under the lock: a supervisor that comes late finds the mark and goes.
    if (!exists(dir, file::kFenced) && !write_durably(folder.get(), file::kFenced, "fenced\n")) {
        return io_error("fence of " + dir);
    }
    return kill_what_is_left(dir);
}

}  // namespace slipway::process
