// The counters of RunState, kept by whoever changes a step: take the step out, change it, put it back.
#pragma once

#include "engine/core/state.hpp"

namespace slipway::core {

void count_out(const Workflow& workflow, RunState& state, StepIndex step);
void count_in(const Workflow& workflow, RunState& state, StepIndex step);
/// Counts `step`, which is step number `index` of the workflow, into the counters of `state`, wherever it
/// stands.
void count_step(const Workflow& workflow, RunState& state, StepIndex index, const StepState& step);

/// The dependents of such a step may go on.
inline bool satisfies(StepStatus status) {
    return status == StepStatus::kSucceeded || status == StepStatus::kSkipped;
}

/// An attempt of it is live, to do it or to undo it.
inline bool has_attempt(const StepState& step) {
    return step.status == StepStatus::kRunning ||
           (step.status == StepStatus::kUndoing && step.undo.phase == UndoPhase::kRunning);
}
inline bool waits_for_children(const StepState& step) {
    return step.status == StepStatus::kWaiting && step.wait_kind == WaitKind::kChildRuns;
}
/// Child runs of this round have ended otherwise than being unwound: what they did stands.
bool has_child_effects(const StepState& step);
/// It may start as soon as it has a place, to do it or to undo it.
inline bool is_queued(const StepState& step) {
    return step.status == StepStatus::kReady ||
           (step.status == StepStatus::kUndoing && step.undo.phase == UndoPhase::kQueued);
}
/// What it did can be taken back, and shall be.
inline bool can_be_undone(const StepSpec& spec, const StepState& step) {
    return step.status == StepStatus::kSucceeded && spec.has_undo && spec.type == StepType::kExecutor &&
           !step.undo.left;
}

/// Changes a step with the counters kept right.
template <class Change>
void change_step(const Workflow& workflow, RunState& state, StepIndex step, Change&& change) {
    count_out(workflow, state, step);
    change(state.steps[step]);
    count_in(workflow, state, step);
}

}  // namespace slipway::core
