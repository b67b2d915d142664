// A timer fired. One whose due time is not the one that stands is stale and decides nothing.
#include "engine/core/counters.hpp"
#include "engine/core/decide_topics.hpp"

namespace slipway::core::detail {
namespace {

void wait_over(Transaction& t, StepIndex step) {
    if (t.spec(step).type == StepType::kTimer) {
        t.succeed(step, {});
        return;
    }
    t.emit(WaitResolved{step, Resolution{WaitKind::kTimer, {}, {}, slipway::Decision::kApprove}});
}

void gate_expired(Transaction& t, StepIndex step) {
    StepFailure failure;
    failure.failure_class = FailureClass::kExpired;
    failure.message = "nobody decided in time";
    t.fail(step, std::move(failure));
}

void step_too_late(Transaction& t, StepIndex step) {
    const StepStatus status = t.step(step).status;
    if (status == StepStatus::kRunning) {
        t.ask_cancel(step, CancelReason::kTimeout);
        return;
    }
    if (waits_for_children(t.step(step))) {
        t.end_children(step, CancelReason::kTimeout);
        return;
    }
    if (status != StepStatus::kReady && status != StepStatus::kBackingOff && status != StepStatus::kWaiting) {
        return;
    }
    StepFailure failure;
    failure.failure_class = FailureClass::kTimeout;
    failure.message = "the step did not succeed within " + std::to_string(t.spec(step).step_timeout_ms) +
                      " ms; it was " + std::string(to_string(status));
    t.fail(step, std::move(failure));
}

void escalate(Transaction& t, StepIndex step) {
    const CancelState cancel = t.step(step).cancel;
    const Fence fence = t.step(step).fence;
    if (cancel.forced) {
        t.doubt(step, "the attempt did not end when it was cancelled by force");
        return;
    }
    const TimeMs due = after(t.now(), t.moment().grace_of(step).force_ms);
    t.emit(CancelAsked{step, fence, cancel.reason, true, due});
    t.command(CancelAttempt{step, fence, cancel.reason, true});
    t.arm(step, TimerKind::kCancelEscalation, due);
}

void run_too_late(Transaction& t) {
    t.cancel_run(Principal{"deadline", {}}, true,
                 "the run did not end within " + std::to_string(t.workflow().spec().run_timeout_ms) + " ms");
}

bool stands(const StepState& s, const TimerFired& timer) {
    switch (timer.kind) {
        case TimerKind::kBackOff:
            return (s.status == StepStatus::kBackingOff || s.undo.phase == UndoPhase::kBackingOff) &&
                   s.due_ms == timer.due_ms && !s.held;
        case TimerKind::kWait:
            return s.status == StepStatus::kWaiting && s.wait_kind == WaitKind::kTimer &&
                   s.due_ms == timer.due_ms && !s.held;
        case TimerKind::kGateExpiry:
            return s.status == StepStatus::kWaiting && s.wait_kind == WaitKind::kGate &&
                   s.expires_ms == timer.due_ms && s.expires_ms != 0 && !s.held;
        case TimerKind::kAttemptDeadline:
            return has_attempt(s) && s.attempt_deadline_ms == timer.due_ms && timer.due_ms != 0;
        case TimerKind::kStepDeadline:
            return s.step_deadline_ms == timer.due_ms && timer.due_ms != 0 && !s.held;
        case TimerKind::kCancelEscalation:
            return has_attempt(s) && s.cancel.reason != CancelReason::kNone &&
                   s.cancel.due_ms == timer.due_ms;
        case TimerKind::kRunDeadline:
            break;
    }
    return false;
}

}  // namespace

Refusal on_timer(Transaction& t, const TimerFired& input) {
    if (input.kind == TimerKind::kRunDeadline) {
        const RunState& s = t.state();
        if (s.deadline_ms != 0 && s.deadline_ms == input.due_ms && !s.cancel_asked && !is_final(s.status)) {
            run_too_late(t);
        }
        return std::nullopt;
    }
    if (!stands(t.step(input.step), input)) {
        return std::nullopt;
    }
    switch (input.kind) {
        case TimerKind::kBackOff:
            if (t.step(input.step).undo.begun) {
                t.emit(UndoReady{input.step});
            } else {
                t.emit(StepReady{input.step});
            }
            break;
        case TimerKind::kWait:
            wait_over(t, input.step);
            break;
        case TimerKind::kGateExpiry:
            gate_expired(t, input.step);
            break;
        case TimerKind::kAttemptDeadline:
            t.ask_cancel(input.step, CancelReason::kTimeout);
            break;
        case TimerKind::kStepDeadline:
            step_too_late(t, input.step);
            break;
        case TimerKind::kCancelEscalation:
            escalate(t, input.step);
            break;
        case TimerKind::kRunDeadline:
            break;
    }
    return std::nullopt;
}

}  // namespace slipway::core::detail
