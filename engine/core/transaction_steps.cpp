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
    if (state_.cancel_asked || step(index).held) {
        return;
    }
    const std::string failed = "step \"" + spec(index).id.str() + "\" failed and its policy is to ";
    if (spec(index).on_failure == FailurePolicy::kStop) {
        cancel_run(engine_principal(), true, failed + "stop");
    } else if (spec(index).on_failure == FailurePolicy::kUndo) {
        unwind(engine_principal(), failed + "undo");
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
    if (!has_attempt(s) || s.cancel.reason != CancelReason::kNone) {
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
        end_children(i, CancelReason::kRedo);
    }
}

void Transaction::cancel_run(const Principal& by, bool stop, std::string note) {
    emit(RunCancelAsked{by, stop, std::move(note)});
    end_open_steps(stop ? CancelReason::kRunStopped : CancelReason::kRunCancelled);
}

void Transaction::end_open_steps(CancelReason reason) {
    for (StepIndex i = 0; i < state_.steps.size(); ++i) {
        switch (step(i).status) {
            case StepStatus::kPending:
            case StepStatus::kReady:
            case StepStatus::kBackingOff:
            case StepStatus::kWaiting:
                if (waits_for_children(step(i))) {
                    end_children(i, reason);
                    break;
                }
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

void Transaction::unwind(const Principal& by, std::string note) {
    emit(RunUndoAsked{by, std::move(note)});
    end_open_steps(CancelReason::kRunUnwound);
}

/// Once nothing is running or in doubt: from the last step to the first, all whose turn it is.
void Transaction::begin_undoing() {
    const auto count = [&](StepStatus status) { return state_.counts[static_cast<std::size_t>(status)]; };
    if (!state_.unwind.asked || state_.unwind.begun ||
        count(StepStatus::kRunning) + count(StepStatus::kInDoubt) + state_.child_waits != 0) {
        return;
    }
    emit(UnwindBegan{});
    const auto order = workflow_.order();
    for (auto it = order.rbegin(); it != order.rend() && !decision_.refused; ++it) {
        pass_or_undo(*it);
    }
}

/// True when it was passed over, so that what it depends on may have its turn.
bool Transaction::pass_or_undo(StepIndex index) {
    const StepState& s = step(index);
    if (!state_.unwind.begun || s.undo.begun || s.undo.through || s.undo.wait != 0) {
        return false;
    }
    if (can_be_undone(spec(index), s)) {
        emit(UndoReady{index});
        return false;
    }
    emit(UndoPassed{index});
    return true;
}

void Transaction::undone(StepIndex index) {
    emit(StepUndone{index});
    for (const StepIndex dependency : workflow_.dependencies(index)) {
        go_on_undoing(dependency);
    }
}

void Transaction::go_on_undoing(StepIndex index) {
    std::vector<StepIndex> todo{index};
    while (!todo.empty() && !decision_.refused) {
        const StepIndex next = todo.back();
        todo.pop_back();
        if (pass_or_undo(next)) {
            const auto more = workflow_.dependencies(next);
            todo.insert(todo.end(), more.begin(), more.end());
        }
    }
}

}  // namespace slipway::core
