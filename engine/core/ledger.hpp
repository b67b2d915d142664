// What became of every step's effect in a run that is being or was unwound.
#pragma once

#include <string>
#include <vector>

#include "engine/core/state.hpp"

namespace slipway::core {

UndoEntry ledger_entry(const Workflow& workflow, const RunState& state, StepIndex step);
/// Every step, last one first; empty when the run is not unwound.
std::vector<UndoEntry> ledger(const Workflow& workflow, const RunState& state);
/// How the run ended: who unwound it, how much is undone, what is left and why.
std::string unwound_reason(const Workflow& workflow, const RunState& state);

}  // namespace slipway::core
