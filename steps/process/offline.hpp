// Tools of a host that is not to use the network.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "slipway/result.hpp"

namespace slipway::process {

/// kRefused when there is anything that would be fetched; all of it is named.
Result<void> refuse_fetches(const std::string& tool, const std::vector<std::string>& fetched);
/// For what could not be foreseen: proxies that lead nowhere (this machine itself can be reached), and no git
/// protocol but that of local repositories.
void go_offline(std::map<std::string, std::string>& env);

}  // namespace slipway::process
