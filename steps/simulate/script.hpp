#pragma once

#include <string>

#include "slipway/steps/simulate.hpp"

namespace slipway::steps::simulate {

/// The rule that fits, with the script's delay filled in.
SimulationRule rule_for(const SimulationScript& script, const std::string& step, const std::string& kind);
FailureClass failure_class(const std::string& name);

}  // namespace slipway::steps::simulate
