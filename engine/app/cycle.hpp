// Cycles among named things.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace slipway::app {

/// The first cycle as its path, the first name repeated at the end; empty when there is none.
std::vector<std::string> find_cycle(
    const std::map<std::string, std::vector<std::string>, std::less<>>& needs);
/// "a -> b -> a"
std::string show_path(const std::vector<std::string>& names);

}  // namespace slipway::app
