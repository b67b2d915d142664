// What is refused before it is queued: arguments that cannot be meant.
#pragma once

#include <utility>

#include "slipway/run.hpp"

namespace slipway::runtime {

Result<void> check_start(const StartRequest& request, bool has_key);
Result<void> check_act(const RunId& run, const OperatorAct& act, bool has_key);
/// As the Authorizer knows it.
std::pair<const char*, StepId> name_of(const OperatorAct& act);

}  // namespace slipway::runtime
