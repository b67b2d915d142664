// Credentials for image tools.
#pragma once

#include <string>

#include "slipway/steps/build.hpp"

namespace slipway::image {

/// The content of an authentication file for one registry, which a tool reads from a descriptor; empty when
/// none is needed.
Result<std::string> login_file(const BuildOptions& options, const std::string& host);

}  // namespace slipway::image
