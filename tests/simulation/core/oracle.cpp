#include <algorithm>

#include "tests/simulation/core/model.hpp"

namespace search {

namespace {

std::string at(const Workflow& w, StepIndex i) {
    return "step " + w.step(i).id.str();
}

bool is_unfinished(StepStatus s) {
    return !is_settled(s);
}

/// Is the edge to dependency `d` of a step satisfied, as architecture section 3 says?
bool satisfied(const core::RunState& state, StepIndex d, DependencyKind kind) {
    const auto& step = state.steps[d];
    if (step.status == StepStatus::kSucceeded) {
        return true;
    }
    return step.status == StepStatus::kSkipped && step.skip_mode == SkipMode::kGoOn &&
           kind == DependencyKind::kOrder;
}

bool dependencies_satisfied(const Workflow& w, const core::RunState& state, StepIndex i) {
    const auto deps = w.dependencies(i);
    const auto kinds = w.dependency_kinds(i);
    for (std::size_t k = 0; k < deps.size(); ++k) {
        if (!satisfied(state, deps[k], kinds[k])) {
            return false;
        }
    }
    return true;
}

bool must_hold_still(const core::RunState& s) {
    return s.paused || s.status == RunStatus::kBlocked || s.cancel_asked || s.stop_asked ||
           is_final(s.status);
}

std::optional<std::string> check_attempt(const Workflow& w, const core::RunState& s,
                                         const AttemptStarted& e) {
    const auto& step = s.steps[e.step];
    if (step.status != StepStatus::kReady) {
        return at(w, e.step) + " started while not ready";
    }
    if (must_hold_still(s)) {
        return at(w, e.step) + " started while the run must hold still";
    }
    if (!dependencies_satisfied(w, s, e.step)) {
        return at(w, e.step) + " started before its dependencies";
    }
    if (e.fence != step.fence + 1) {
        return at(w, e.step) + " got a fence that does not follow";
    }
    if (e.attempt != step.attempt + 1) {
        return at(w, e.step) + " got an attempt number that does not follow";
    }
    if (e.round != step.round) {
        return at(w, e.step) + " started in another round";
    }
    return std::nullopt;
}

std::optional<std::string> check_round(const Workflow& w, const core::RunState& s, const RoundOpened& e) {
    const auto in = [&](StepIndex i) {
        return std::find(e.steps.begin(), e.steps.end(), i) != e.steps.end();
    };
    for (StepIndex i : e.steps) {
        const auto status = s.steps[i].status;
        if (status == StepStatus::kRunning || status == StepStatus::kInDoubt) {
            return at(w, i) + " got a new round while running or in doubt";
        }
        for (StepIndex mate : w.section_steps(w.section_of(i))) {
            if (!in(mate)) {
                return at(w, mate) + " was left out of its section's new round";
            }
        }
        for (StepIndex dependent : w.dependents(i)) {
            if (!in(dependent)) {
                return at(w, dependent) + " depends on a new round and was left out";
            }
        }
    }
    return std::nullopt;
}

std::optional<std::string> check_end(const core::RunState& s, const RunFinished& e) {
    const auto count = [&](StepStatus status) { return s.counts[static_cast<std::size_t>(status)]; };
    std::uint32_t recount = 0;
    bool all_good = true;
    for (const auto& step : s.steps) {
        if (step.status == StepStatus::kRunning || step.status == StepStatus::kUndoing ||
            step.status == StepStatus::kInDoubt) {
            ++recount;
        }
        if (step.status != StepStatus::kSucceeded && step.status != StepStatus::kSkipped) {
            all_good = false;
        }
    }
    if (std::any_of(s.steps.begin(), s.steps.end(),
                    [](const core::StepState& step) { return step.children.live() != 0; })) {
        return "the run ended before its child runs";
    }
    if (recount != 0 || count(StepStatus::kRunning) != 0) {
        return "the run ended with a step running or in doubt";
    }
    if ((e.status == RunStatus::kSucceeded) != (all_good && e.status == RunStatus::kSucceeded)) {
        return "the run succeeded with a step that did not";
    }
    return std::nullopt;
}

bool leaves_settled_legally(const EventBody& body) {
    return std::holds_alternative<RoundOpened>(body) || std::holds_alternative<UndoReady>(body) ||
           std::holds_alternative<UndoPassed>(body) || std::holds_alternative<UndoLeft>(body);
}

}  // namespace

std::optional<std::string> check_event(const Workflow& w, const core::RunState& s, const Event& event) {
    if (event.seq != s.seq + 1) {
        return "an event's number does not follow";
    }
    if (is_final(s.status)) {
        return "an event after the run's end: " + std::string(event_name(event.body));
    }
    const StepIndex i = event_step(event.body);
    if (i != kNoStep && i >= w.size()) {
        return "an event of an unknown step";
    }
    if (auto off = check_undo_event(w, s, event.body)) {
        return off;
    }
    if (const auto* e = std::get_if<AttemptStarted>(&event.body)) {
        return check_attempt(w, s, *e);
    }
    if (const auto* e = std::get_if<RoundOpened>(&event.body)) {
        return check_round(w, s, *e);
    }
    if (const auto* e = std::get_if<RunFinished>(&event.body)) {
        return check_end(s, *e);
    }
    if (const auto* e = std::get_if<StepReady>(&event.body)) {
        if (!dependencies_satisfied(w, s, e->step)) {
            return at(w, e->step) + " is ready before its dependencies";
        }
    }
    if (i != kNoStep && is_settled(s.steps[i].status) && !leaves_settled_legally(event.body) &&
        !std::holds_alternative<GateDecided>(event.body) && !std::holds_alternative<RedoAsked>(event.body)) {
        return at(w, i) + " is settled, yet got " + std::string(event_name(event.body));
    }
    return std::nullopt;
}

std::optional<std::string> check_tick(const Workflow& w, const Situation& s) {
    if (auto off = core::check_invariants(w, s.state)) {
        return "invariants: " + *off;
    }
    if (auto off = core::check_invariants(s.admission)) {
        return "admission: " + *off;
    }
    if (s.admission.holders.size() > s.admission.capacity) {
        return "the limit is exceeded";
    }
    const bool final = is_final(s.state.status);
    for (StepIndex i = 0; i < w.size(); ++i) {
        const core::TicketKey key{s.state.run, i};
        const bool holds = s.admission.holders.contains(key);
        const bool queued = s.admission.queued.contains(key);
        const bool running = core::has_attempt(s.state.steps[i]);
        if (holds != running) {
            return at(w, i) + (holds ? " holds a place and does not run" : " runs without a place");
        }
        const bool wants = s.state.steps[i].status == StepStatus::kReady &&
                           w.step(i).type == StepType::kExecutor && !must_hold_still(s.state) &&
                           !s.state.steps[i].held && !s.state.steps[i].missing;
        const bool wants_undo =
            s.state.steps[i].undo.phase == UndoPhase::kQueued && !s.state.paused && !s.state.steps[i].missing;
        if ((wants || wants_undo) && !queued) {
            return at(w, i) + " is ready and has no ticket";
        }
        if (queued && (final || !core::is_queued(s.state.steps[i]))) {
            return at(w, i) + " has a ticket and no use for it";
        }
    }
    return std::nullopt;
}

namespace {

bool timer_armed(const Situation& s, StepIndex i, TimeMs due) {
    return std::any_of(s.timers.begin(), s.timers.end(),
                       [&](const ArmedTimer& t) { return t.step == i && t.due_ms == due; });
}

std::optional<std::string> check_deadlines(const Workflow& w, const Situation& s, StepIndex i) {
    const auto& step = s.state.steps[i];
    TimeMs dues[3] = {0, 0, 0};
    if (core::has_attempt(step)) {
        dues[0] = step.cancel.reason == CancelReason::kNone ? step.attempt_deadline_ms : 0;
        dues[1] = step.cancel.reason != CancelReason::kNone ? step.cancel.due_ms : 0;
    }
    if (step.status == StepStatus::kWaiting) {
        dues[2] = step.expires_ms;
    }
    for (TimeMs due : dues) {
        if (due != 0 && !timer_armed(s, i, due)) {
            return at(w, i) + " has a time limit that no timer watches";
        }
    }
    return std::nullopt;
}

/// A step that is held for a redo waits for a live attempt of the closure.
std::optional<std::string> check_held(const Workflow& w, const Situation& s, StepIndex i) {
    for (StepIndex other = 0; other < w.size(); ++other) {
        if (s.state.steps[other].held &&
            (s.world[other].linked || s.world[other].asked || s.state.steps[other].children.live() != 0)) {
            return std::nullopt;
        }
    }
    return at(w, i) + " is held for a redo that waits for nothing";
}

std::optional<std::string> check_waker(const Workflow& w, const Situation& s, StepIndex i) {
    const auto& step = s.state.steps[i];
    switch (core::waker(w, s.state, i)) {
        case WakerKind::kNone:
            return at(w, i) + " is unfinished and nothing will wake it";
        case WakerKind::kDependency:
            if (step.status == StepStatus::kSucceeded) {
                return check_turn(w, s.state, i);
            }
            if (dependencies_satisfied(w, s.state, i)) {
                return at(w, i) + " waits for dependencies that are satisfied";
            }
            break;
        case WakerKind::kAttempt:
            if (step.held && step.status != StepStatus::kRunning) {
                return check_held(w, s, i);
            }
            if (!s.world[i].linked && !s.world[i].asked) {
                return at(w, i) + " waits for an attempt nobody will hear of";
            }
            if (s.world[i].linked && s.world[i].phase == Outside::kIdle) {
                return at(w, i) + " waits for an attempt that never started";
            }
            break;
        case WakerKind::kGate:
            if (step.status != StepStatus::kWaiting) {
                return at(w, i) + " waits for a gate that is not open";
            }
            break;
        case WakerKind::kTimer:
            if (step.due_ms == 0 || !timer_armed(s, i, step.due_ms)) {
                return at(w, i) + " waits for a timer that is not armed";
            }
            break;
        case WakerKind::kTicket:
            if (!s.admission.queued.contains(core::TicketKey{s.state.run, i})) {
                return at(w, i) + " waits for a ticket it has not";
            }
            break;
        case WakerKind::kChildRun:
            if (step.children.live() == 0) {
                return at(w, i) + " waits for child runs that do not exist";
            }
            break;
        case WakerKind::kOperator:
            break;
    }
    return std::nullopt;
}

}  // namespace

std::optional<std::string> check_rest(const Workflow& w, const Situation& s) {
    if (is_final(s.state.status)) {
        for (StepIndex i = 0; i < w.size(); ++i) {
            if (core::waker(w, s.state, i) != WakerKind::kNone && is_unfinished(s.state.steps[i].status) &&
                s.state.steps[i].status == StepStatus::kRunning) {
                return at(w, i) + " runs in a run that has ended";
            }
        }
        return std::nullopt;
    }
    bool outsider = s.state.paused || s.state.status == RunStatus::kBlocked;
    bool moves = false;
    for (StepIndex i = 0; i < w.size(); ++i) {
        const auto status = s.state.steps[i].status;
        const bool given_up =
            status == StepStatus::kFailed && s.state.cancel_asked && !s.state.steps[i].undo.begun;
        if ((is_unfinished(status) && !given_up) || is_to_be_undone(w, s.state, i)) {
            if (auto off = check_waker(w, s, i)) {
                return off;
            }
            if (auto off = check_deadlines(w, s, i)) {
                return off;
            }
        }
        outsider = outsider || s.state.steps[i].children.live() != 0 ||
                   (status == StepStatus::kWaiting && s.state.steps[i].wait_kind == WaitKind::kGate);
        moves = moves || s.world[i].linked || s.world[i].asked ||
                (s.state.steps[i].due_ms != 0 && timer_armed(s, i, s.state.steps[i].due_ms));
    }
    if (!outsider && !moves) {
        return "nothing can move and nobody is asked to act";
    }
    return std::nullopt;
}

}  // namespace search
