// Files of build records.
#pragma once

#include <string>
#include <string_view>

#include "slipway/lifecycle/artifact.hpp"

namespace slipway::artifact {

/// A name as the name of a folder; different names stay different.
std::string folder_name(std::string_view text);
Result<lifecycle::BuildRecord> read_record(const std::string& path);

}  // namespace slipway::artifact
