// What must hold of a run that is being unwound, worked out from the workflow and the statuses alone.
#include "tests/simulation/core/model.hpp"

namespace search {

namespace {

std::string at(const Workflow& w, StepIndex i) {
    return "step " + w.step(i).id.str();
}

/// Its effect is there, or may be, and nobody has said that it may stay.
bool stands_in_the_way(const Workflow& w, const core::RunState& state, StepIndex i) {
    const auto& step = state.steps[i];
    return is_to_be_undone(w, state, i) || step.status == StepStatus::kUndoing ||
           step.status == StepStatus::kInDoubt || step.status == StepStatus::kRunning ||
           (step.status == StepStatus::kFailed && step.undo.begun);
}

/// Steps that depend on this one, near and far.
StepIndex blocker(const Workflow& w, const core::RunState& state, StepIndex i) {
    for (StepIndex dependent : w.dependents(i)) {
        if (stands_in_the_way(w, state, dependent)) {
            return dependent;
        }
        if (const StepIndex far = blocker(w, state, dependent); far != kNoStep) {
            return far;
        }
    }
    return kNoStep;
}

bool something_goes_on(const core::RunState& state) {
    for (const auto& step : state.steps) {
        if (step.status == StepStatus::kRunning ||
            (step.status == StepStatus::kInDoubt && !step.undo.begun)) {
            return true;
        }
    }
    return false;
}

}  // namespace

bool is_to_be_undone(const Workflow& w, const core::RunState& state, StepIndex i) {
    const auto& step = state.steps[i];
    return state.unwind.asked && !is_final(state.status) && step.status == StepStatus::kSucceeded &&
           w.step(i).has_undo && !step.undo.left;
}

std::optional<std::string> check_turn(const Workflow& w, const core::RunState& state, StepIndex i) {
    if (!something_goes_on(state) && blocker(w, state, i) == kNoStep) {
        return at(w, i) + " waits to be undone, and nothing stands before it";
    }
    return std::nullopt;
}

std::optional<std::string> check_undo_event(const Workflow& w, const core::RunState& state,
                                            const EventBody& body) {
    const StepIndex i = event_step(body);
    const auto* started = std::get_if<UndoStarted>(&body);
    if (started != nullptr || std::holds_alternative<UndoReady>(body)) {
        if (something_goes_on(state)) {
            return at(w, i) + " is undone while something goes on";
        }
        if (const StepIndex first = blocker(w, state, i); first != kNoStep) {
            return at(w, i) + " is undone before " + at(w, first);
        }
    }
    if (started != nullptr && (state.paused || started->fence != state.steps[i].fence + 1 ||
                               started->attempt != state.steps[i].undo.attempt + 1)) {
        return at(w, i) + " is undone while paused, or with a fence or number that does not follow";
    }
    if (std::holds_alternative<UndoPassed>(body) && stands_in_the_way(w, state, i)) {
        return at(w, i) + " is passed over and was to be undone";
    }
    const auto* end = std::get_if<RunFinished>(&body);
    for (StepIndex k = 0; end != nullptr && k < w.size(); ++k) {
        if (state.unwind.asked && stands_in_the_way(w, state, k)) {
            return "the run ended with " + at(w, k) + " not undone";
        }
    }
    if (end != nullptr && state.unwind.asked != (end->status == RunStatus::kUnwound)) {
        return "the run ended otherwise than it was asked to";
    }
    return std::nullopt;
}

}  // namespace search
