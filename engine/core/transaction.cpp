#include "engine/core/transaction.hpp"

#include <algorithm>

#include "engine/core/closure.hpp"
#include "engine/core/counters.hpp"

namespace slipway::core {

bool is_halted(const RunState& state) {
    return state.paused || state.cancel_asked || state.blocking != 0 || is_final(state.status);
}

bool is_startable(const StepState& step) {
    return is_queued(step) && !step.held && !step.missing;
}

bool is_undo_held(const RunState& state) {
    return state.paused || !state.unwind.begun || is_final(state.status);
}

Transaction::Transaction(const Workflow& workflow, RunState& state, const Moment& moment)
    : workflow_(workflow),
      state_(state),
      moment_(moment),
      was_halted_(is_halted(state)),
      was_undo_held_(is_undo_held(state)),
      was_final_(is_final(state.status)) {}

void Transaction::touch(StepIndex index) {
    if (index < state_.steps.size()) {
        const StepState& s = state_.steps[index];
        touched_.push_back(
            {index, is_queued(s), has_attempt(s), is_startable(s), s.status == StepStatus::kWaiting});
    }
}

void Transaction::touch_event(const EventBody& body) {
    if (const auto* redo = std::get_if<RedoAsked>(&body)) {
        for (const StepIndex i : redo_closure(workflow_, redo->step)) {
            touch(i);
        }
    } else if (const auto* round = std::get_if<RoundOpened>(&body)) {
        for (const StepIndex i : round->steps) {
            touch(i);
        }
    } else {
        touch(event_step(body));
    }
}

void Transaction::emit(EventBody body) {
    if (decision_.refused) {
        return;
    }
    touch_event(body);
    Event event{state_.seq + 1, moment_.now_ms, std::move(body)};
    if (auto done = apply(workflow_, state_, event); !done) {
        decision_.refused = bug_error("an impossible decision: " + done.error().message);
        return;
    }
    decision_.events.push_back(std::move(event));
}

void Transaction::arm(StepIndex step, TimerKind kind, TimeMs due_ms) {
    if (due_ms != 0) {
        command(ArmTimer{step, kind, due_ms});
    }
}

void Transaction::open_round() {
    std::vector<StepIndex> steps;
    for (StepIndex i = 0; i < state_.steps.size(); ++i) {
        if (state_.steps[i].held) {
            steps.push_back(i);
        }
    }
    emit(RoundOpened{steps, state_.redo_why});
    for (const StepIndex i : steps) {
        SkipMode mode = SkipMode::kGoOn;
        if (step(i).status == StepStatus::kPending && must_be_skipped(i, mode)) {
            skip(i, mode, engine_principal(), "what it depends on was skipped");
        } else {
            make_ready(i);
        }
    }
}

Decision Transaction::finish() {
    if (!decision_.refused && !is_final(state_.status)) {
        if (state_.redo_root != kNoStep && state_.redo_live == 0) {
            open_round();
        }
        begin_undoing();
        update_run();
    }
    if (decision_.refused) {
        return {{}, {}, decision_.refused};
    }
    place_commands();
    if (is_final(state_.status) && !was_final_) {
        command(EndRun{state_.status});
    }
    return std::move(decision_);
}

void Transaction::request(StepIndex index) {
    if (takes_places(spec(index))) {
        command(RequestPlace{index});
    } else {
        command(ResolveInput{index});
    }
}

void Transaction::place_commands() {
    std::vector<Command> others;
    others.swap(decision_.commands);
    claim_changes();
    place_changes();
    change_held(is_halted(state_), is_undo_held(state_));
    decision_.commands.insert(decision_.commands.end(), std::make_move_iterator(others.begin()),
                              std::make_move_iterator(others.end()));
}

/// Of all steps that are ready, to be done or undone: what they hold or want while nothing may start.
void Transaction::change_held(bool halted, bool undo_held) {
    const auto some = [&](StepStatus status) { return state_.counts[static_cast<std::size_t>(status)] != 0; };
    for (StepIndex i = 0; !halted && was_halted_ && state_.child_waits != 0 && i < state_.steps.size(); ++i) {
        const ChildrenState& children = step(i).children;
        if (waits_for_children(step(i)) && children.next < children.list.size()) {
            command(GoOnChildren{i});
        }
    }
    if (!(halted != was_halted_ && some(StepStatus::kReady)) &&
        !(undo_held != was_undo_held_ && some(StepStatus::kUndoing))) {
        return;
    }
    for (StepIndex i = 0; i < state_.steps.size(); ++i) {
        const StepState& s = step(i);
        const bool undoing = s.status == StepStatus::kUndoing;
        const bool held = undoing ? undo_held : halted;
        if (!is_queued(s) || held == (undoing ? was_undo_held_ : was_halted_)) {
            continue;
        }
        if (held && takes_places(spec(i))) {
            command(ReturnPlace{i});
        } else if (!held && is_startable(s)) {
            request(i);
        }
    }
}

/// Of steps that moved: gives back what they no longer use, asks for what they now need.
void Transaction::place_changes() {
    const auto by_step = [](const Touched& a, const Touched& b) { return a.step < b.step; };
    std::stable_sort(touched_.begin(), touched_.end(), by_step);
    const auto same = [](const Touched& a, const Touched& b) { return a.step == b.step; };
    touched_.erase(std::unique(touched_.begin(), touched_.end(), same), touched_.end());
    for (const Touched& t : touched_) {
        const StepState& now = step(t.step);
        const bool ran = t.live && !has_attempt(now);
        const bool waited = t.queued && !is_startable(now) && !has_attempt(now);
        if ((ran || waited) && spec(t.step).type == StepType::kExecutor) {
            command(ReturnPlace{t.step});
        }
    }
    const bool halted = is_halted(state_) || was_halted_;
    const bool undo_held = is_undo_held(state_) || was_undo_held_;
    for (const Touched& t : touched_) {
        const bool held = step(t.step).status == StepStatus::kUndoing ? undo_held : halted;
        if (!held && is_startable(step(t.step)) && !t.startable) {
            request(t.step);
        }
    }
}

std::string place_of(const RunState& state) {
    return "run \"" + state.run.str() + "\"";
}

std::string place_of(const Workflow& workflow, const RunState& state, StepIndex step) {
    return place_of(state) + ", step \"" + workflow.step(step).id.str() + "\"";
}

const Principal& engine_principal() {
    static const Principal kEngine{"engine", {}};
    return kEngine;
}

Decision refuse(ErrorCode code, std::string message, std::string hint) {
    return {{}, {}, usage_error(code, std::move(message), std::move(hint))};
}

}  // namespace slipway::core
