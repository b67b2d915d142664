// What an attempt directory says, and the small acts on a live one.
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>

#include "steps/process/host.hpp"
#include "steps/process/os.hpp"
#include "steps/process/protocol.hpp"

namespace slipway::process {
namespace {

bool was_released(const ExitRecord& exit) {
    return exit.reason != "not_released" && exit.reason != "setup_failed";
}

void take_exit(Inspection& out, ExitRecord exit) {
    out.state = was_released(exit) ? AttemptState::kExited : AttemptState::kNeverStarted;
    out.fence = exit.fence;
    out.exit = std::move(exit);
}

}  // namespace

std::string_view to_string(FenceStrength strength) {
    switch (strength) {
        case FenceStrength::kWeak:
            return "weak";
        case FenceStrength::kPidns:
            return "pidns";
        case FenceStrength::kCgroup:
            return "cgroup";
    }
    return "unknown";
}

std::string_view to_string(AttemptState state) {
    switch (state) {
        case AttemptState::kNeverStarted:
            return "never_started";
        case AttemptState::kPrepared:
            return "prepared";
        case AttemptState::kRunning:
            return "running";
        case AttemptState::kExited:
            return "exited";
        case AttemptState::kCrashed:
            return "crashed";
    }
    return "unknown";
}

Result<Inspection> inspect(const std::string& dir) {
    Inspection out;
    SLIPWAY_TRY(const auto started, read_started(dir));
    if (started) {
        out.supervisor_pid = started->supervisor.pid;
        out.child_pid = started->child.pid;
        out.fence = started->fence;
    }
    SLIPWAY_TRY(auto exit, read_exit(dir));
    if (exit) {
        take_exit(out, std::move(*exit));
        return out;
    }
    if (probe_lock(dir) == LockState::kBusy) {
        out.state = exists(dir, file::kReleased) ? AttemptState::kRunning : AttemptState::kPrepared;
        return out;
    }
    // The lock is free: whatever the supervisor wrote, it wrote before. It may have ended since we looked.
    SLIPWAY_TRY(auto late, read_exit(dir));
    if (late) {
        take_exit(out, std::move(*late));
        return out;
    }
    out.state = exists(dir, file::kReleased) ? AttemptState::kCrashed : AttemptState::kNeverStarted;
    return out;
}

Result<void> cancel(const std::string& dir, StopMode mode) {
    const Fd fd(::open((dir + "/" + file::kControl).c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW));
    if (!fd) {
        if (errno == ENXIO || errno == ENOENT) {
            return usage_error(ErrorCode::kNotFound, "no supervisor listens in " + dir);
        }
        return io_error("control of " + dir);
    }
    struct stat st {};
    if (::fstat(fd.get(), &st) != 0 || !S_ISFIFO(st.st_mode)) {
        return environment_error(ErrorCode::kCorrupt, "control is no fifo in " + dir);
    }
    if (!write_all(fd.get(), mode == StopMode::kKill ? "kill\n" : "cancel\n")) {
        return io_error("control of " + dir);
    }
    return {};
}

Result<std::string> read_output(const std::string& dir, OutputStream stream, std::uint64_t offset,
                                std::size_t max_bytes) {
    const char* name = stream == OutputStream::kStdout ? "/stdout" : "/stderr";
    const Fd fd(::open((dir + name).c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    if (!fd) {
        if (errno == ENOENT) {
            return std::string();
        }
        return io_error("output of " + dir);
    }
    std::string out(std::min<std::size_t>(max_bytes, 16U << 20U), '\0');
    const ssize_t n = ::pread(fd.get(), out.data(), out.size(), static_cast<off_t>(offset));
    if (n < 0) {
        return io_error("output of " + dir);
    }
    out.resize(static_cast<std::size_t>(n));
    return out;
}

Result<std::optional<std::string>> newest_kept(const std::string& dir, const std::string& name) {
    const std::string folder = dir + "/" + file::kKept;
    const std::unique_ptr<DIR, int (*)(DIR*)> open(::opendir(folder.c_str()), ::closedir);
    std::string best;
    while (open) {
        const dirent* entry = ::readdir(open.get());
        if (entry == nullptr) {
            break;
        }
        const std::string_view found(entry->d_name);
        // Numbers have six digits or more; the longer one is the later one.
        if (found.size() <= name.size() + 1 || found.substr(0, name.size()) != name ||
            found[name.size()] != '.' ||
            found.find_first_not_of("0123456789", name.size() + 1) != std::string_view::npos) {
            continue;
        }
        if (found.size() > best.size() || (found.size() == best.size() && found > best)) {
            best = found;
        }
    }
    if (best.empty()) {
        return std::optional<std::string>();
    }
    return std::optional<std::string>(read_small(AT_FDCWD, (folder + "/" + best).c_str(), 256U << 20U));
}

}  // namespace slipway::process
