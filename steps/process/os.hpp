// Small doors to the operating system that the supervisor and its client share. Linux; no third party, no
// exceptions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace slipway::process {

/// Writes all of it; false with errno set.
bool write_all(int fd, std::string_view data);

/// A small file's content; empty when it cannot be read. `dir` is a directory descriptor or AT_FDCWD.
std::string read_small(int dir, const char* path, std::size_t limit = 1U << 20U);

/// name.tmp, fsync, rename, fsync of the directory. `before_rename` is a fault point (may be null).
bool write_durably(int dir, const char* name, std::string_view data, void (*before_rename)() = nullptr);

/// Field `number` (from 3, as in proc(5)) of /proc/PID/stat when it is a number; 0 when there is no such
/// process.
std::uint64_t stat_field(int pid, int number);
inline constexpr int kStartTimeField = 22;

struct ProcessEntry {
    int pid = 0;
    int parent = 0;
    bool zombie = false;
};
std::vector<ProcessEntry> all_processes();

std::string boot_id();
/// E.g. "pid:[4026531836]".
std::string namespace_of_self(const char* kind);

}  // namespace slipway::process
