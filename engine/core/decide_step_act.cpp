// Acts of operators on one step: retry, skip, settle, redo. Carried out, or refused with the reason.
#include <algorithm>

#include "engine/core/closure.hpp"
#include "engine/core/counters.hpp"
#include "engine/core/decide_topics.hpp"

namespace slipway::core::detail {
namespace {

std::string name_of(StepStatus status) {
    return std::string(to_string(status));
}

bool is_approval(const StepSpec& spec) {
    return spec.type == StepType::kGate && spec.gate.kind == GateKind::kApproval;
}

/// Asked for again in this round they would be the same runs, which have ended.
bool has_spent_children(const StepState& step) {
    return std::any_of(step.resolutions.begin(), step.resolutions.end(), [](const Resolution& resolution) {
        return std::any_of(resolution.children.begin(), resolution.children.end(),
                           [](const ChildResult& child) { return child.status != RunStatus::kSucceeded; });
    });
}

/// What stands against any act but settle.
Refusal common_obstacle(const Transaction& t, StepIndex step) {
    if (t.state().cancel_asked) {
        return refused(t, step,
                       t.state().unwind.asked ? "the run is being unwound" : "the run is being cancelled");
    }
    if (t.step(step).held) {
        return refused(t, step, "it is about to get a new round", "wait until the round is open");
    }
    return std::nullopt;
}

}  // namespace

Refusal redo_obstacle(const Transaction& t, StepIndex root) {
    if (auto no = common_obstacle(t, root)) {
        return no;
    }
    for (const StepIndex i : redo_closure(t.workflow(), root)) {
        const StepStatus status = t.step(i).status;
        if (status == StepStatus::kInDoubt) {
            return refused(t, root, "no redo: \"" + t.spec(i).id.str() + "\" is in doubt", "settle it first");
        }
        if (status == StepStatus::kUndoing || status == StepStatus::kUndone) {
            return refused(t, root, "no redo: \"" + t.spec(i).id.str() + "\" is " + name_of(status));
        }
    }
    return std::nullopt;
}

Refusal retry_step(Transaction& t, StepIndex step, const RetryStep& act, const Principal& by) {
    if (t.state().unwind.asked) {
        return retry_undo(t, step, act, by);
    }
    if (auto no = common_obstacle(t, step)) {
        return no;
    }
    const StepState& s = t.step(step);
    if (s.status == StepStatus::kInDoubt) {
        return refused(t, step, "it is in doubt", "settle it first: say whether it succeeded");
    }
    const bool failed = s.status == StepStatus::kFailed;
    if (!failed && s.status != StepStatus::kBackingOff && !(s.status == StepStatus::kReady && s.missing)) {
        return refused(t, step, "only a failed step can be retried; it is " + name_of(s.status));
    }
    if (failed && (t.spec(step).retry_mode == RetryMode::kNewRound || has_spent_children(s))) {
        return redo_section(t, step, "retry by " + by.name + (act.note.empty() ? "" : ": " + act.note), by);
    }
    t.emit(StepRetried{step, by, act.note});
    t.arm(step, TimerKind::kStepDeadline, t.step(step).step_deadline_ms);
    return std::nullopt;
}

Refusal skip_step(Transaction& t, StepIndex step, const SkipStep& act, const Principal& by) {
    if (act.mode != SkipMode::kGoOn && act.mode != SkipMode::kSkip) {
        return usage_error(ErrorCode::kInvalidArgument,
                           place_of(t.workflow(), t.state(), step) + ": unknown way to skip");
    }
    if (t.state().unwind.asked) {
        return leave_step(t, step, act.note, by);
    }
    if (auto no = common_obstacle(t, step)) {
        return no;
    }
    const StepState& s = t.step(step);
    switch (s.status) {
        case StepStatus::kPending:
        case StepStatus::kReady:
        case StepStatus::kBackingOff:
        case StepStatus::kFailed:
            break;
        case StepStatus::kWaiting:
            if (s.wait_kind == WaitKind::kGate) {
                return refused(t, step, "it waits at a gate", "answer the gate with \"skip\"");
            }
            if (waits_for_children(s)) {
                return refused(t, step, "it waits for child runs", "cancel these: the step goes on without");
            }
            break;
        case StepStatus::kInDoubt:
            return refused(t, step, "it is in doubt", "settle it first: say whether it succeeded");
        case StepStatus::kRunning:
        case StepStatus::kUndoing:
            return refused(t, step, "it is " + name_of(s.status),
                           "wait until it has ended, or cancel the run");
        case StepStatus::kSucceeded:
        case StepStatus::kSkipped:
        case StepStatus::kCancelled:
        case StepStatus::kUndone:
            return refused(t, step, "it is " + name_of(s.status) + " already");
    }
    if (is_approval(t.spec(step)) && act.mode == SkipMode::kGoOn) {
        return refused(t, step,
                       "an approval cannot be passed over: what stands behind it would start without one",
                       "redo the section, or skip it with its dependents");
    }
    if (!t.spec(step).skippable && !is_approval(t.spec(step))) {
        return refused(t, step, "the workflow does not allow it to be skipped");
    }
    t.skip(step, act.mode, by, act.note);
    return std::nullopt;
}

Refusal settle_step(Transaction& t, StepIndex step, const SettleStep& act, const Principal& by) {
    const StepState& s = t.step(step);
    const bool failed = s.status == StepStatus::kFailed;
    if (!failed && s.status != StepStatus::kInDoubt) {
        return refused(t, step,
                       "only a step that failed or is in doubt can be settled; it is " + name_of(s.status));
    }
    if (s.undo.begun) {
        return settle_undo(t, step, act, by);
    }
    if (failed) {
        if (auto no = common_obstacle(t, step)) {
            return no;
        }
        if (!act.succeeded) {
            return refused(t, step, "it is recorded as failed already");
        }
    }
    if (act.succeeded && is_approval(t.spec(step))) {
        return refused(t, step, "an approval that was denied or has expired cannot be settled as given",
                       "redo the section: the gate asks again");
    }
    t.emit(StepSettled{step, act.succeeded, by, act.note});
    if (act.succeeded) {
        t.succeed(step, act.output);
        return std::nullopt;
    }
    StepFailure failure;
    failure.message = "settled as failed by " + by.name + (act.note.empty() ? "" : ": " + act.note);
    failure.detail = s.doubt;
    t.fail(step, std::move(failure));
    return std::nullopt;
}

Refusal redo_section(Transaction& t, StepIndex step, const std::string& why, const Principal& by) {
    if (auto no = redo_obstacle(t, step)) {
        return no;
    }
    t.ask_redo(step, why.empty() ? "asked for by " + by.name : why, by, false);
    return std::nullopt;
}

}  // namespace slipway::core::detail
