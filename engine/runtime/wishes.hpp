// What a step asks of admission, and what it waits for there, in the words of runs and steps.
#pragma once

#include "engine/runtime/shell.hpp"
#include "slipway/explain.hpp"

namespace slipway::runtime {

/// Overwrites `wish` whole; it may be used again and again.
void fill_wish(Shell& shell, const RunEntry& run, StepIndex step, core::Wish& wish);
/// What the step claims and does not have. For steps that are live.
std::optional<std::string> missing_claim(Shell& shell, const RunEntry& run, StepIndex step);
/// Does the step's progress decide when this section of its run ends?
core::Reaches reaches_of(Shell& shell);
/// The cycle in which the ticket waits; empty: none.
std::vector<DeadlockLink> deadlock_of(Shell& shell, const core::TicketKey& ticket);
/// "run a, step x waits for "l", which run b has; …"
std::string text_of(const std::vector<DeadlockLink>& cycle);
/// Adds what the step waits for at admission, and who has it; nothing when it does not.
void add_place_wait(Shell& shell, const Plan& plan, const core::RunState& state, StepExplanation& step);

}  // namespace slipway::runtime
