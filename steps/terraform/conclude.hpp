// From what an apply did to how its step goes on.
#pragma once

#include <string>

#include "slipway/executor.hpp"
#include "steps/terraform/plan_mask.hpp"
#include "steps/terraform/settle.hpp"

namespace slipway::terraform {

/// Of an apply that succeeded, or of one that had nothing to do: outputs, state and resources as they stand
/// in the state.
Result<Outcome> success_of(std::string_view state_bytes, bool destroy);

/// Of a settled apply, in the process that waited for it. The journal goes to a blob where there is doubt.
Result<Outcome> outcome_of_settled(const Settled& settled, const ArmedFacts& facts, AttemptContext& context,
                                   const PlanMask& mask, const std::string& error_tail);

/// The same after a crash of the host: what ended badly is partial or not started rather than failed.
Result<Verdict> verdict_of_settled(const Settled& settled, const ArmedFacts& facts, AttemptContext& context,
                                   const PlanMask& mask, const std::string& error_tail);

}  // namespace slipway::terraform
