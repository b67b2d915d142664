// Private files that survive a crash: whole or not at all.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "slipway/result.hpp"

namespace slipway::lifecycle::files {

/// 0700, with its parents.
Result<void> make_dir(const std::string& path);
Result<std::string> read(const std::string& path);
/// 0600; written beside, synced, renamed, and the folder synced.
Result<void> write_atomic(const std::string& path, std::string_view bytes);
/// 0600; creates the file when absent. On an error the file is as long as before, or `broken` is set.
Result<void> append_synced(const std::string& path, std::string_view bytes, bool& broken);
Result<void> truncate(const std::string& path, std::size_t size);
/// 0600, synced; the folder is not.
Result<void> write_new(const std::string& path, std::string_view bytes);
Result<void> sync_dir(const std::string& path);
Result<void> rename(const std::string& from, const std::string& to);
Result<void> remove(const std::string& path);
void remove_all(const std::string& path);
/// Names of what is in a folder, sorted; hidden ones left out. Empty when it is not there.
std::vector<std::string> list(const std::string& path);
/// The same; an error when the folder cannot be read or is not there.
Result<std::vector<std::string>> list_all(const std::string& path);
bool exists(const std::string& path);

/// Holds a folder for this process. kLocked when another one has it. The file descriptor is closed by
/// `unlock`.
Result<int> lock(const std::string& path);
void unlock(int lock);

}  // namespace slipway::lifecycle::files
