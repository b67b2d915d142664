// What lies in an app's folder, looks like a part of the format and is not read.
#pragma once

#include <string_view>

#include "engine/app/table_check.hpp"

namespace slipway::app {

/// Says so of each. Call it when everything that keys name has been inlined.
void name_strangers(Reading& reading);
/// "nuon.shop.toml": the form with every section in one file.
bool is_single_file(std::string_view file);

}  // namespace slipway::app
