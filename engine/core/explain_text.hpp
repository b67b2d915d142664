// The sentences of explain, one per situation.
#pragma once

#include "engine/core/admission.hpp"
#include "engine/core/state.hpp"

namespace slipway::core::detail {

std::string waits_for(const Workflow& workflow, const RunState& state, StepIndex step,
                      const AdmissionState* admission);
std::string comes_next(const Workflow& workflow, const RunState& state, StepIndex step);
/// Acts that advance() would not refuse for the step's status.
std::vector<std::string> step_acts(const Workflow& workflow, const RunState& state, StepIndex step);
std::vector<std::string> run_acts(const RunState& state);
std::string run_sentence(const Workflow& workflow, const RunState& state);

}  // namespace slipway::core::detail
