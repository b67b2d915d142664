// People who look at the runs: they answer gates, settle what is in doubt, retry, skip, pause, cancel, and
// now and then do something silly.
#pragma once

#include "slipway/engine.hpp"
#include "tests/simulation/engine/dice.hpp"

namespace slipway::simulation {

/// What somebody does about this run now; nothing when there is nothing to do. `calm`: only what brings the
/// run to its end.
std::optional<OperatorAct> act_on(const RunView& view, Dice& dice, const Faults& faults, bool calm);

/// A workflow of a few steps with all that a workflow may have; steps that start child runs if so `may_fan`.
Workflow some_workflow(Dice& dice, bool may_fan = true);

}  // namespace slipway::simulation
