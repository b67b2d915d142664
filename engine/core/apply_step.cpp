// Events of one step.
#include "engine/core/apply_move.hpp"

namespace slipway::core::detail {
namespace {

void arm_step_deadline(const Applied& a, StepIndex index, StepState& step) {
    const DurationMs limit = a.workflow.step(index).step_timeout_ms;
    step.step_deadline_ms = limit == 0 ? 0 : after(a.at_ms, limit);
}

}  // namespace

Result<void> cannot_go(const Applied& a, StepIndex index, StepStatus to) {
    return misfit(a, ": step \"" + a.workflow.step(index).id.str() + "\" cannot go from " +
                         std::string(to_string(at(a, index).status)) + " to " + std::string(to_string(to)));
}

void tell_dependents(const Applied& a, StepIndex index, StepStatus from, StepStatus to) {
    if (satisfies(to) == satisfies(from)) {
        return;
    }
    for (const StepIndex dependent : a.workflow.dependents(index)) {
        a.state.steps[dependent].unmet += satisfies(to) ? ~0U : 1U;
    }
}

void end_all(StepState& step) {
    step.missing = false;
    step.cancel = {};
    step.attempt_deadline_ms = 0;
    step.due_ms = 0;
    step.expires_ms = 0;
    step.what = {};  // a plan can be large, and the history keeps it
}

Result<void> expect(const Applied& a, StepIndex index, StepStatus status) {
    if (at(a, index).status == status) {
        return {};
    }
    return misfit(a, ": step \"" + a.workflow.step(index).id.str() + "\" is " +
                         std::string(to_string(at(a, index).status)) + ", not " +
                         std::string(to_string(status)));
}

Result<void> expect_live(const Applied& a, StepIndex index, Fence fence) {
    if (!has_attempt(at(a, index))) {
        return misfit(a, ": no attempt of step \"" + a.workflow.step(index).id.str() + "\" is live");
    }
    if (at(a, index).fence != fence) {
        return misfit(a, ": fence " + std::to_string(fence) + " is not the live one, " +
                             std::to_string(at(a, index).fence));
    }
    return {};
}

Result<void> apply_step_event(const Applied& a, const StepReady& e) {
    const StepStatus from = at(a, e.step).status;
    if (from != StepStatus::kPending && from != StepStatus::kBackingOff) {
        return expect(a, e.step, StepStatus::kPending);
    }
    if (at(a, e.step).unmet != 0) {
        return misfit(a, ": a dependency is not satisfied");
    }
    return move(a, e.step, StepStatus::kReady, [&](StepState& step) {
        if (from == StepStatus::kPending) {
            arm_step_deadline(a, e.step, step);
        }
    });
}

Result<void> apply_step_event(const Applied& a, const AttemptStarted& e) {
    const StepState& old = at(a, e.step);
    if (e.round != old.round || e.attempt != old.attempt + 1 || e.fence <= old.fence || old.held) {
        return misfit(a, ": round, attempt or fence do not follow the last attempt's");
    }
    return move(a, e.step, StepStatus::kRunning, [&](StepState& step) {
        step.attempt = e.attempt;
        step.fence = e.fence;
        step.input = e.input;
        step.attempt_deadline_ms = e.deadline_ms;
        step.evidence.clear();
    });
}

Result<void> apply_step_event(const Applied& a, const EvidenceRecorded& e) {
    SLIPWAY_CHECK(expect_live(a, e.step, e.fence));
    at(a, e.step).evidence.push_back(e.evidence);
    return {};
}

Result<void> apply_step_event(const Applied& a, const StepSucceeded& e) {
    return move(a, e.step, StepStatus::kSucceeded, [&](StepState& step) {
        step.output = e.output;
        step.failure = {};
        step.doubt.clear();
    });
}

Result<void> apply_step_event(const Applied& a, const StepBackingOff& e) {
    return move(a, e.step, StepStatus::kBackingOff, [&](StepState& step) {
        ++step.failures;
        step.failure = e.failure;
        step.due_ms = e.due_ms;
    });
}

/// The wait came to nothing; what its child runs did stays known.
void keep_results(StepState& step) {
    if (!step.children.list.empty()) {
        Resolution ended{WaitKind::kChildRuns, {}, {}, slipway::Decision::kApprove, {}};
        ended.children = take_results(step);
        step.resolutions.push_back(std::move(ended));
    }
}

Result<void> apply_step_event(const Applied& a, const StepFailed& e) {
    return move(a, e.step, StepStatus::kFailed, [&](StepState& step) {
        ++(step.undo.begun ? step.undo.failures : step.failures);
        keep_results(step);
        step.undo.phase = UndoPhase::kNone;
        step.failure = e.failure;
        step.doubt.clear();
    });
}

Result<void> apply_step_event(const Applied& a, const StepWaiting& e) {
    return move(a, e.step, StepStatus::kWaiting, [&](StepState& step) {
        step.wait_kind = e.kind;
        step.wait_name = e.name;
        step.shown = e.shown;
        step.what = e.what;
        step.due_ms = e.due_ms;
        step.expires_ms = e.expires_ms;
        step.decided.reset();
    });
}

Result<void> apply_step_event(const Applied& a, const WaitResolved& e) {
    SLIPWAY_CHECK(expect(a, e.step, StepStatus::kWaiting));
    const bool of_children = waits_for_children(at(a, e.step));
    if (of_children != (e.resolution.kind == WaitKind::kChildRuns) ||
        (of_children && at(a, e.step).children.live() != 0)) {
        return misfit(a, ": this is not what it waits for");
    }
    return move(a, e.step, StepStatus::kReady, [&](StepState& step) {
        step.resolutions.push_back(e.resolution);
        if (of_children) {
            step.resolutions.back().children = take_results(step);
        }
    });
}

Result<void> apply_step_event(const Applied& a, const GateDecided& e) {
    const StepState& step = at(a, e.step);
    const bool taken_back = e.decision == slipway::Decision::kRevoke;
    SLIPWAY_CHECK(expect(a, e.step, taken_back ? StepStatus::kSucceeded : StepStatus::kWaiting));
    if (e.round != step.round || e.shown != step.shown) {
        return misfit(a, ": round or digest are not those of the gate");
    }
    at(a, e.step).decided = e.decision;
    return {};
}

Result<void> apply_step_event(const Applied& a, const StepSkipped& e) {
    return move(a, e.step, StepStatus::kSkipped, [&](StepState& step) { step.skip_mode = e.mode; });
}

Result<void> apply_step_event(const Applied& a, const StepCancelled& e) {
    if (waits_for_children(at(a, e.step)) && at(a, e.step).children.live() != 0) {
        return misfit(a, ": child runs of it are live");
    }
    return move(a, e.step, StepStatus::kCancelled, [](StepState& step) { keep_results(step); });
}

Result<void> apply_step_event(const Applied& a, const StepInDoubt& e) {
    return move(a, e.step, StepStatus::kInDoubt, [&](StepState& step) {
        step.doubt = e.reason;
        step.undo.phase = UndoPhase::kNone;
    });
}

Result<void> apply_step_event(const Applied& a, const CancelAsked& e) {
    SLIPWAY_CHECK(expect_live(a, e.step, e.fence));
    at(a, e.step).cancel = {e.reason, e.force, e.due_ms};
    return {};
}

Result<void> apply_step_event(const Applied& a, const StepSettled& e) {
    const StepStatus status = at(a, e.step).status;
    if (status != StepStatus::kFailed && status != StepStatus::kInDoubt) {
        return expect(a, e.step, StepStatus::kInDoubt);
    }
    return {};
}

Result<void> apply_step_event(const Applied& a, const StepRetried& e) {
    const StepStatus from = at(a, e.step).status;
    if (from == StepStatus::kUndoing) {
        move_undo(a, e.step, UndoPhase::kQueued, [](StepState&) {});
        return {};
    }
    if (at(a, e.step).undo.begun) {
        return move(a, e.step, StepStatus::kUndoing, [](StepState& step) {
            step.undo.phase = UndoPhase::kQueued;
            step.undo.failures = 0;
        });
    }
    return move(a, e.step, StepStatus::kReady, [&](StepState& step) {
        if (from == StepStatus::kFailed) {
            step.failures = 0;
            arm_step_deadline(a, e.step, step);
        }
    });
}

Result<void> apply_step_event(const Applied& a, const AttemptVoided& e) {
    SLIPWAY_CHECK(expect_live(a, e.step, e.fence));
    if (at(a, e.step).undo.begun) {
        move_undo(a, e.step, UndoPhase::kQueued, [](StepState&) {});
        return {};
    }
    return move(a, e.step, StepStatus::kReady, [](StepState&) {});
}

Result<void> apply_step_event(const Applied& a, const ExecutorNotFound& e) {
    if (!is_queued(at(a, e.step))) {
        return expect(a, e.step, StepStatus::kReady);
    }
    change_step(a.workflow, a.state, e.step, [](StepState& step) { step.missing = true; });
    return {};
}

}  // namespace slipway::core::detail
