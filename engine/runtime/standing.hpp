// How a run stands with this host: what the core says, and what is missing here. An interrupted attempt that
// no executor of this host can look at keeps its run from moving; nothing of that is recorded, for the next
// open may bring the executor.
#pragma once

#include "engine/runtime/run_table.hpp"

namespace slipway::runtime {

/// "blocked" for a run of which only such attempts are left.
RunStatus standing(const Plan& plan, const core::RunState& state);
/// The same, with the reason.
void add_standing(const Plan& plan, const core::RunState& state, RunSummary& summary);
/// Of the step too: its waker is the operator.
void add_standing(const Plan& plan, const core::RunState& state, RunView& view);
/// What such a step waits for; empty for any other.
std::string missing_executor_text(const Plan& plan, const core::RunState& state, StepIndex step);

}  // namespace slipway::runtime
