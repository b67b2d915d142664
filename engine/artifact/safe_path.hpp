// Paths that strangers give.
#pragma once

#include <string>
#include <string_view>

namespace slipway::artifact {

/// Normalises a relative path into `out` ("" for the top itself). False when it is absolute, holds `..` or a
/// NUL, or is longer than a path can be.
bool normal_inside(std::string_view path, std::string& out);

}  // namespace slipway::artifact
