// A step carries 1 MiB. What an app says beyond that is named with its place, and hinders nothing else.
#pragma once

#include <string>

#include "slipway/lifecycle/build.hpp"
#include "slipway/lifecycle/generate.hpp"

namespace slipway::lifecycle {

/// "manifest.yaml:1:1, which has 2000000 bytes"; where the component stands when no text of it is long.
std::string heaviest_text(const Component& component);

/// Why a build does not fit into a step once its long text is in the store; empty when it does.
std::string too_long_to_build(const Component& component, const BuildInput& input);

/// Refuses what does not fit, all of it at once; `simulate`: long texts are left out instead, since nobody
/// reads them.
Result<void> fit_inputs(WorkflowSpec& spec, const AppConfig& config, bool simulate);

}  // namespace slipway::lifecycle
