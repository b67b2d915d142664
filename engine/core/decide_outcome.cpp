// An attempt ended, recorded evidence, or was looked at after a crash.
#include <algorithm>

#include "engine/core/backoff.hpp"
#include "engine/core/counters.hpp"
#include "engine/core/decide_topics.hpp"
#include "engine/core/overload.hpp"

namespace slipway::core::detail {
namespace {

Refusal stale(const Transaction& t, StepIndex step, Fence fence) {
    const StepState& s = t.step(step);
    if (has_attempt(s) && s.fence == fence) {
        return std::nullopt;
    }
    const std::string now = has_attempt(s) ? "attempt " + std::to_string(s.fence) + " is the live one"
                                           : "the step is " + std::string(to_string(s.status)) +
                                                 ", last fence " + std::to_string(s.fence);
    return usage_error(ErrorCode::kStaleFence, place_of(t.workflow(), t.state(), step) + ": fence " +
                                                   std::to_string(fence) + " is not live: " + now);
}

bool past_deadline(const Transaction& t, StepIndex step) {
    const TimeMs deadline = t.step(step).step_deadline_ms;
    return deadline != 0 && t.now() >= deadline;
}

bool may_retry(const Transaction& t, StepIndex step, FailureClass failure) {
    const RetryPolicy& policy = t.spec(step).retry;
    const bool listed =
        std::find(policy.retry_on.begin(), policy.retry_on.end(), failure) != policy.retry_on.end();
    return listed && !past_deadline(t, step) && t.step(step).failures + 1 < policy.attempts_max;
}

bool has_rounds_left(const Transaction& t, StepIndex step) {
    return t.state().auto_rounds[t.workflow().section_of(step)] < t.workflow().spec().rounds_max;
}

StepFailure timed_out(const std::string& message) {
    StepFailure failure;
    failure.failure_class = FailureClass::kTimeout;
    failure.message = message.empty() ? "timed out" : "timed out: " + message;
    return failure;
}

void back_off(Transaction& t, StepIndex step, StepFailure failure) {
    const TimeMs due = after(t.now(), retry_delay(t.spec(step).retry, t.step(step).failures + 1,
                                                  failure.retry_after_ms, t.moment().random));
    t.emit(StepBackingOff{step, std::move(failure), due});
    t.arm(step, TimerKind::kBackOff, due);
    t.arm(step, TimerKind::kStepDeadline, t.step(step).step_deadline_ms);
}

void attempt_waits(Transaction& t, StepIndex step, const WaitFor& wait, const Digest& shown) {
    if (past_deadline(t, step)) {
        t.fail(step, timed_out("the step's time was over when it asked to wait"));
        return;
    }
    switch (wait.kind) {
        case WaitKind::kTimer: {
            const TimeMs due = after(t.now(), wait.delay_ms);
            t.emit(StepWaiting{step, WaitKind::kTimer, {}, {}, {}, due, 0});
            t.arm(step, TimerKind::kWait, due);
            return;
        }
        case WaitKind::kGate: {
            const TimeMs expires = wait.expires_after_ms <= 0 ? 0 : after(t.now(), wait.expires_after_ms);
            open_gate(t, step, StepWaiting{step, WaitKind::kGate, wait.gate, shown, wait.what, 0, expires},
                      false);
            return;
        }
        case WaitKind::kChildRuns:
            children_wait(t, step, wait);
            return;
    }
}

/// The attempt ended without having succeeded while the run or its section wanted it gone.
bool ends_cancelled(Transaction& t, StepIndex step) {
    if (t.state().cancel_asked) {
        const CancelReason asked =
            t.state().stop_asked ? CancelReason::kRunStopped : CancelReason::kRunCancelled;
        t.emit(StepCancelled{step, t.state().unwind.asked ? CancelReason::kRunUnwound : asked});
        return true;
    }
    if (t.step(step).held) {
        t.emit(StepCancelled{step, CancelReason::kRedo});
        return true;
    }
    return false;
}

void never_acted(Transaction& t, StepIndex step, Fence fence) {
    const bool undoing = t.step(step).undo.begun;
    if (!undoing && ends_cancelled(t, step)) {
        return;
    }
    if (t.step(step).cancel.reason == CancelReason::kTimeout) {
        undoing ? undo_failed(t, step, {}) : attempt_failed(t, step, {});
        return;
    }
    t.emit(AttemptVoided{step, fence, "found after a restart: it never acted"});
}

/// The time that nobody was there to see it end does not count against its grace.
void cancel_again(Transaction& t, StepIndex step, Fence fence) {
    const CancelState cancel = t.step(step).cancel;
    if (cancel.reason == CancelReason::kNone) {
        return;
    }
    t.command(CancelAttempt{step, fence, cancel.reason, cancel.forced});
    if (cancel.due_ms <= t.now()) {
        const Grace grace = t.moment().grace_of(step);
        const TimeMs due = after(t.now(), cancel.forced ? grace.force_ms : grace.cancel_ms);
        t.emit(CancelAsked{step, fence, cancel.reason, cancel.forced, due});
        t.arm(step, TimerKind::kCancelEscalation, due);
    }
}

void partly_done(Transaction& t, StepIndex step, const Partial& partial) {
    const std::string& why = partial.why;
    if (t.step(step).undo.begun) {
        undo_partly_done(t, step, why);
    } else if (t.state().cancel_asked) {
        StepFailure failure;
        failure.failure_class = FailureClass::kCrashed;
        failure.message = "it was partly done when the run was cancelled: " + why;
        t.fail(step, std::move(failure));
    } else if (partial.goes_on && t.step(step).cancel.reason == CancelReason::kNone) {
        if (!ends_cancelled(t, step)) {
            t.emit(AttemptVoided{step, t.step(step).fence, "partly done, another attempt goes on: " + why});
        }
    } else if (t.spec(step).section.empty()) {
        t.doubt(step, "it is partly done and has no section to be re-done with: " + why);
    } else if (!ends_cancelled(t, step)) {
        redo_or_fail(t, step, why);
    }
}

}  // namespace

void attempt_in_doubt(Transaction& t, StepIndex step, const InDoubt& doubt) {
    if (!doubt.evidence.bytes.empty()) {
        t.emit(EvidenceRecorded{step, t.step(step).fence, Evidence{"in_doubt", doubt.evidence}});
    }
    t.doubt(step, doubt.why);
}

void attempt_failed(Transaction& t, StepIndex step, StepFailure failure) {
    if (t.step(step).cancel.reason == CancelReason::kTimeout) {
        failure.failure_class = FailureClass::kTimeout;
        failure.message = timed_out(failure.message).message;
    }
    if (!may_retry(t, step, failure.failure_class)) {
        t.fail(step, std::move(failure));
        return;
    }
    if (t.spec(step).retry_mode == RetryMode::kSameRound) {
        back_off(t, step, std::move(failure));
        return;
    }
    if (!has_rounds_left(t, step)) {
        failure.message +=
            " (all " + std::to_string(t.workflow().spec().rounds_max) + " automatic rounds are used up)";
        t.fail(step, std::move(failure));
        return;
    }
    const std::string why = "retry of \"" + t.spec(step).id.str() + "\": " + failure.message;
    t.emit(StepFailed{step, std::move(failure)});
    t.ask_redo(step, why, engine_principal(), true);
}

void redo_or_fail(Transaction& t, StepIndex step, const std::string& why) {
    if (has_rounds_left(t, step) && !past_deadline(t, step)) {
        t.emit(StepCancelled{step, CancelReason::kRedo});
        t.ask_redo(step, why, engine_principal(), true);
        return;
    }
    StepFailure failure;
    failure.message = past_deadline(t, step) ? "it asked for a new round when its time was over: " + why
                                             : "it asked for a new round, and all " +
                                                   std::to_string(t.workflow().spec().rounds_max) +
                                                   " automatic rounds are used up: " + why;
    t.fail(step, std::move(failure));
}

void end_attempt(Transaction& t, StepIndex step, const Outcome& outcome, const Digest& shown) {
    if (t.step(step).undo.begun) {
        end_undo(t, step, outcome);
        return;
    }
    std::visit(Overload{[&](const Succeeded& o) { t.succeed(step, o.output); },
                        [&](const InDoubt& o) { attempt_in_doubt(t, step, o); },
                        [&](const Failed& o) {
                            if (!ends_cancelled(t, step)) {
                                attempt_failed(t, step, o.failure);
                            }
                        },
                        [&](const WaitFor& o) {
                            if (!ends_cancelled(t, step)) {
                                attempt_waits(t, step, o, shown);
                            }
                        },
                        [&](const Redo& o) {
                            if (!ends_cancelled(t, step)) {
                                redo_or_fail(t, step, o.why);
                            }
                        }},
               outcome);
}

Refusal on_reported(Transaction& t, const AttemptReported& input) {
    if (auto no = stale(t, input.step, input.fence)) {
        return no;
    }
    end_attempt(t, input.step, input.outcome, input.shown);
    return std::nullopt;
}

Refusal on_evidence(Transaction& t, const EvidenceReported& input) {
    if (auto no = stale(t, input.step, input.fence)) {
        return no;
    }
    t.emit(EvidenceRecorded{input.step, input.fence, input.evidence});
    return std::nullopt;
}

Refusal on_reconciled(Transaction& t, const AttemptReconciled& input) {
    if (auto no = stale(t, input.step, input.fence)) {
        return no;
    }
    const StepIndex step = input.step;
    std::visit(Overload{[&](const Finished& v) { end_attempt(t, step, v.outcome, input.shown); },
                        [&](const NotStarted&) { never_acted(t, step, input.fence); },
                        [&](const StillRunning&) { cancel_again(t, step, input.fence); },
                        [&](const Partial& v) { partly_done(t, step, v); },
                        [&](const InDoubt& v) { attempt_in_doubt(t, step, v); }},
               input.verdict);
    return std::nullopt;
}

}  // namespace slipway::core::detail
