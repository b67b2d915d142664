// Recomputes what the state keeps for speed, and what must hold of every step and of the run.
#include "engine/core/counters.hpp"
#include "engine/core/decide.hpp"

namespace slipway::core {
namespace {

using Finding = std::optional<std::string>;

std::string name(const Workflow& workflow, StepIndex i) {
    return "step \"" + workflow.step(i).id.str() + "\": ";
}

Finding check_counters(const Workflow& workflow, const RunState& state) {
    RunState fresh;
    for (StepIndex i = 0; i < state.steps.size(); ++i) {
        count_step(workflow, fresh, i, state.steps[i]);
    }
    if (fresh.counts != state.counts) {
        return "the counts by status are off";
    }
    if (fresh.blocking != state.blocking || fresh.missing != state.missing ||
        fresh.redo_live != state.redo_live || fresh.redo_doubts != state.redo_doubts ||
        fresh.gates_open != state.gates_open || fresh.child_waits != state.child_waits) {
        return "a counter of blocking, missing or redo steps is off";
    }
    if (fresh.unwind.failed != state.unwind.failed || fresh.unwind.through != state.unwind.through) {
        return "a counter of undone steps is off";
    }
    return std::nullopt;
}

std::uint32_t unmet_of(const Workflow& workflow, const RunState& state, StepIndex i) {
    std::uint32_t unmet = 0;
    for (const StepIndex d : workflow.dependencies(i)) {
        unmet += satisfies(state.steps[d].status) ? 0 : 1;
    }
    return unmet;
}

Finding check_step(const Workflow& workflow, const RunState& state, StepIndex i) {
    const StepState& s = state.steps[i];
    if (unmet_of(workflow, state, i) != s.unmet) {
        return name(workflow, i) + "the number of unmet dependencies is off";
    }
    const bool started = s.status != StepStatus::kPending && s.status != StepStatus::kSkipped &&
                         s.status != StepStatus::kCancelled;
    if (started && s.unmet != 0 && !state.unwind.asked) {
        return name(workflow, i) + "it is " + std::string(to_string(s.status)) + " before its dependencies";
    }
    if (s.status == StepStatus::kPending && s.unmet == 0 && !s.held && !is_final(state.status)) {
        return name(workflow, i) + "it is pending although nothing is unmet";
    }
    // A step that was settled as succeeded may be undone without ever having had an attempt.
    const std::uint32_t attempt = s.status == StepStatus::kUndoing ? s.undo.attempt : s.attempt;
    if (s.fence < s.attempt || (has_attempt(s) && (s.fence == 0 || attempt == 0))) {
        return name(workflow, i) + "its fence and attempt do not fit";
    }
    if (s.missing && !is_queued(s)) {
        return name(workflow, i) + "it misses an executor without being ready";
    }
    if (s.cancel.reason != CancelReason::kNone && !has_attempt(s)) {
        return name(workflow, i) + "it is being cancelled without running";
    }
    const bool needs_due = s.status == StepStatus::kBackingOff || s.undo.phase == UndoPhase::kBackingOff ||
                           (s.status == StepStatus::kWaiting && s.wait_kind == WaitKind::kTimer);
    if (needs_due && s.due_ms == 0) {
        return name(workflow, i) + "it waits for a time that is not set";
    }
    return std::nullopt;
}

Finding check_children(const Workflow& workflow, const RunState& state, StepIndex i) {
    const StepState& s = state.steps[i];
    const ChildrenState& c = s.children;
    if (!waits_for_children(s)) {
        return c.list.empty() ? std::nullopt
                              : Finding(name(workflow, i) + "it has child runs and does not wait");
    }
    std::uint32_t ended = 0;
    std::uint32_t failed = 0;
    for (const ChildState& child : c.list) {
        ended += is_final(child.status) ? 1 : 0;
        failed += is_final(child.status) && child.status != RunStatus::kSucceeded ? 1 : 0;
    }
    if (c.next > c.list.size() || ended != c.ended || failed != c.failed || ended > c.next) {
        return name(workflow, i) + "its counts of child runs are off";
    }
    const bool all = c.next == c.list.size() || c.cancel != CancelReason::kNone;
    if (c.live() == 0 && all) {
        return name(workflow, i) + "it waits for child runs, and all have ended";
    }
    return std::nullopt;
}

/// In a run that is being unwound each step has its turn exactly once all its dependents are through.
Finding check_undo(const Workflow& workflow, const RunState& state, StepIndex i) {
    const StepState& s = state.steps[i];
    if ((s.status == StepStatus::kUndoing) != (s.undo.phase != UndoPhase::kNone) ||
        (s.undo.begun && !state.unwind.begun)) {
        return name(workflow, i) + "how far its undo is does not fit its status";
    }
    if (!state.unwind.begun) {
        return std::nullopt;
    }
    std::uint32_t wait = 0;
    for (const StepIndex dependent : workflow.dependents(i)) {
        wait += state.steps[dependent].undo.through ? 0 : 1;
    }
    if (wait != s.undo.wait) {
        return name(workflow, i) + "the number of dependents that are to be undone first is off";
    }
    if (wait != 0 && (s.undo.begun || s.undo.through)) {
        return name(workflow, i) + "it is undone before what depends on it";
    }
    if (wait == 0 && !s.undo.begun && !s.undo.through && !is_final(state.status)) {
        return name(workflow, i) + "its turn to be undone has come and passed";
    }
    return std::nullopt;
}

/// Exactly one waker for every unfinished step, none for the others.
Finding check_waker(const Workflow& workflow, const RunState& state, StepIndex i) {
    const StepStatus status = state.steps[i].status;
    const bool given_up = status == StepStatus::kFailed && state.cancel_asked && !state.steps[i].undo.begun;
    const bool to_undo = state.unwind.asked && can_be_undone(workflow.step(i), state.steps[i]);
    const bool finished = is_final(state.status) || given_up || (is_settled(status) && !to_undo);
    if ((waker(workflow, state, i) == WakerKind::kNone) != finished) {
        return name(workflow, i) + (finished ? "it is finished and has a waker" : "it has no waker");
    }
    return std::nullopt;
}

std::uint32_t count_of(const RunState& state, StepStatus status) {
    return state.counts[static_cast<std::size_t>(status)];
}

Finding check_run(const RunState& state) {
    const std::uint32_t live = count_of(state, StepStatus::kRunning) + count_of(state, StepStatus::kUndoing) +
                               count_of(state, StepStatus::kInDoubt) + state.child_waits;
    if (is_final(state.status) && live != 0) {
        return "the run has ended while a step is running, undoing or in doubt";
    }
    if (!is_final(state.status) && state.cancel_asked && !state.unwind.asked && live == 0) {
        return "the run is being cancelled, nothing is live, and it has not ended";
    }
    if (!is_final(state.status) && state.unwind.asked && !state.unwind.begun && live == 0) {
        return "the run is to be unwound, nothing is live, and undoing has not begun";
    }
    if (state.unwind.begun && (state.unwind.through == state.steps.size()) != is_final(state.status)) {
        return "the run has ended before all was undone, or has not ended after";
    }
    if (state.redo_root != kNoStep && state.redo_live == 0 && !is_final(state.status)) {
        return "a redo waits for nothing";
    }
    if (state.redo_root == kNoStep && state.redo_live != 0) {
        return "steps are held without a redo";
    }
    if (!is_final(state.status) && !state.cancel_asked && state.blocking != 0 &&
        state.status != RunStatus::kBlocked) {
        return "an operator must act and the run is not blocked";
    }
    return std::nullopt;
}

}  // namespace

std::optional<std::string> check_invariants(const Workflow& workflow, const RunState& state) {
    const std::string place = "run \"" + state.run.str() + "\": ";
    if (state.steps.size() != workflow.size() || state.auto_rounds.size() != workflow.section_count()) {
        return place + "the number of steps or sections is not that of the workflow";
    }
    if (auto off = check_counters(workflow, state)) {
        return place + *off;
    }
    for (StepIndex i = 0; i < state.steps.size(); ++i) {
        if (auto off = check_step(workflow, state, i)) {
            return place + *off;
        }
        if (auto off = check_children(workflow, state, i)) {
            return place + *off;
        }
        if (auto off = check_undo(workflow, state, i)) {
            return place + *off;
        }
        if (auto off = check_waker(workflow, state, i)) {
            return place + *off;
        }
    }
    if (auto off = check_run(state)) {
        return place + *off;
    }
    return std::nullopt;
}

}  // namespace slipway::core
