// Finding the programs that steps need.
#pragma once

#include "slipway/lifecycle/install.hpp"

namespace host {

/// Looks for terraform, helm, … in PATH and compares versions: the wanted one, or a later patch of the same
/// minor.
slipway::Result<slipway::lifecycle::ToolFound> check_tool(const slipway::lifecycle::ToolNeed& need);

}  // namespace host
