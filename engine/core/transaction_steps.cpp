// What decisions of several topics do to a step.
#include "engine/core/closure.hpp"
#include "engine/core/counters.hpp"
#include "engine/core/transaction.hpp"

namespace slipway::core {

void Transaction::make_ready(StepIndex index) {
    const StepState& s = step(index);
    if (s.status != StepStatus::kPending || s.unmet != 0 || s.held || state_.cancel_asked) {
        return;
    }
    emit(StepReady{index});
    arm(index, TimerKind::kStepDeadline, step(index).step_deadline_ms);
}

void Transaction::succeed(StepIndex index, Payload output) {
    emit(StepSucceeded{index, std::move(output)});
    for (const StepIndex dependent : workflow_.dependents(index)) {
        make_ready(dependent);
    }
}

bool Transaction::must_be_skipped(StepIndex index, SkipMode& mode) const {
    const auto dependencies = workflow_.dependencies(index);
    const auto kinds = workflow_.dependency_kinds(index);
    bool must = false;
    for (std::size_t i = 0; i < dependencies.size(); ++i) {
        const StepState& d = step(dependencies[i]);
        if (d.status != StepStatus::kSkipped) {
            continue;
        }
        if (d.skip_mode == SkipMode::kSkip) {
            mode = SkipMode::kSkip;
            return true;
        }
        must = must || kinds[i] == DependencyKind::kData;
    }
    return must;
}

void Transaction::skip_one(StepIndex index, SkipMode mode, const Principal& by, const std::string& reason,
                           std::vector<StepIndex>& skipped) {
    emit(StepSkipped{index, mode, by, reason});
    skipped.push_back(index);
}

void Transaction::skip(StepIndex index, SkipMode mode, const Principal& by, const std::string& reason) {
    std::vector<StepIndex> skipped;
    skip_one(index, mode, by, reason, skipped);
    for (std::size_t i = 0; i < skipped.size() && !decision_.refused; ++i) {
        for (const StepIndex dependent : workflow_.dependents(skipped[i])) {
            SkipMode next = SkipMode::kGoOn;
            if (step(dependent).status != StepStatus::kPending || step(dependent).held) {
                continue;
            }
            if (must_be_skipped(dependent, next)) {
                skip_one(dependent, next, by, "\"" + spec(skipped[i]).id.str() + "\" was skipped", skipped);
            } else {
                make_ready(dependent);
            }
        }
    }
}

void Transaction::obey_policy(StepIndex index) {
    if (spec(index).on_failure == FailurePolicy::kStop && !state_.cancel_asked && !step(index).held) {
        cancel_run(engine_principal(), true,
                   "step \"" + spec(index).id.str() + "\" failed and its policy is to stop");
    }
}

void Transaction::fail(StepIndex index, StepFailure failure) {
    emit(StepFailed{index, std::move(failure)});
    obey_policy(index);
}

void Transaction::doubt(StepIndex index, std::string reason) {
    emit(StepInDoubt{index, std::move(reason)});
    obey_policy(index);
}

void Transaction::ask_cancel(StepIndex index, CancelReason reason) {
    const StepState& s = step(index);
    if (s.status != StepStatus::kRunning || s.cancel.reason != CancelReason::kNone) {
        return;
    }
    const Fence fence = s.fence;
    const TimeMs due = after(now(), moment_.grace_of(index).cancel_ms);
    emit(CancelAsked{index, fence, reason, false, due});
    command(CancelAttempt{index, fence, reason, false});
    arm(index, TimerKind::kCancelEscalation, due);
}

void Transaction::ask_redo(StepIndex root, std::string why, const Principal& by, bool automatic) {
    emit(RedoAsked{root, std::move(why), by, automatic});
    for (const StepIndex i : redo_closure(workflow_, root)) {
        ask_cancel(i, CancelReason::kRedo);
    }
}

void Transaction::cancel_run(const Principal& by, bool stop, std::string note) {
    emit(RunCancelAsked{by, stop, std::move(note)});
    const CancelReason reason = stop ? CancelReason::kRunStopped : CancelReason::kRunCancelled;
    for (StepIndex i = 0; i < state_.steps.size(); ++i) {
        switch (step(i).status) {
            case StepStatus::kPending:
            case StepStatus::kReady:
            case StepStatus::kBackingOff:
            case StepStatus::kWaiting:
                emit(StepCancelled{i, reason});
                break;
            case StepStatus::kRunning:
                ask_cancel(i, reason);
                break;
            default:
                break;
        }
    }
}

}  // namespace slipway::core
