#include "engine/core/counters.hpp"

namespace slipway::core {
namespace {

void count(const Workflow& workflow, RunState& state, StepIndex index, const StepState& step,
           std::uint32_t by) {
    state.counts[static_cast<std::size_t>(step.status)] += by;
    const bool in_doubt = step.status == StepStatus::kInDoubt;
    const bool failed = step.status == StepStatus::kFailed && !step.held;
    if ((in_doubt || failed) && workflow.step(index).on_failure == FailurePolicy::kBlock) {
        state.blocking += by;
    }
    if (step.status == StepStatus::kWaiting && step.wait_kind == WaitKind::kGate) {
        state.gates_open += by;
    }
    if (step.status == StepStatus::kFailed && step.undo.begun) {
        state.unwind.failed += by;
    }
    if (step.undo.through) {
        state.unwind.through += by;
    }
    if (step.missing) {
        state.missing += by;
    }
    if (waits_for_children(step)) {
        state.child_waits += by;
    }
    if (step.held && (in_doubt || step.status == StepStatus::kRunning || waits_for_children(step))) {
        state.redo_live += by;
    }
    if (step.held && in_doubt) {
        state.redo_doubts += by;
    }
}

}  // namespace

// Unsigned arithmetic wraps, so adding the complement subtracts.
void count_out(const Workflow& workflow, RunState& state, StepIndex step) {
    count(workflow, state, step, state.steps[step], ~0U);
}
void count_in(const Workflow& workflow, RunState& state, StepIndex step) {
    count(workflow, state, step, state.steps[step], 1U);
}
void count_step(const Workflow& workflow, RunState& state, StepIndex index, const StepState& step) {
    count(workflow, state, index, step, 1U);
}

bool has_child_effects(const StepState& step) {
    for (const Resolution& resolution : step.resolutions) {
        for (const ChildResult& child : resolution.children) {
            if (child.status != RunStatus::kUnwound && child.reason != kNeverStarted) {
                return true;
            }
        }
    }
    return false;
}

}  // namespace slipway::core
