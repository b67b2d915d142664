// What a host sees of a run: copies, without sensitive bytes.
#pragma once

#include "engine/core/state.hpp"

namespace slipway::core {

RunView view_run(const Workflow& workflow, const RunState& state);
StepView view_step(const Workflow& workflow, const RunState& state, StepIndex step);
/// Cost does not grow with the number of steps.
RunSummary summarize(const Workflow& workflow, const RunState& state);

}  // namespace slipway::core
