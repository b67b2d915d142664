// Small files that nobody else may read.
#pragma once

#include <string>

#include "slipway/result.hpp"

namespace host {

/// A file of at most 1 MiB; kForbidden unless it is its user's (or root's) own and closed to everybody else.
slipway::Result<std::string> read_private_file(const std::string& path);

/// 0600. Whole or not at all, and durable when it returns: beside, synced, renamed, and the folder synced.
slipway::Result<void> write_private_file(const std::string& path, const std::string& bytes);

}  // namespace host
