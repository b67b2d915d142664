// Files of this room: private (0600, folders 0700), read with a limit, copied without following links out of
// a module.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "slipway/result.hpp"

namespace slipway::terraform {

inline constexpr std::size_t kMaxFile = 512ULL * 1024 * 1024;

/// kNotFound when there is no such file; kLimit above `limit`.
Result<std::string> read_file(const std::string& path, std::size_t limit = kMaxFile);
/// Replaces the file's content; not synced.
Result<void> write_file(const std::string& path, std::string_view bytes);
/// Creates `dir/name` with these bytes, durable on return. kAlreadyExists when there is one: exactly one of
/// several wins.
Result<void> create_durable(const std::string& dir, const std::string& name, std::string_view bytes);
/// All missing folders of the path, 0700.
Result<void> make_dirs(const std::string& path);
bool exists(const std::string& path);
/// Makes the folder (0700) unless the name is taken already, by whatever.
Result<void> take_name(const std::string& path);
void remove_tree(const std::string& path);
/// The same in one step for everybody who still means to use the path: it is gone before its first file is.
void discard_tree(const std::string& path);
std::vector<std::string> names_in(const std::string& dir);

/// Copies a module's folder without what an earlier use of Terraform may have left in it. A link that leads
/// out of it, or anything that is neither file, folder nor link, is an authoring error.
Result<void> copy_module(const std::string& from, const std::string& to);

std::string random_hex(std::size_t bytes);

}  // namespace slipway::terraform
