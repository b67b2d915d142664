// check_rest() (oracle.cpp), split: what depends on the durable state is decided here, once for all
// situations that share it; what is asked of their live parts becomes masks.
#include <algorithm>

#include "tests/simulation/core/expansion.hpp"

namespace search {

namespace {

using Wrong = std::optional<std::string>;
constexpr Wrong kFine = std::nullopt;

StepMask bit(StepIndex i) {
    return static_cast<StepMask>(1U << i);
}

void set(StepMask& mask, StepIndex i) {
    mask = static_cast<StepMask>(mask | bit(i));
}

TimerMask due_timer(const core::StepState& step, StepIndex i) {
    for (auto kind : {core::TimerKind::kBackOff, core::TimerKind::kWait}) {
        if (step.due_ms != 0 && standing(step, kind) != 0) {
            return timer_bit(i, kind);
        }
    }
    return 0;
}

void need_deadlines(const core::StepState& step, StepIndex i, Needs& needs) {
    const auto need = [&](core::TimerKind kind, TimeMs due) {
        needs.timers |= due != 0 ? timer_bit(i, kind) : 0U;
    };
    if (core::has_attempt(step) && step.cancel.reason == CancelReason::kNone) {
        need(core::TimerKind::kAttemptDeadline, step.attempt_deadline_ms);
    } else if (core::has_attempt(step)) {
        need(core::TimerKind::kCancelEscalation, step.cancel.due_ms);
    } else if (step.status == StepStatus::kWaiting) {
        need(core::TimerKind::kGateExpiry, step.expires_ms);
    }
}

bool all_satisfied(const Workflow& w, const core::RunState& state, StepIndex i) {
    const auto deps = w.dependencies(i);
    const auto kinds = w.dependency_kinds(i);
    for (std::size_t k = 0; k < deps.size(); ++k) {
        const auto& d = state.steps[deps[k]];
        const bool passed_over = d.status == StepStatus::kSkipped && d.skip_mode == SkipMode::kGoOn &&
                                 kinds[k] == DependencyKind::kOrder;
        if (d.status != StepStatus::kSucceeded && !passed_over) {
            return false;
        }
    }
    return true;
}

/// A step that a redo holds waits for child runs: what else the redo holds waits for these.
bool held_child(const core::RunState& state) {
    return std::any_of(state.steps.begin(), state.steps.end(),
                       [](const core::StepState& step) { return step.held && step.children.live() != 0; });
}

Wrong need_waker(const Workflow& w, const Situation& s, StepIndex i, Needs& needs) {
    const auto& step = s.state.steps[i];
    const std::string place = "step " + w.step(i).id.str();
    switch (core::waker(w, s.state, i)) {
        case WakerKind::kNone:
            return place + " is unfinished and nothing will wake it";
        case WakerKind::kDependency:
            if (step.status == StepStatus::kSucceeded) {
                return check_turn(w, s.state, i);
            }
            return all_satisfied(w, s.state, i) ? Wrong(place + " waits for dependencies that are satisfied")
                                                : kFine;
        case WakerKind::kAttempt:
            if (!step.held || step.status == StepStatus::kRunning) {
                set(needs.attempts, i);
            } else if (!held_child(s.state)) {
                set(needs.held_waiting, i);
            }
            return kFine;
        case WakerKind::kGate:
            return step.status == StepStatus::kWaiting ? kFine
                                                       : Wrong(place + " waits for a gate that is not open");
        case WakerKind::kTimer:
            needs.timers |= due_timer(step, i);
            return due_timer(step, i) != 0 ? kFine : Wrong(place + " waits for a timer that is not set");
        case WakerKind::kTicket:
            return s.admission.queued.contains(core::TicketKey{s.state.run, i})
                       ? kFine
                       : Wrong(place + " waits for a ticket it has not");
        case WakerKind::kChildRun:
            return step.children.live() != 0 ? kFine
                                             : Wrong(place + " waits for child runs that do not exist");
        case WakerKind::kOperator:
            break;
    }
    return kFine;
}

}  // namespace

TimeMs standing(const core::StepState& step, core::TimerKind kind) {
    const auto in = [&](StepStatus status, TimeMs due) { return step.status == status ? due : 0; };
    switch (kind) {
        case core::TimerKind::kBackOff:
            return step.undo.phase == UndoPhase::kBackingOff ? step.due_ms
                                                             : in(StepStatus::kBackingOff, step.due_ms);
        case core::TimerKind::kWait:
            return in(StepStatus::kWaiting, step.due_ms);
        case core::TimerKind::kGateExpiry:
            return in(StepStatus::kWaiting, step.expires_ms);
        case core::TimerKind::kAttemptDeadline:
            return core::has_attempt(step) ? step.attempt_deadline_ms : 0;
        case core::TimerKind::kCancelEscalation:
            return core::has_attempt(step) ? step.cancel.due_ms : 0;
        case core::TimerKind::kStepDeadline:
            return is_settled(step.status) || step.status == StepStatus::kFailed ||
                           step.status == StepStatus::kInDoubt
                       ? 0
                       : step.step_deadline_ms;
        case core::TimerKind::kRunDeadline:
            break;
    }
    return 0;
}

std::optional<std::string> needs_of(const Workflow& w, const Situation& s, Needs& needs) {
    needs.final = is_final(s.state.status);
    needs.outsider = s.state.paused || s.state.status == RunStatus::kBlocked;
    for (StepIndex i = 0; i < w.size(); ++i) {
        const auto& step = s.state.steps[i];
        if (needs.final) {
            if (core::has_attempt(step)) {
                return "step " + w.step(i).id.str() + " runs in a run that has ended";
            }
            continue;
        }
        const bool given_up = step.status == StepStatus::kFailed && s.state.cancel_asked && !step.undo.begun;
        if ((!is_settled(step.status) && !given_up) || is_to_be_undone(w, s.state, i)) {
            if (auto wrong = need_waker(w, s, i, needs)) {
                return wrong;
            }
            need_deadlines(step, i, needs);
        }
        if (step.held) {
            set(needs.held, i);
        }
        needs.moving |= due_timer(step, i);
        needs.outsider = needs.outsider || step.children.live() != 0 ||
                         (step.status == StepStatus::kWaiting && step.wait_kind == WaitKind::kGate);
    }
    return std::nullopt;
}

}  // namespace search
