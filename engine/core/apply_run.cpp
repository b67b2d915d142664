// Events of the run as a whole.
#include "engine/core/apply.hpp"
#include "engine/core/closure.hpp"
#include "engine/core/counters.hpp"

namespace slipway::core::detail {
namespace {

RunStatus unblocked(const RunState& state) {
    return state.paused ? RunStatus::kPaused
                        : (state.unwind.asked ? RunStatus::kUnwinding : RunStatus::kRunning);
}

/// What a step keeps over a new round: its fence, and how often it failed when the engine itself asked for
/// the round.
StepState next_round(const Applied& a, StepIndex index) {
    const StepState& old = a.state.steps[index];
    StepState fresh;
    fresh.round = old.round + 1;
    fresh.fence = old.fence;
    fresh.since_ms = a.at_ms;
    fresh.undo.earlier =
        old.undo.earlier || has_child_effects(old) || can_be_undone(a.workflow.step(index), old);
    if (a.state.redo_automatic && a.workflow.step(index).retry_mode == RetryMode::kNewRound) {
        fresh.failures = old.failures;
    }
    return fresh;
}

std::uint32_t count_unmet(const Applied& a, StepIndex index) {
    std::uint32_t unmet = 0;
    for (const StepIndex d : a.workflow.dependencies(index)) {
        unmet += satisfies(a.state.steps[d].status) ? 0 : 1;
    }
    return unmet;
}

}  // namespace

void set_status(const Applied& a, RunStatus status) {
    if (a.state.status != status) {
        a.state.status = status;
        a.state.since_ms = a.at_ms;
    }
}

void release_redo(const Applied& a) {
    if (a.state.redo_root == kNoStep) {
        return;
    }
    a.state.redo_root = kNoStep;
    a.state.redo_why.clear();
    a.state.redo_automatic = false;
    for (StepIndex i = 0; i < a.state.steps.size(); ++i) {
        if (a.state.steps[i].held) {
            change_step(a.workflow, a.state, i, [](StepState& step) { step.held = false; });
        }
    }
}

Result<void> apply_run_event(const Applied& a, const RunStarted& e) {
    if (e.run.empty() || e.workflow != a.workflow.digest()) {
        return misfit(a, ": the workflow is not the one that the run was started with");
    }
    RunState& s = a.state;
    s.run = e.run;
    s.workflow = e.workflow;
    s.input = e.input;
    s.labels = e.labels;
    s.started_by = e.by;
    s.successor_of = e.successor_of;
    s.tenant = e.tenant;
    s.priority = e.priority;
    s.approve_all = e.approve_all;
    s.approve_all_by = e.approve_all ? e.by : Principal{};
    s.started_ms = s.since_ms = a.at_ms;
    s.deadline_ms = e.deadline_ms;
    s.auto_rounds.assign(a.workflow.section_count(), 0);
    s.steps.assign(a.workflow.size(), StepState{});
    for (StepIndex i = 0; i < s.steps.size(); ++i) {
        s.steps[i].unmet = static_cast<std::uint32_t>(a.workflow.dependencies(i).size());
        s.steps[i].since_ms = a.at_ms;
        count_in(a.workflow, s, i);
    }
    return {};
}

Result<void> apply_run_event(const Applied& a, const RunPaused&) {
    if (a.state.paused) {
        return misfit(a, ": it is paused already");
    }
    a.state.paused = true;
    if (a.state.status == RunStatus::kRunning || a.state.status == RunStatus::kUnwinding) {
        set_status(a, RunStatus::kPaused);
    }
    return {};
}

Result<void> apply_run_event(const Applied& a, const RunResumed&) {
    if (!a.state.paused) {
        return misfit(a, ": it is not paused");
    }
    a.state.paused = false;
    if (a.state.status == RunStatus::kPaused) {
        set_status(a, unblocked(a.state));
    }
    return {};
}

Result<void> apply_run_event(const Applied& a, const RunBlocked& e) {
    a.state.reason = e.reason;
    set_status(a, RunStatus::kBlocked);
    return {};
}

Result<void> apply_run_event(const Applied& a, const RunUnblocked&) {
    if (a.state.status != RunStatus::kBlocked) {
        return misfit(a, ": it is not blocked");
    }
    a.state.reason.clear();
    set_status(a, unblocked(a.state));
    return {};
}

Result<void> apply_run_event(const Applied& a, const RunCancelAsked& e) {
    if (a.state.cancel_asked) {
        return misfit(a, ": it is being cancelled already");
    }
    release_redo(a);
    a.state.cancel_asked = true;
    a.state.stop_asked = e.stop;
    a.state.cancel_by = e.by;
    a.state.cancel_note = e.note;
    a.state.paused = false;
    if (a.state.status == RunStatus::kPaused) {
        set_status(a, RunStatus::kRunning);
    }
    return {};
}

Result<void> apply_run_event(const Applied& a, const RunFinished& e) {
    const auto& counts = a.state.counts;
    if (!is_final(e.status)) {
        return misfit(a, ": \"" + std::string(to_string(e.status)) + "\" is not an end");
    }
    for (const StepStatus status : {StepStatus::kRunning, StepStatus::kUndoing, StepStatus::kInDoubt}) {
        if (counts[static_cast<std::size_t>(status)] != 0) {
            return misfit(a, ": a step is " + std::string(to_string(status)));
        }
    }
    if (a.state.child_waits != 0) {
        return misfit(a, ": a step waits for child runs");
    }
    a.state.reason = e.reason;
    a.state.finished_ms = a.at_ms;
    set_status(a, e.status);
    return {};
}

Result<void> apply_run_event(const Applied& a, const ApproveAllSet& e) {
    a.state.approve_all = e.on;
    a.state.approve_all_by = e.on ? e.by : Principal{};
    return {};
}

Result<void> apply_run_event(const Applied& a, const RedoAsked& e) {
    if (e.step >= a.state.steps.size() || a.state.cancel_asked) {
        return misfit(a, ": no redo is possible here");
    }
    const bool first = a.state.redo_root == kNoStep;
    a.state.redo_root = e.step;
    a.state.redo_why = first ? e.why : a.state.redo_why + "; " + e.why;
    a.state.redo_automatic = e.automatic && (first || a.state.redo_automatic);
    if (e.automatic) {
        ++a.state.auto_rounds[a.workflow.section_of(e.step)];
    }
    for (const StepIndex i : redo_closure(a.workflow, e.step)) {
        change_step(a.workflow, a.state, i, [](StepState& step) { step.held = true; });
    }
    return {};
}

Result<void> apply_run_event(const Applied& a, const RoundOpened& e) {
    for (const StepIndex i : e.steps) {
        if (i >= a.state.steps.size() || !can_follow(a.state.steps[i].status, StepStatus::kPending)) {
            return misfit(a, ": step number " + std::to_string(i) + " cannot get a new round now");
        }
    }
    for (const StepIndex i : e.steps) {
        StepState fresh = next_round(a, i);
        change_step(a.workflow, a.state, i, [&](StepState& step) { step = std::move(fresh); });
    }
    for (const StepIndex i : e.steps) {
        a.state.steps[i].unmet = count_unmet(a, i);
    }
    a.state.redo_root = kNoStep;
    a.state.redo_why.clear();
    a.state.redo_automatic = false;
    return {};
}

}  // namespace slipway::core::detail
