// Why a run or step is where it is: plain sentences made from its state.
#pragma once

#include "engine/core/admission.hpp"
#include "engine/core/state.hpp"
#include "slipway/explain.hpp"

namespace slipway::core {

/// `admission` adds the place in the queue; nullptr where it is not known.
StepExplanation explain_step(const Workflow& workflow, const RunState& state, StepIndex step,
                             const AdmissionState* admission = nullptr);
RunExplanation explain_run(const Workflow& workflow, const RunState& state,
                           const AdmissionState* admission = nullptr);

}  // namespace slipway::core
