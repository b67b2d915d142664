// From what an apply did to how its step goes on.
#pragma once

#include <string>

#include "slipway/executor.hpp"
#include "steps/terraform/preparation.hpp"
#include "steps/terraform/settle.hpp"

namespace slipway::terraform {

/// Of an apply that succeeded, or of one that had nothing to do: outputs, state and resources as they stand
/// in the state. Outputs that repeat a known secret are sensitive, and all are where the secrets are not
/// known.
Result<Outcome> success_of(std::string_view state_bytes, bool destroy, const Preparation& prep);

/// Of a settled apply, in the process that waited for it. The journal goes to a blob where there is doubt.
Result<Outcome> outcome_of_settled(const Settled& settled, const ArmedFacts& facts, const Preparation& prep,
                                   const std::string& error_tail);

/// The same after a crash of the host: what ended badly is partial or not started rather than failed.
Result<Verdict> verdict_of_settled(const Settled& settled, const ArmedFacts& facts, const Preparation& prep,
                                   const std::string& error_tail);

}  // namespace slipway::terraform
