// Names in the files of a build that point elsewhere.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "slipway/lifecycle/pins.hpp"

namespace slipway::artifact {

/// Images that a Dockerfile builds on or copies from: no stage, not `scratch`, none by its digest. Variables
/// are filled in as far as ARG and `arguments` go; the others stay as they are written.
std::vector<std::string> base_images(std::string_view dockerfile,
                                     const std::map<std::string, std::string>& arguments);
/// What the kustomization in `folder` and those below it take from elsewhere; nothing outside of `root` is
/// read. Without keys.
std::vector<lifecycle::Outside> remote_bases(const std::string& root, const std::string& folder);
/// Dependencies of the chart in `folder` that are neither in its charts/ nor locked. Without keys.
std::vector<lifecycle::Outside> open_dependencies(const std::string& folder);

}  // namespace slipway::artifact
