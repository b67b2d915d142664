// What is asked of a workflow against what the workflow takes: nothing that was asked for is dropped.
#pragma once

#include <string>
#include <vector>

#include "slipway/lifecycle/generate.hpp"

namespace host {

/// kInvalidArgument when something is missing (with the names to choose from) or is of no use for this kind
/// of workflow: who says "web" must not get all of the app.
slipway::Result<void> check_request(const slipway::lifecycle::AppConfig& config,
                                    const slipway::lifecycle::Request& request);

/// "did you mean …", or the names that there are, or that there are none. `what` in the plural.
std::string names_hint(const std::string& word, const std::string& what,
                       const std::vector<std::string>& names);

}  // namespace host
