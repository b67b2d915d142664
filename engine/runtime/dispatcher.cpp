#include "engine/runtime/dispatcher.hpp"

#include "engine/codec/workflow_codec.hpp"
#include "engine/core/counters.hpp"

namespace slipway::runtime {
namespace {

AttemptInfo describe(const RunEntry& run, StepIndex step) {
    const auto& workflow = run.loaded->plan->workflow;
    const auto& state = run.loaded->state;
    const auto& spec = workflow.step(step);
    const auto& s = state.steps[step];
    AttemptInfo info;
    info.run = run.id;
    info.step = spec.id;
    info.kind = spec.kind;
    info.kind_version = spec.kind_version;
    info.section = spec.section;
    info.round = s.round;
    info.undo = s.status == StepStatus::kUndoing;
    info.attempt = info.undo ? s.undo.attempt : s.attempt;
    info.fence = s.fence;
    info.deadline_ms = s.attempt_deadline_ms;
    info.input = s.input;
    info.resolutions = s.resolutions;
    info.labels = spec.labels;
    for (const auto& [key, value] : state.labels) {
        info.labels["run." + key] = value;
    }
    return info;
}

bool is_live(const core::StepState& step, Fence fence) {
    return step.fence == fence && core::has_attempt(step);
}

// A failed attempt has been reconciled: an operator's retry starts with an empty directory.
bool ends_use_of_scratch(const Event& event) {
    return std::holds_alternative<StepSucceeded>(event.body) ||
           std::holds_alternative<StepFailed>(event.body) ||
           std::holds_alternative<StepSkipped>(event.body) ||
           std::holds_alternative<StepCancelled>(event.body) ||
           std::holds_alternative<StepSettled>(event.body) ||
           std::holds_alternative<StepUndone>(event.body) || std::holds_alternative<UndoLeft>(event.body);
}

Failed cannot_undo() {
    StepFailure failure;
    failure.message = "its executor cannot undo anything";
    failure.in_undo = true;
    return Failed{std::move(failure)};
}

}  // namespace

void Dispatcher::dispatch(const Owed& owed) {
    auto& run = *owed.run;
    if (run.loaded == nullptr || run.quarantined) {
        return;
    }
    if (const auto* begin = std::get_if<core::StartAttempt>(&owed.command)) {
        start(run, begin->step, begin->fence);
    } else if (const auto* check = std::get_if<core::ReconcileAttempt>(&owed.command)) {
        reconcile(run, check->step, check->fence, owed.attach);
    } else if (const auto* stop = std::get_if<core::CancelAttempt>(&owed.command)) {
        cancel(run, *stop);
    } else if (const auto* timer = std::get_if<core::ArmTimer>(&owed.command)) {
        shell_.timers.arm({timer->due_ms, run.id, core::TimerFired{timer->step, timer->kind, timer->due_ms}});
    } else if (const auto* more = std::get_if<core::GoOnChildren>(&owed.command)) {
        shell_.services->inbox.post(Deliver{run.id, core::ChildrenDue{more->step}, {}});
    } else if (std::holds_alternative<core::EndRun>(owed.command)) {
        ++shell_.unfolded_finished;
    }
}

std::shared_ptr<LiveAttempt> Dispatcher::open_attempt(RunEntry& run, StepIndex step, AttemptMode mode) {
    const auto* slot = run.loaded->plan->executors[step];
    if (slot == nullptr) {
        return nullptr;
    }
    auto attempt =
        std::make_shared<LiveAttempt>(shell_.services, slot->executor, describe(run, step), step, mode);
    auto& place = run.loaded->live[step];
    if (place != nullptr) {
        place->close();
    }
    place = attempt;
    return attempt;
}

void Dispatcher::start(RunEntry& run, StepIndex step, Fence fence) {
    if (!is_live(run.loaded->state.steps[step], fence)) {
        return;  // it ended within the tick that started it
    }
    const auto attempt = open_attempt(run, step, AttemptMode::kAct);
    if (attempt == nullptr) {
        return;
    }
    const auto& state = run.loaded->state.steps[step];
    if (state.status == StepStatus::kUndoing) {
        if (run.loaded->plan->executors[step]->traits.can_undo) {
            guarded(*attempt, [&] { attempt->executor().undo(attempt, state.output); });
        } else {
            attempt->finish(cannot_undo());
        }
    } else {
        guarded(*attempt, [&] { attempt->executor().start(attempt); });
    }
}

void Dispatcher::reconcile(RunEntry& run, StepIndex step, Fence fence, bool attach) {
    if (!is_live(run.loaded->state.steps[step], fence)) {
        return;
    }
    const auto attempt = open_attempt(run, step, attach ? AttemptMode::kAct : AttemptMode::kReconcile);
    if (attempt == nullptr) {
        return;
    }
    const auto& state = run.loaded->state.steps[step];
    if (state.status == StepStatus::kUndoing && !run.loaded->plan->executors[step]->traits.can_undo) {
        attempt->finish(cannot_undo());
        return;
    }
    if (state.cancel.reason != CancelReason::kNone) {
        attempt->set_cancelled();
    }
    if (attach) {
        try {
            attempt->executor().attach(attempt, state.evidence);
        } catch (...) {  // the attempt itself lives on
            attempt->finish(InDoubt{"its executor threw when it was to take the live attempt over", {}});
        }
        return;
    }
    const auto timeout = run.loaded->plan->executors[step]->traits.reconcile_timeout_ms;
    reconcile_deadlines_.emplace(shell_.now() + timeout, Reconciling{attempt, timeout});
    guarded(*attempt, [&] { attempt->executor().reconcile(attempt, state.evidence); });
}

void Dispatcher::cancel(RunEntry& run, const core::CancelAttempt& command) {
    const auto found = run.loaded->live.find(command.step);
    if (found == run.loaded->live.end() || found->second->bare_info().fence != command.fence) {
        return;
    }
    const auto attempt = found->second;
    attempt->set_cancelled();
    try {
        attempt->executor().cancel(attempt->info(),
                                   command.force ? CancelMode::kForce : CancelMode::kCooperative);
    } catch (...) {
        attempt->log(LogLevel::kError, "the executor threw when it was asked to cancel; the request stands");
    }
}

void Dispatcher::close_ended(RunEntry& run, const Event& event) {
    if (run.loaded->live.empty() && shell_.services->scratch->empty()) {
        return;
    }
    if (const auto* opened = std::get_if<RoundOpened>(&event.body)) {
        for (const auto step : opened->steps) {
            close_step(run, step, event);
            drop_scratch(run, step, run.loaded->state.steps[step].round - 1);
        }
    } else if (const auto step = event_step(event.body); step != kNoStep) {
        close_step(run, step, event);
    }
}

void Dispatcher::close_step(RunEntry& run, StepIndex step, const Event& event) {
    const auto& state = run.loaded->state.steps[step];
    const auto found = run.loaded->live.find(step);
    if (found != run.loaded->live.end() && !is_live(state, found->second->bare_info().fence)) {
        found->second->close();
        run.loaded->live.erase(found);
    }
    if (ends_use_of_scratch(event)) {
        drop_scratch(run, step, state.round);
    }
}

void Dispatcher::drop_scratch(const RunEntry& run, StepIndex step, std::uint32_t round) {
    auto& scratch = *shell_.services->scratch;
    if (scratch.empty()) {
        return;
    }
    const auto& id = run.loaded->plan->workflow.step(step).id;
    for (const bool undo : {false, true}) {
        auto gone = scratch.retire(codec::idempotency_key(run.id, id, round, undo));
        if (!gone.empty()) {
            shell_.services->pool->post([gone = std::move(gone)] { Scratch::remove(gone); });
        }
    }
}

void Dispatcher::expire_reconciliations(TimeMs now) {
    while (!reconcile_deadlines_.empty() && reconcile_deadlines_.begin()->first <= now) {
        const auto due = reconcile_deadlines_.begin()->second;
        reconcile_deadlines_.erase(reconcile_deadlines_.begin());
        const auto attempt = due.attempt.lock();
        if (attempt == nullptr) {
            continue;
        }
        // Its time runs from when the pool takes it up.
        const auto until = attempt->begun_ms() + due.timeout_ms;
        if (attempt->is_queued()) {
            reconcile_deadlines_.emplace(now + due.timeout_ms, due);
        } else if (until > now) {
            reconcile_deadlines_.emplace(until, due);
        } else {
            attempt->give_up_reconciling();
        }
    }
}

std::optional<TimeMs> Dispatcher::next_deadline() const {
    return reconcile_deadlines_.empty() ? std::nullopt
                                        : std::optional<TimeMs>(reconcile_deadlines_.begin()->first);
}

}  // namespace slipway::runtime
