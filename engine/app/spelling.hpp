// "Did you mean": the nearest of the names that exist.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace slipway::app {

/// The candidate nearest to `word` when it is near enough to be a slip; empty otherwise.
std::string nearest(std::string_view word, const std::vector<std::string>& candidates);
/// "did you mean 'x'?", or empty.
std::string did_you_mean(std::string_view word, const std::vector<std::string>& candidates);
/// "did you mean 'x'?", or which ones there are, or that the app has none. `what` in the singular.
std::string known_names_hint(std::string_view word, std::string_view what,
                             const std::vector<std::string>& known);
/// "'a', 'b' or 'c'", at most `limit` of them.
std::string list_names(const std::vector<std::string>& names, std::size_t limit = 12);

}  // namespace slipway::app
