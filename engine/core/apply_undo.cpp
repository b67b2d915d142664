// Events of a run that is being unwound.
#include "engine/core/apply_move.hpp"

namespace slipway::core::detail {
namespace {

Result<void> expect_turn(const Applied& a, StepIndex index) {
    const UndoState& undo = at(a, index).undo;
    if (!a.state.unwind.begun || undo.begun || undo.through || undo.wait != 0) {
        return misfit(a, ": it is not the turn of step \"" + a.workflow.step(index).id.str() + "\"");
    }
    return {};
}

/// The step is through: what it depends on waits for one less.
void pass(const Applied& a, StepIndex index) {
    change_step(a.workflow, a.state, index, [](StepState& step) { step.undo.through = true; });
    for (const StepIndex dependency : a.workflow.dependencies(index)) {
        --a.state.steps[dependency].undo.wait;
    }
}

}  // namespace

Result<void> apply_run_event(const Applied& a, const RunUndoAsked& e) {
    RunState& s = a.state;
    if (s.unwind.asked) {
        return misfit(a, ": it is being unwound already");
    }
    release_redo(a);
    s.unwind.asked = true;
    s.cancel_asked = true;
    s.stop_asked = false;
    s.cancel_by = e.by;
    s.cancel_note = e.note;
    s.paused = false;
    if (s.status != RunStatus::kBlocked) {
        set_status(a, RunStatus::kUnwinding);
    }
    return {};
}

Result<void> apply_run_event(const Applied& a, const UnwindBegan&) {
    const auto count = [&](StepStatus status) { return a.state.counts[static_cast<std::size_t>(status)]; };
    if (!a.state.unwind.asked || a.state.unwind.begun ||
        count(StepStatus::kRunning) + count(StepStatus::kInDoubt) + a.state.child_waits != 0) {
        return misfit(a, ": undoing cannot begin");
    }
    a.state.unwind.begun = true;
    for (StepIndex i = 0; i < a.state.steps.size(); ++i) {
        a.state.steps[i].undo.wait = static_cast<std::uint32_t>(a.workflow.dependents(i).size());
    }
    return {};
}

Result<void> apply_step_event(const Applied& a, const UndoPassed& e) {
    SLIPWAY_CHECK(expect_turn(a, e.step));
    if (can_be_undone(a.workflow.step(e.step), at(a, e.step))) {
        return misfit(a, ": the step is to be undone, not passed over");
    }
    pass(a, e.step);
    return {};
}

Result<void> apply_step_event(const Applied& a, const UndoReady& e) {
    const StepState& step = at(a, e.step);
    if (step.status == StepStatus::kUndoing && step.undo.phase == UndoPhase::kBackingOff) {
        move_undo(a, e.step, UndoPhase::kQueued, [](StepState&) {});
        return {};
    }
    SLIPWAY_CHECK(expect_turn(a, e.step));
    if (!can_be_undone(a.workflow.step(e.step), step)) {
        return misfit(a, ": there is nothing to undo");
    }
    return move(a, e.step, StepStatus::kUndoing, [](StepState& s) {
        s.undo.begun = true;
        s.undo.phase = UndoPhase::kQueued;
    });
}

Result<void> apply_step_event(const Applied& a, const UndoStarted& e) {
    const StepState& step = at(a, e.step);
    SLIPWAY_CHECK(expect(a, e.step, StepStatus::kUndoing));
    if (step.undo.phase != UndoPhase::kQueued || e.attempt != step.undo.attempt + 1 ||
        e.fence <= step.fence) {
        return misfit(a, ": attempt or fence do not follow the last attempt's");
    }
    move_undo(a, e.step, UndoPhase::kRunning, [&](StepState& s) {
        s.undo.attempt = e.attempt;
        s.fence = e.fence;
        s.attempt_deadline_ms = e.deadline_ms;
        s.evidence.clear();
    });
    return {};
}

Result<void> apply_step_event(const Applied& a, const UndoBackingOff& e) {
    if (at(a, e.step).undo.phase != UndoPhase::kRunning) {
        return misfit(a, ": no attempt to undo it is live");
    }
    move_undo(a, e.step, UndoPhase::kBackingOff, [&](StepState& s) {
        ++s.undo.failures;
        s.failure = e.failure;
        s.due_ms = e.due_ms;
    });
    return {};
}

Result<void> apply_step_event(const Applied& a, const StepUndone& e) {
    if (!at(a, e.step).undo.begun) {
        return misfit(a, ": it is not being undone");
    }
    SLIPWAY_CHECK(move(a, e.step, StepStatus::kUndone, [](StepState& s) {
        s.undo.phase = UndoPhase::kNone;
        s.failure = {};
        s.doubt.clear();
    }));
    pass(a, e.step);
    return {};
}

Result<void> apply_step_event(const Applied& a, const UndoLeft& e) {
    const StepState& step = at(a, e.step);
    const auto leave = [&](StepState& s) {
        s.undo.left = true;
        s.undo.begun = false;
        s.undo.phase = UndoPhase::kNone;
        s.undo.why = "left by " + e.by.name + (e.note.empty() ? "" : ": " + e.note);
    };
    if (a.state.unwind.asked && step.status == StepStatus::kFailed && step.undo.begun) {
        return move(a, e.step, StepStatus::kSucceeded, leave);
    }
    if (!a.state.unwind.asked || !can_be_undone(a.workflow.step(e.step), step)) {
        return misfit(a, ": there is nothing to leave");
    }
    change_step(a.workflow, a.state, e.step, leave);
    return {};
}

}  // namespace slipway::core::detail
