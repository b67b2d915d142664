// A run that is being unwound: how an attempt to undo a step begins and ends, and what operators may say.
#include <algorithm>

#include "engine/core/backoff.hpp"
#include "engine/core/counters.hpp"
#include "engine/core/decide_topics.hpp"
#include "engine/core/overload.hpp"

namespace slipway::core::detail {
namespace {

bool may_retry(const Transaction& t, StepIndex step, FailureClass failure) {
    const RetryPolicy& policy = t.spec(step).retry;
    return std::find(policy.retry_on.begin(), policy.retry_on.end(), failure) != policy.retry_on.end() &&
           t.step(step).undo.failures + 1 < policy.attempts_max;
}

StepFailure not_possible(const std::string& what) {
    StepFailure failure;
    failure.message = "an undo cannot " + what;
    return failure;
}

}  // namespace

Refusal undo_run(Transaction& t, const std::string& note, const Principal& by) {
    if (t.state().unwind.asked) {
        return refused(t, "it is being unwound already", "retry, settle or leave the steps that are stuck");
    }
    t.unwind(by, note);
    return std::nullopt;
}

void start_undo(Transaction& t, StepIndex step) {
    const StepState& s = t.step(step);
    const DurationMs limit = t.spec(step).attempt_timeout_ms;
    const TimeMs deadline = limit == 0 ? 0 : after(t.now(), limit);
    const Fence fence = s.fence + 1;
    t.emit(UndoStarted{step, s.undo.attempt + 1, fence, deadline});
    t.command(StartAttempt{step, fence});
    t.arm(step, TimerKind::kAttemptDeadline, deadline);
}

void undo_failed(Transaction& t, StepIndex step, StepFailure failure) {
    if (t.step(step).cancel.reason == CancelReason::kTimeout) {
        failure.failure_class = FailureClass::kTimeout;
        failure.message = failure.message.empty() ? "timed out" : "timed out: " + failure.message;
    }
    failure.in_undo = true;
    if (!may_retry(t, step, failure.failure_class)) {
        t.emit(StepFailed{step, std::move(failure)});
        return;
    }
    const TimeMs due = after(t.now(), retry_delay(t.spec(step).retry, t.step(step).undo.failures + 1,
                                                  failure.retry_after_ms, t.moment().random));
    t.emit(UndoBackingOff{step, std::move(failure), due});
    t.arm(step, TimerKind::kBackOff, due);
}

void end_undo(Transaction& t, StepIndex step, const Outcome& outcome) {
    std::visit(Overload{[&](const Succeeded&) { t.undone(step); },
                        [&](const InDoubt& o) { attempt_in_doubt(t, step, o); },
                        [&](const Failed& o) { undo_failed(t, step, o.failure); },
                        [&](const WaitFor&) { undo_failed(t, step, not_possible("wait")); },
                        [&](const Redo&) { undo_failed(t, step, not_possible("ask for a new round")); }},
               outcome);
}

void undo_partly_done(Transaction& t, StepIndex step, const std::string& why) {
    StepFailure failure;
    failure.failure_class = FailureClass::kCrashed;
    failure.message = "it was partly undone: " + why;
    undo_failed(t, step, std::move(failure));
}

Refusal leave_step(Transaction& t, StepIndex step, const std::string& note, const Principal& by) {
    const StepState& s = t.step(step);
    if (s.status == StepStatus::kInDoubt) {
        return refused(t, step, "it is in doubt", "settle it first: say whether it was undone");
    }
    const bool stranded = is_queued(s) && s.missing;
    if (s.status == StepStatus::kUndoing && !stranded) {
        return refused(t, step, "it is being undone", "wait until it has ended");
    }
    if (stranded) {
        StepFailure failure;
        failure.in_undo = true;
        failure.message = "its executor is not there";
        t.emit(StepFailed{step, std::move(failure)});
    }
    const bool failed = s.status == StepStatus::kFailed && s.undo.begun;
    if (!failed && !can_be_undone(t.spec(step), s)) {
        return refused(
            t, step,
            "there is nothing to undo, so nothing to leave; it is " + std::string(to_string(s.status)));
    }
    t.emit(UndoLeft{step, by, note});
    t.go_on_undoing(step);
    return std::nullopt;
}

Refusal settle_undo(Transaction& t, StepIndex step, const SettleStep& act, const Principal& by) {
    const bool failed = t.step(step).status == StepStatus::kFailed;
    if (failed && !act.succeeded) {
        return refused(t, step, "its undo is recorded as failed already");
    }
    t.emit(StepSettled{step, act.succeeded, by, act.note});
    if (act.succeeded) {
        t.undone(step);
        return std::nullopt;
    }
    StepFailure failure;
    failure.in_undo = true;
    failure.message = "settled as not undone by " + by.name + (act.note.empty() ? "" : ": " + act.note);
    failure.detail = t.step(step).doubt;
    t.emit(StepFailed{step, std::move(failure)});
    return std::nullopt;
}

Refusal retry_undo(Transaction& t, StepIndex step, const RetryStep& act, const Principal& by) {
    const StepState& s = t.step(step);
    if (s.status == StepStatus::kInDoubt) {
        return refused(t, step, "it is in doubt", "settle it first: say whether it was undone");
    }
    const bool failed = s.status == StepStatus::kFailed && s.undo.begun;
    if (!failed && s.undo.phase != UndoPhase::kBackingOff && !(is_queued(s) && s.missing)) {
        return refused(t, step,
                       "the run is being unwound: only an undo that failed can be retried; it is " +
                           std::string(to_string(s.status)));
    }
    t.emit(StepRetried{step, by, act.note});
    return std::nullopt;
}

}  // namespace slipway::core::detail
