// What events that move a step share.
#pragma once

#include "engine/core/apply.hpp"
#include "engine/core/backoff.hpp"
#include "engine/core/counters.hpp"

namespace slipway::core::detail {

inline StepState& at(const Applied& a, StepIndex step) {
    return a.state.steps[step];
}

Result<void> cannot_go(const Applied& a, StepIndex index, StepStatus to);
/// The dependents of a step that went from one status to the other know whether they wait for it.
void tell_dependents(const Applied& a, StepIndex index, StepStatus from, StepStatus to);
Result<void> expect(const Applied& a, StepIndex index, StepStatus status);
/// An attempt with this fence is live, to do the step or to undo it.
Result<void> expect_live(const Applied& a, StepIndex index, Fence fence);
/// Nothing of an ended attempt or wait may be asked for or reported any more.
void end_all(StepState& step);

/// Moves a step to `to` and lets `change` do the rest.
template <class Change>
Result<void> move(const Applied& a, StepIndex index, StepStatus to, Change&& change) {
    const StepStatus from = at(a, index).status;
    if (!can_follow(from, to)) {
        return cannot_go(a, index, to);
    }
    change_step(a.workflow, a.state, index, [&](StepState& step) {
        step.status = to;
        step.since_ms = a.at_ms;
        end_all(step);
        change(step);
    });
    tell_dependents(a, index, from, to);
    return {};
}

/// What became of the child runs that the step waited for; they are its no more.
std::vector<ChildResult> take_results(StepState& step);

/// The same within the undoing of a step.
template <class Change>
void move_undo(const Applied& a, StepIndex index, UndoPhase to, Change&& change) {
    change_step(a.workflow, a.state, index, [&](StepState& step) {
        step.undo.phase = to;
        step.since_ms = a.at_ms;
        end_all(step);
        change(step);
    });
}

}  // namespace slipway::core::detail
