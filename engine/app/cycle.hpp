// Cycles among named things.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace slipway::app {

using Needs = std::map<std::string, std::vector<std::string>, std::less<>>;

/// Circles, each as its path from its least name on, that name repeated at the end. Each need that lies on
/// any circle lies on one of these, as far as `most` of them go. What needs itself is no circle here.
std::vector<std::vector<std::string>> find_cycles(const Needs& needs, std::size_t most);
/// "a -> b -> a"
std::string show_path(const std::vector<std::string>& names);

}  // namespace slipway::app
