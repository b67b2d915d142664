// What is owed after a restart, and what each unfinished step waits for.
#include "engine/core/counters.hpp"
#include "engine/core/decide.hpp"
#include "engine/core/transaction.hpp"

namespace slipway::core {
namespace {

void arm(std::vector<Command>& owed, StepIndex step, TimerKind kind, TimeMs due_ms) {
    if (due_ms != 0) {
        owed.push_back(ArmTimer{step, kind, due_ms});
    }
}

bool has_step_deadline(StepStatus status) {
    return status == StepStatus::kReady || status == StepStatus::kRunning ||
           status == StepStatus::kBackingOff || status == StepStatus::kWaiting;
}

void owe_running(std::vector<Command>& owed, StepIndex i, const StepState& s) {
    owed.push_back(ReconcileAttempt{i, s.fence});
    if (s.cancel.reason == CancelReason::kNone) {
        arm(owed, i, TimerKind::kAttemptDeadline, s.attempt_deadline_ms);
    } else {
        arm(owed, i, TimerKind::kCancelEscalation, s.cancel.due_ms);
    }
}

void owe_step(const Workflow& workflow, const RunState& state, StepIndex i, std::vector<Command>& owed) {
    const StepState& s = state.steps[i];
    if (has_attempt(s)) {
        owe_running(owed, i, s);
    } else if (s.status == StepStatus::kUndoing && is_queued(s)) {
        if (!is_undo_held(state)) {
            owed.push_back(RequestPlace{i});
        }
    } else if (s.status == StepStatus::kReady && !s.held && !is_halted(state)) {
        if (takes_places(workflow.step(i))) {
            owed.push_back(RequestPlace{i});
        } else {
            owed.push_back(ResolveInput{i});
        }
    } else if (s.status == StepStatus::kBackingOff || s.undo.phase == UndoPhase::kBackingOff) {
        arm(owed, i, TimerKind::kBackOff, s.due_ms);
    } else if (s.status == StepStatus::kWaiting) {
        arm(owed, i, TimerKind::kWait, s.wait_kind == WaitKind::kTimer ? s.due_ms : 0);
        arm(owed, i, TimerKind::kGateExpiry, s.wait_kind == WaitKind::kGate ? s.expires_ms : 0);
        if (waits_for_children(s)) {
            owed.push_back(CheckChildren{i});
        }
    }
    if (has_step_deadline(s.status)) {
        arm(owed, i, TimerKind::kStepDeadline, s.step_deadline_ms);
    }
}

WakerKind waker_of_ready(const StepSpec& spec, const RunState& state, const StepState& step) {
    if (is_halted(state) || step.missing) {
        return WakerKind::kOperator;
    }
    if (takes_places(spec)) {
        return WakerKind::kTicket;
    }
    return spec.type == StepType::kTimer ? WakerKind::kTimer : WakerKind::kGate;
}

WakerKind waker_of_undo(const RunState& state, const StepState& step) {
    switch (step.undo.phase) {
        case UndoPhase::kQueued:
            return is_undo_held(state) || step.missing ? WakerKind::kOperator : WakerKind::kTicket;
        case UndoPhase::kRunning:
            return WakerKind::kAttempt;
        case UndoPhase::kBackingOff:
            return WakerKind::kTimer;
        case UndoPhase::kNone:
            break;
    }
    return WakerKind::kNone;
}

WakerKind waker_of_wait(WaitKind kind) {
    switch (kind) {
        case WaitKind::kGate:
            return WakerKind::kGate;
        case WaitKind::kTimer:
            return WakerKind::kTimer;
        case WaitKind::kChildRuns:
            return WakerKind::kChildRun;
    }
    return WakerKind::kNone;
}

}  // namespace

std::vector<Command> resume(const Workflow& workflow, const RunState& state) {
    std::vector<Command> owed;
    if (is_final(state.status)) {
        return owed;
    }
    if (!state.cancel_asked) {
        arm(owed, kNoStep, TimerKind::kRunDeadline, state.deadline_ms);
    }
    for (StepIndex i = 0; i < state.steps.size(); ++i) {
        owe_step(workflow, state, i, owed);
    }
    return owed;
}

WakerKind waker(const Workflow& workflow, const RunState& state, StepIndex step) {
    const StepState& s = state.steps[step];
    if (state.unwind.asked && !is_final(state.status) && can_be_undone(workflow.step(step), s)) {
        return WakerKind::kDependency;  // the end of what is live, then the undoing of its dependents
    }
    if (is_final(state.status) || is_settled(s.status)) {
        // A settled step of a closure is not finished, but it does not wait: its round ends with those that
        // do.
        return WakerKind::kNone;
    }
    if (s.status == StepStatus::kUndoing) {
        return waker_of_undo(state, s);
    }
    if (s.status == StepStatus::kRunning) {
        return WakerKind::kAttempt;
    }
    if (s.status == StepStatus::kInDoubt) {
        return WakerKind::kOperator;
    }
    if (waits_for_children(s)) {
        const bool stands = s.children.live() == 0 && is_halted(state);
        return stands ? WakerKind::kOperator : WakerKind::kChildRun;
    }
    if (s.held) {
        return state.redo_doubts != 0 ? WakerKind::kOperator : WakerKind::kAttempt;
    }
    switch (s.status) {
        case StepStatus::kPending:
            return WakerKind::kDependency;
        case StepStatus::kReady:
            return waker_of_ready(workflow.step(step), state, s);
        case StepStatus::kBackingOff:
            return WakerKind::kTimer;
        case StepStatus::kWaiting:
            return waker_of_wait(s.wait_kind);
        case StepStatus::kFailed:
            return state.cancel_asked && !s.undo.begun ? WakerKind::kNone : WakerKind::kOperator;
        default:
            return WakerKind::kNone;
    }
}

}  // namespace slipway::core
