#include "steps/process/supervise/fence.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <vector>

#include "steps/process/os.hpp"

namespace slipway::supervise {
namespace {

bool write_file(const std::string& path, std::string_view text) {
    const int fd = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
    if (fd < 0) {
        return false;
    }
    const bool ok = process::write_all(fd, text);
    ::close(fd);
    return ok;
}

// Where the second version is mounted: not always /sys/fs/cgroup.
std::string cgroup_mount() {
    const std::string mounts = process::read_small(AT_FDCWD, "/proc/self/mounts");
    std::size_t at = 0;
    while (at < mounts.size()) {
        std::size_t end = mounts.find('\n', at);
        if (end == std::string::npos) {
            end = mounts.size();
        }
        const std::string line = mounts.substr(at, end - at);
        at = end + 1;
        const auto a = line.find(' ');
        const auto b = a == std::string::npos ? a : line.find(' ', a + 1);
        if (b == std::string::npos || line.compare(b + 1, 8, "cgroup2 ") != 0) {
            continue;
        }
        return line.substr(a + 1, b - a - 1);
    }
    return {};
}

std::string own_cgroup() {
    const std::string text = process::read_small(AT_FDCWD, "/proc/self/cgroup");
    std::size_t at = text.rfind("0::", 0) == 0 ? 0 : text.find("\n0::");
    if (at == std::string::npos) {
        return {};
    }
    at = text.find("0::", at) + 3;
    const std::string path = text.substr(at, text.find('\n', at) - at);
    return path == "/" ? std::string() : path;
}

}  // namespace

const char* to_string(FenceKind kind) {
    switch (kind) {
        case FenceKind::kCgroup:
            return "cgroup";
        case FenceKind::kPidns:
            return "pidns";
        case FenceKind::kWeak:
            return "weak";
    }
    return "weak";
}

int kill_descendants(int signal) {
    const auto all = process::all_processes();
    std::vector<int> family{::getpid()};
    int found = 0;
    for (std::size_t i = 0; i < family.size(); ++i) {
        for (const auto& p : all) {
            if (p.parent != family[i]) {
                continue;
            }
            family.push_back(p.pid);
            if (p.zombie) {
                continue;
            }
            ++found;
            if (signal != 0) {
                ::kill(p.pid, signal);
            }
        }
    }
    return found;
}

int child_of(int parent) {
    for (const auto& p : process::all_processes()) {
        if (p.parent == parent) {
            return p.pid;
        }
    }
    return -1;
}

void Fence::open(const process::WireRequest& request) {
    kind_ = request.want_pidns ? FenceKind::kPidns : FenceKind::kWeak;
    if (!request.want_cgroup) {
        return;
    }
    const std::string mount = cgroup_mount();
    if (mount.empty()) {
        return;
    }
    const std::string parent = request.cgroup_parent.empty() ? mount + own_cgroup() : request.cgroup_parent;
    const std::string path = parent + "/slipway-" + request.marker;
    if (::mkdir(path.c_str(), 0755) != 0) {
        return;
    }
    // Before Linux 5.14 there is no cgroup.kill, and killing one by one can be outrun by a fork.
    if (::access((path + "/cgroup.kill").c_str(), W_OK) != 0) {
        ::rmdir(path.c_str());
        return;
    }
    path_ = path;
    kind_ = FenceKind::kCgroup;
}

bool Fence::enter(int pid) {
    if (kind_ != FenceKind::kCgroup) {
        return true;
    }
    if (write_file(path_ + "/cgroup.procs", std::to_string(pid))) {
        return true;
    }
    close();
    kind_ = FenceKind::kWeak;
    return false;
}

void Fence::kill_all() {
    if (kind_ == FenceKind::kCgroup) {
        write_file(path_ + "/cgroup.kill", "1");
    }
    // Children that left the cgroup (a root child can) are still our descendants: we are their subreaper.
    kill_descendants(SIGKILL);
}

bool Fence::settled() {
    siginfo_t info{};
    const bool childless = ::waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) != 0 && errno == ECHILD;
    if (!childless && kill_descendants(0) > 0) {
        return false;
    }
    if (kind_ != FenceKind::kCgroup) {
        return true;
    }
    return process::read_small(AT_FDCWD, (path_ + "/cgroup.events").c_str(), 4096).find("populated 0") !=
           std::string::npos;
}

void Fence::close() {
    if (!path_.empty()) {
        ::rmdir(path_.c_str());
    }
}

}  // namespace slipway::supervise
