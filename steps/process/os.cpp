#include "steps/process/os.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

namespace slipway::process {

bool write_all(int fd, std::string_view data) {
    while (!data.empty()) {
        const ssize_t n = ::write(fd, data.data(), data.size());
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return false;
        }
        data.remove_prefix(static_cast<std::size_t>(n));
    }
    return true;
}

std::string read_small(int dir, const char* path, std::size_t limit) {
    const int fd = ::openat(dir, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0) {
        return {};
    }
    std::string out;
    char buffer[65536];
    while (out.size() < limit) {
        const ssize_t n = ::read(fd, buffer, sizeof buffer);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            break;
        }
        out.append(buffer, static_cast<std::size_t>(n));
    }
    ::close(fd);
    return out;
}

bool write_durably(int dir, const char* name, std::string_view data, void (*before_rename)()) {
    const std::string tmp = std::string(name) + ".tmp";
    const int fd = ::openat(dir, tmp.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) {
        return false;
    }
    bool ok = write_all(fd, data) && ::fsync(fd) == 0;
    ::close(fd);
    if (before_rename != nullptr) {
        before_rename();
    }
    ok = ok && ::renameat(dir, tmp.c_str(), dir, name) == 0;
    return ok && ::fsync(dir) == 0;
}

std::uint64_t stat_field(int pid, int number) {
    const std::string text = read_small(AT_FDCWD, ("/proc/" + std::to_string(pid) + "/stat").c_str(), 4096);
    // The second field, the program's name, may hold spaces and brackets; the last ')' ends it.
    std::size_t at = text.rfind(')');
    if (at == std::string::npos) {
        return 0;
    }
    ++at;
    for (int field = 2; at < text.size(); ++at) {
        if (text[at] == ' ' && ++field == number) {
            return std::strtoull(text.c_str() + at + 1, nullptr, 10);
        }
    }
    return 0;
}

std::string boot_id() {
    std::string id = read_small(AT_FDCWD, "/proc/sys/kernel/random/boot_id", 64);
    while (!id.empty() && id.back() == '\n') {
        id.pop_back();
    }
    return id;
}

std::string namespace_of_self(const char* kind) {
    char target[64];
    const ssize_t n = ::readlink((std::string("/proc/self/ns/") + kind).c_str(), target, sizeof target);
    return n > 0 ? std::string(target, static_cast<std::size_t>(n)) : std::string();
}

std::vector<ProcessEntry> all_processes() {
    std::vector<ProcessEntry> out;
    DIR* dir = ::opendir("/proc");
    if (dir == nullptr) {
        return out;
    }
    while (const dirent* entry = ::readdir(dir)) {
        const int pid = std::atoi(entry->d_name);
        if (pid <= 0) {
            continue;
        }
        const std::string text =
            read_small(AT_FDCWD, ("/proc/" + std::to_string(pid) + "/stat").c_str(), 4096);
        const std::size_t at = text.rfind(')');
        if (at == std::string::npos || at + 4 > text.size()) {
            continue;
        }
        out.push_back({pid, std::atoi(text.c_str() + at + 4), text[at + 2] == 'Z' || text[at + 2] == 'X'});
    }
    ::closedir(dir);
    return out;
}

}  // namespace slipway::process
