// Versions of charts and ranges of them, as Helm reads them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace slipway::artifact {

/// True when `text` is one version and not a range.
bool is_exact_version(std::string_view text);
/// The newest of `versions` that `range` allows ("^1.2", "~1.2.3", ">=1 <2", "1.x || 2.0.1", "1.0 - 1.4";
/// empty or "*": all). Pre-releases only where the range names one. Empty when there is none.
std::string newest_in_range(const std::vector<std::string>& versions, std::string_view range);

}  // namespace slipway::artifact
