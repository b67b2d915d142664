// What an image is built from: the source as git would say it, whoever's it is and whatever the umask was.
#pragma once

#include <string>

#include "slipway/result.hpp"

namespace slipway::image {

/// Copies `folder` to `copy`: folders and programs 0755, other files 0644, links as they are; what is neither
/// is left out. A copy that is there already is whole, and is kept: a program may be reading it. The folder
/// above `copy` should be private.
Result<void> copy_context(const std::string& folder, const std::string& copy);

}  // namespace slipway::image
