#include "engine/core/ledger.hpp"

#include <algorithm>

#include "engine/core/counters.hpp"

namespace slipway::core {
namespace {

std::string no_undo(const StepState& s) {
    return has_child_effects(s) ? "it has no undo, and its child runs have ended: they are not unwound"
                                : "it has no undo";
}

UndoEntry entry_of(const StepSpec& spec, const StepState& s) {
    if (s.undo.earlier && s.status != StepStatus::kSucceeded && s.status != StepStatus::kUndone &&
        !s.undo.begun) {
        return {spec.id, UndoStanding::kNoUndo,
                "an earlier round of it succeeded, or child runs of that, and that was not undone"};
    }
    const bool told_below = s.status == StepStatus::kSucceeded || s.status == StepStatus::kUndone ||
                            s.status == StepStatus::kInDoubt || s.undo.begun;
    if (!told_below && has_child_effects(s)) {
        return {spec.id, UndoStanding::kNoUndo, "its child runs have ended: they are not unwound"};
    }
    switch (s.status) {
        case StepStatus::kUndone:
            return {spec.id, UndoStanding::kUndone, {}};
        case StepStatus::kUndoing:
            return {spec.id, UndoStanding::kToDo, s.failure.message};
        case StepStatus::kInDoubt:
            return {spec.id, UndoStanding::kInDoubt, s.doubt};
        case StepStatus::kSucceeded:
            if (s.undo.left) {
                return {spec.id, UndoStanding::kLeft, s.undo.why};
            }
            if (can_be_undone(spec, s)) {
                return {spec.id, UndoStanding::kToDo, {}};
            }
            // Gates and timers have no effect outside of the engine.
            return {spec.id,
                    spec.type == StepType::kExecutor ? UndoStanding::kNoUndo : UndoStanding::kNothing,
                    spec.type == StepType::kExecutor ? no_undo(s) : ""};
        case StepStatus::kFailed:
            if (s.undo.begun) {
                return {spec.id, UndoStanding::kFailed, s.failure.message};
            }
            return {spec.id, UndoStanding::kNothing, "it had failed: " + s.failure.message};
        default:
            return {spec.id, UndoStanding::kNothing, {}};
    }
}

bool stays(UndoStanding standing) {
    return standing == UndoStanding::kLeft || standing == UndoStanding::kNoUndo;
}

}  // namespace

UndoEntry ledger_entry(const Workflow& workflow, const RunState& state, StepIndex step) {
    return state.unwind.asked ? entry_of(workflow.step(step), state.steps[step])
                              : UndoEntry{workflow.step(step).id, UndoStanding::kNone, {}};
}

std::vector<UndoEntry> ledger(const Workflow& workflow, const RunState& state) {
    std::vector<UndoEntry> entries;
    if (!state.unwind.asked) {
        return entries;
    }
    const auto order = workflow.order();
    for (auto it = order.rbegin(); it != order.rend(); ++it) {
        entries.push_back(ledger_entry(workflow, state, *it));
    }
    return entries;
}

std::string unwound_reason(const Workflow& workflow, const RunState& state) {
    constexpr std::size_t kNamed = 10;
    std::size_t undone = 0;
    std::vector<std::string> left;
    for (const UndoEntry& entry : ledger(workflow, state)) {
        undone += entry.standing == UndoStanding::kUndone ? 1 : 0;
        if (stays(entry.standing)) {
            left.push_back("\"" + entry.step.str() + "\" (" + entry.why + ")");
        }
    }
    std::string text = "unwound by " + state.cancel_by.name;
    text += state.cancel_note.empty() ? "" : ": " + state.cancel_note;
    text += "; " + std::to_string(undone) + " steps undone";
    for (std::size_t i = 0; i < left.size() && i < kNamed; ++i) {
        text += (i == 0 ? ", not undone: " : ", ") + left[i];
    }
    return text + (left.size() > kNamed ? " and " + std::to_string(left.size() - kNamed) + " more" : "");
}

}  // namespace slipway::core
