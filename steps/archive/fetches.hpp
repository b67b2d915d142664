// What a tool would fetch from the network, told before it is run.
#pragma once

#include <string>
#include <vector>

#include "slipway/result.hpp"

namespace slipway::archive {

/// A file, or a place on this machine's own loopback.
bool is_on_this_machine(const std::string& place);
/// "redis from https://…": those of `missing` whose repositories are elsewhere, as Chart.yaml names them.
Result<std::vector<std::string>> chart_fetches(const std::string& chart,
                                               const std::vector<std::string>& missing);
/// What the kustomization in `folder`, and those below it, take from elsewhere. Nothing outside of `root` is
/// read.
Result<std::vector<std::string>> kustomize_fetches(const std::string& root, const std::string& folder);

}  // namespace slipway::archive
