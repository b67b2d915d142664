// What was built earlier, laid out for an attempt.
#pragma once

#include <string>

#include "slipway/steps/kubernetes.hpp"
#include "steps/process/tool_steps.hpp"

namespace slipway::kubernetes {

/// The folder, within that of the attempt, where the artifact "sha256:…" lies; laid out once.
Result<std::string> unpack_artifact(process::Tools& tools, const ClusterOptions& options,
                                    const std::string& artifact);

}  // namespace slipway::kubernetes
