// What buildah keeps beside the image that it made.
#pragma once

#include <string>

#include "steps/process/tool_steps.hpp"

namespace slipway::image {

/// Removes buildah's storage in the attempt's folder, and that of earlier attempts of the step, which are
/// dead. Without root its files belong to ids that only buildah's own namespace can touch: there `buildah
/// unshare` removes them, as `run` says how to run it. What cannot be removed is logged.
void sweep_storage(process::Tools& tools, const process::ToolRun& run);

}  // namespace slipway::image
