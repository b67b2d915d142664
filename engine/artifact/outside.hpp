// Names in the files of a build that point elsewhere.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "slipway/lifecycle/pins.hpp"

namespace slipway::artifact {

/// What the kustomization in `folder` and those below it take from elsewhere; nothing outside of `root` is
/// read. Without keys.
std::vector<lifecycle::Outside> remote_bases(const std::string& root, const std::string& folder);
/// Dependencies of the chart in `folder` that are neither in its charts/ nor locked. Without keys.
std::vector<lifecycle::Outside> open_dependencies(const std::string& folder);

}  // namespace slipway::artifact
