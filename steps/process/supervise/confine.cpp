#include "steps/process/supervise/confine.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <set>

namespace slipway::supervise {
namespace {

// Of the kernel's interface, by its version: the headers that we are built with may be older than the kernel.
constexpr std::uint64_t kFileRights = 1U << 0U | 1U << 1U | 1U << 2U;  // execute, write, read
constexpr std::uint64_t kRefer = 1U << 13U;
constexpr std::uint64_t kTruncate = 1U << 14U;
constexpr std::uint64_t kIoctl = 1U << 15U;
constexpr std::uint64_t kFirstRights = (1U << 13U) - 1;
constexpr std::uint64_t kScopes = 1U << 0U | 1U << 1U;  // abstract sockets, signals

struct Attributes {  // landlock_ruleset_attr as of version 6
    std::uint64_t fs = 0;
    std::uint64_t net = 0;
    std::uint64_t scoped = 0;
};

struct Rights {
    std::uint64_t all = 0;
    std::uint64_t of_files = 0;
};

Rights rights_of(long version) {
    Rights rights{kFirstRights, kFileRights};
    rights.all |= version >= 2 ? kRefer : 0;
    rights.all |= version >= 3 ? kTruncate : 0;
    rights.all |= version >= 5 ? kIoctl : 0;
    rights.of_files |= (kTruncate | kIoctl) & rights.all;
    return rights;
}

bool is_below(const std::string& path, const std::string& folder) {
    return path.size() > folder.size() && path.compare(0, folder.size(), folder) == 0 &&
           (folder == "/" || path[folder.size()] == '/');
}

class Ruleset {
public:
    Ruleset(int fd, Rights rights) : fd_(fd), rights_(rights) {}

    bool allow(const std::string& path) {
        const int file = ::open(path.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC);
        if (file < 0) {
            return true;  // gone meanwhile
        }
        struct stat st {};
        ::fstat(file, &st);
        // What a link leads to counts by where it lies, and a link itself needs no rule.
        bool done = S_ISLNK(st.st_mode);
        if (!done) {
            landlock_path_beneath_attr rule{};
            rule.allowed_access = S_ISDIR(st.st_mode) ? rights_.all : rights_.of_files;
            rule.parent_fd = file;
            done = ::syscall(SYS_landlock_add_rule, fd_, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) == 0;
        }
        ::close(file);
        return done;
    }

    /// Everything in `folder`, but nothing of what is hidden.
    bool allow_around(const std::string& folder, const std::vector<std::string>& hidden) {
        DIR* dir = ::opendir(folder.c_str());
        if (dir == nullptr) {
            return true;
        }
        bool done = true;
        for (const dirent* entry = ::readdir(dir); entry != nullptr && done; entry = ::readdir(dir)) {
            const std::string name = entry->d_name;
            if (name == "." || name == "..") {
                continue;
            }
            const std::string path = (folder == "/" ? "" : folder) + "/" + name;
            const auto leads = [&](const std::string& h) { return is_below(h, path); };
            if (std::find(hidden.begin(), hidden.end(), path) != hidden.end()) {
                continue;
            }
            done =
                std::any_of(hidden.begin(), hidden.end(), leads) ? allow_around(path, hidden) : allow(path);
        }
        ::closedir(dir);
        return done;
    }

private:
    int fd_;
    Rights rights_;
};

// Links on the way would leave what they lead to in reach.
std::vector<std::string> real_paths(const std::vector<std::string>& paths) {
    std::set<std::string> out;
    for (const auto& path : paths) {
        char* real = ::realpath(path.c_str(), nullptr);
        if (real != nullptr && std::string(real) != "/") {
            out.insert(real);
        }
        ::free(real);
    }
    return {out.begin(), out.end()};
}

}  // namespace

int confinement(const std::vector<std::string>& hidden, const std::vector<std::string>& shown) {
    const auto folders = real_paths(hidden);
    const long version = ::syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
    if (folders.empty() || version < 1) {
        return -1;
    }
    const Rights rights = rights_of(version);
    const Attributes attributes{rights.all, 0, version >= 6 ? kScopes : 0};
    const std::size_t size = version >= 6 ? sizeof attributes : version >= 4 ? 16 : 8;
    const int fd = static_cast<int>(::syscall(SYS_landlock_create_ruleset, &attributes, size, 0));
    if (fd < 0) {
        return -1;
    }
    Ruleset ruleset(fd, rights);
    bool done = ruleset.allow_around("/", folders);
    for (const auto& path : real_paths(shown)) {
        done = done && ruleset.allow(path);
    }
    if (!done) {
        ::close(fd);
        return -1;
    }
    return fd;
}

bool enter_confinement(int ruleset) {
    // Root gets back at exec what is in its bounding set. With these it could read the memory of processes
    // outside (the kernel asks nobody else then), load code into the kernel or write to devices.
    constexpr int kWaysOut[] = {16, 17, 19, 21,
                                32, 33, 38, 39};  // SYS_MODULE, SYS_RAWIO, SYS_PTRACE, SYS_ADMIN,
                                                  // MAC_OVERRIDE, MAC_ADMIN, PERFMON, BPF
    for (const int capability : kWaysOut) {
        if (::prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) != 0 && ::geteuid() == 0 && errno != EINVAL) {
            return false;
        }
    }
    return ::syscall(SYS_landlock_restrict_self, ruleset, 0) == 0;
}

}  // namespace slipway::supervise
