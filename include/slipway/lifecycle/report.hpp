// Findings for other programs.
#pragma once

#include <string>
#include <vector>

#include "slipway/diagnostic.hpp"

namespace slipway::lifecycle {

/// SARIF 2.1.0, as code scanning and editors read it. Paths stay relative to the app's root; columns count
/// UTF-16 units, as the format wants. A rule is named after what its findings say, without the names in them.
std::string to_sarif(const std::vector<Diagnostic>& diagnostics);

}  // namespace slipway::lifecycle
