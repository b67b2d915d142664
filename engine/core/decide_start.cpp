// A step may start: its place was granted and its input resolved. Or its executor is not there.
#include "engine/core/counters.hpp"
#include "engine/core/decide_topics.hpp"

namespace slipway::core::detail {
namespace {

/// The shell's grant may cross with a decision that no longer lets the step start: then the place goes back,
/// no more.
bool takes_place(Transaction& t, StepIndex step) {
    const StepState& s = t.step(step);
    const bool held_back =
        s.status == StepStatus::kUndoing ? is_undo_held(t.state()) : s.held || is_halted(t.state());
    if (is_queued(s) && !held_back) {
        return true;
    }
    if (takes_places(t.spec(step))) {
        t.command(ReturnPlace{step});
    }
    return false;
}

void start_attempt(Transaction& t, StepIndex step, Payload input) {
    const StepState& s = t.step(step);
    const DurationMs limit = t.spec(step).attempt_timeout_ms;
    const TimeMs deadline = limit == 0 ? 0 : after(t.now(), limit);
    const Fence fence = s.fence + 1;
    t.emit(AttemptStarted{step, s.round, s.attempt + 1, fence, std::move(input), deadline});
    t.command(StartAttempt{step, fence});
    t.arm(step, TimerKind::kAttemptDeadline, deadline);
}

void start_timer(Transaction& t, StepIndex step) {
    const TimeMs due = after(t.now(), t.spec(step).timer_delay_ms);
    t.emit(StepWaiting{step, WaitKind::kTimer, {}, {}, {}, due, 0});
    t.arm(step, TimerKind::kWait, due);
}

void start_gate(Transaction& t, StepIndex step, const ResolvedInput& resolved, const Digest& shown) {
    const DurationMs limit = t.spec(step).gate.expires_after_ms;
    const TimeMs expires = limit == 0 ? 0 : after(t.now(), limit);
    open_gate(t, step, StepWaiting{step, WaitKind::kGate, {}, shown, resolved.input, 0, expires},
              resolved.nothing_to_approve);
}

}  // namespace

Refusal on_admitted(Transaction& t, const StepAdmitted& input) {
    if (has_attempt(t.step(input.step))) {
        return refused(t, input.step, "it is running already");
    }
    if (!takes_place(t, input.step)) {
        return std::nullopt;
    }
    if (t.step(input.step).status == StepStatus::kUndoing) {
        start_undo(t, input.step);
        return std::nullopt;
    }
    if (!input.resolved) {
        StepFailure failure;
        failure.failure_class = FailureClass::kAuthoring;
        failure.message = input.resolved.error().message;
        failure.detail = input.resolved.error().hint;
        t.fail(input.step, std::move(failure));
        return std::nullopt;
    }
    switch (t.spec(input.step).type) {
        case StepType::kExecutor:
            start_attempt(t, input.step, input.resolved->input);
            break;
        case StepType::kGate:
            start_gate(t, input.step, *input.resolved, input.shown);
            break;
        case StepType::kTimer:
            start_timer(t, input.step);
            break;
    }
    return std::nullopt;
}

Refusal on_missing(Transaction& t, const ExecutorMissing& input) {
    // Of a gate or timer step it is the resolver that is not there.
    if (has_attempt(t.step(input.step)) || t.step(input.step).status == StepStatus::kWaiting) {
        return refused(t, input.step, "it does not wait for an executor to start");
    }
    if (!takes_place(t, input.step)) {
        return std::nullopt;
    }
    if (t.step(input.step).missing) {
        if (takes_places(t.spec(input.step))) {
            t.command(ReturnPlace{input.step});
        }
        return std::nullopt;
    }
    t.emit(ExecutorNotFound{input.step});
    return std::nullopt;
}

}  // namespace slipway::core::detail
