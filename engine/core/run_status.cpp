// The run's own status, worked out anew after every input: the one place that ends, blocks and unblocks a
// run.
#include "engine/core/ledger.hpp"
#include "engine/core/transaction.hpp"

namespace slipway::core {
namespace {

std::uint32_t count_of(const RunState& state, StepStatus status) {
    return state.counts[static_cast<std::size_t>(status)];
}

bool all_settled(const RunState& state) {
    const std::uint32_t settled =
        count_of(state, StepStatus::kSucceeded) + count_of(state, StepStatus::kSkipped) +
        count_of(state, StepStatus::kCancelled) + count_of(state, StepStatus::kUndone);
    return settled == state.steps.size();
}

/// Steps that move, or wait for something that will come without an operator's help.
std::uint32_t moving(const RunState& state) {
    return count_of(state, StepStatus::kReady) - state.missing + count_of(state, StepStatus::kRunning) +
           count_of(state, StepStatus::kBackingOff) + count_of(state, StepStatus::kWaiting) +
           count_of(state, StepStatus::kUndoing);
}

bool moves_by_itself(StepStatus status) {
    return status == StepStatus::kReady || status == StepStatus::kBackingOff ||
           status == StepStatus::kWaiting;
}

/// Of these, steps that a redo holds while one of its closure is in doubt: they go on only with an operator's
/// help.
std::uint32_t held_back(const RunState& state) {
    std::uint32_t count = 0;
    for (std::size_t i = 0; state.redo_doubts != 0 && i < state.steps.size(); ++i) {
        const StepState& step = state.steps[i];
        count += step.held && !step.missing && moves_by_itself(step.status) ? 1U : 0U;
    }
    return count;
}

bool needs_operator(const RunState& state) {
    const std::uint32_t doubts = count_of(state, StepStatus::kInDoubt);
    if (state.unwind.asked) {
        return doubts + state.unwind.failed + state.missing != 0;
    }
    if (state.cancel_asked) {
        return doubts != 0;
    }
    if (state.blocking != 0) {
        return true;
    }
    return doubts + count_of(state, StepStatus::kFailed) + state.missing != 0 &&
           moving(state) == held_back(state);
}

std::string step_need(const StepSpec& spec, const StepState& step) {
    const std::string name = (step.undo.begun ? "the undo of step \"" : "step \"") + spec.id.str() + "\"";
    if (step.status == StepStatus::kInDoubt) {
        return name + " is in doubt and must be settled: " + step.doubt;
    }
    if (step.status == StepStatus::kFailed) {
        return name + " failed (" + std::string(to_string(step.failure.failure_class)) +
               "): " + step.failure.message;
    }
    return name + " needs an executor of kind \"" + spec.kind + "\" version " +
           std::to_string(spec.kind_version) + ", which is not there";
}

}  // namespace

std::string block_reason(const Workflow& workflow, const RunState& state) {
    StepIndex missing = kNoStep;
    StepIndex failed = kNoStep;
    for (StepIndex i = 0; i < state.steps.size(); ++i) {
        const StepState& step = state.steps[i];
        if (step.status == StepStatus::kInDoubt) {
            return step_need(workflow.step(i), step);
        }
        const bool counts = step.undo.begun || !state.unwind.asked;
        if (step.status == StepStatus::kFailed && failed == kNoStep && !step.held && counts) {
            failed = i;
        }
        if (step.missing && missing == kNoStep) {
            missing = i;
        }
    }
    const StepIndex first = failed != kNoStep ? failed : missing;
    return first == kNoStep ? std::string() : step_need(workflow.step(first), state.steps[first]);
}

void Transaction::finish_run() {
    if (state_.unwind.asked) {
        emit(RunFinished{RunStatus::kUnwound, unwound_reason(workflow_, state_)});
        return;
    }
    if (!state_.cancel_asked) {
        emit(RunFinished{RunStatus::kSucceeded, {}});
        return;
    }
    std::string reason =
        std::string(state_.stop_asked ? "stopped" : "cancelled") + " by " + state_.cancel_by.name;
    if (!state_.cancel_note.empty()) {
        reason += ": " + state_.cancel_note;
    }
    emit(RunFinished{state_.stop_asked ? RunStatus::kFailed : RunStatus::kCancelled, std::move(reason)});
}

void Transaction::block(bool blocked) {
    const bool is_blocked = state_.status == RunStatus::kBlocked;
    if (blocked && (!is_blocked || fresh_reason_)) {
        std::string reason = block_reason(workflow_, state_);
        if (!is_blocked || reason != state_.reason) {
            emit(RunBlocked{std::move(reason)});
        }
    } else if (!blocked && is_blocked) {
        emit(RunUnblocked{});
    }
}

void Transaction::update_run() {
    const bool live = count_of(state_, StepStatus::kRunning) + count_of(state_, StepStatus::kUndoing) +
                          count_of(state_, StepStatus::kInDoubt) + state_.child_waits !=
                      0;
    const bool unwound = state_.unwind.begun && state_.unwind.through == state_.steps.size();
    const bool ended = state_.cancel_asked ? !live : all_settled(state_);
    if (state_.unwind.asked ? unwound : ended) {
        finish_run();
        return;
    }
    block(needs_operator(state_));
}

}  // namespace slipway::core
