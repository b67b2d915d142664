// Findings for other programs, and how they name what was probably meant.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "slipway/diagnostic.hpp"

namespace slipway::lifecycle {

/// SARIF 2.1.0, as code scanning and editors read it. Paths stay relative to the app's root; columns count
/// UTF-16 units, as the format wants. A rule is named after what its findings say, without the names in them.
std::string to_sarif(const std::vector<Diagnostic>& diagnostics);

/// "did you mean 'x'?" with the nearest of the names, or empty when none is near enough to be a slip.
std::string did_you_mean(std::string_view word, const std::vector<std::string>& names);

}  // namespace slipway::lifecycle
