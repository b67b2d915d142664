#include "engine/runtime/ticker.hpp"

#include <algorithm>

#include "engine/codec/workflow_codec.hpp"

namespace slipway::runtime {
namespace {

constexpr DurationMs kLookAgain = 1'000;

StepIndex step_of(const core::Input& input) {
    return std::visit(
        [](const auto& body) {
            if constexpr (requires { body.step; }) {
                return body.step;
            } else {
                return kNoStep;
            }
        },
        input);
}

bool still_running(const core::Input& input) {
    const auto* reconciled = std::get_if<core::AttemptReconciled>(&input);
    return reconciled != nullptr && std::holds_alternative<StillRunning>(reconciled->verdict);
}

Error quarantined_error(const RunId& run) {
    return environment_error(ErrorCode::kRefused,
                             "run " + run.str() + " is quarantined: part of its record is damaged",
                             "release it, and start a new run");
}

}  // namespace

void Ticker::run(std::vector<Item>& batch) {
    now_ = shell_.now();
    const auto begun = Meter::Steady::now();
    const auto tick = shell_.last_tick;
    shell_.meter.took_in(batch.size());
    for (auto& item : batch) {
        if (shell_.failed) {
            refuse(item, *shell_.failed);
        } else {
            take(item);
        }
    }
    batch.clear();
    if (!shell_.failed) {
        settle();
        static_cast<void>(finish_tick());
    }
    if (shell_.last_tick != tick) {
        shell_.meter.ticked(begun);
    }
    std::vector<Ask> asks;
    asks.swap(asks_);
    for (const auto& ask : asks) {
        ask.body(shell_.failed ? &*shell_.failed : nullptr);
    }
}

void Ticker::resume(const std::vector<RunEntry*>& runs) {
    now_ = shell_.now();
    for (auto* run : runs) {
        touch(*run);  // what was only loaded to be looked at is let go with the next fold
        for (auto& command : core::resume(run->loaded->plan->workflow, run->loaded->state)) {
            work_.push_back({run, std::move(command), false});
        }
    }
    return_stray_places();
    const std::size_t before = admission_events_.size();
    core::set_limits(shell_.admission, shell_.options.limits, now_, admission_events_);
    core::set_capacity(shell_.admission, shell_.options.live_attempts_max, now_, admission_events_);
    core::grant(shell_.admission, now_, admission_events_);
    note_from(before);
    settle();
    static_cast<void>(finish_tick());
}

void Ticker::take(Item& item) {
    if (auto* deliver_item = std::get_if<Deliver>(&item)) {
        deliver(*deliver_item);
    } else if (auto* begin_item = std::get_if<Begin>(&item)) {
        begin(*begin_item);
    } else if (auto* arrived = std::get_if<Arrived>(&item)) {
        arrive(*arrived);
    } else {
        asks_.push_back(std::move(std::get<Ask>(item)));
    }
}

Result<void> Ticker::same_start(const core::StartRun& start, const core::RunState& known,
                                const Digest& workflow) const {
    const auto& request = start.request;
    if (workflow == request.workflow.digest() && known.input == request.input) {
        return {};
    }
    return usage_error(ErrorCode::kConflict,
                       "run " + request.run.str() + " was started with another workflow or another input",
                       "choose another id");
}

void Ticker::begin(Begin& begin) {
    const auto& id = begin.start.request.run;
    if (auto* known = shell_.runs.find(id)) {
        if (known->quarantined) {
            answers_.push_back({nullptr, std::move(begin.done), quarantined_error(id)});
        } else if (has_to_wait(*known)) {
            wait_for(*known, std::move(begin));
        } else if (auto loaded = load(*known)) {
            auto result = same_start(begin.start, known->loaded->state, known->loaded->state.workflow);
            answers_.push_back({known, std::move(begin.done), std::move(result)});
        } else {
            answers_.push_back({nullptr, std::move(begin.done), std::move(loaded)});
        }
        return;
    }
    auto stored = shell_.runs.rebuild(id, {});
    if (!stored) {
        answers_.push_back({nullptr, std::move(begin.done), std::move(stored).error()});
    } else if (*stored) {
        auto result = same_start(begin.start, (*stored)->state, (*stored)->state.workflow);
        answers_.push_back({nullptr, std::move(begin.done), std::move(result)});
    } else {
        begin_new(begin);
    }
}

void Ticker::begin_new(Begin& begin) {
    auto begun = begin_run(begin.start);
    if (begun) {
        answers_.push_back({*begun, std::move(begin.done), {}});
    } else {
        answers_.push_back({nullptr, std::move(begin.done), std::move(begun).error()});
    }
}

/// The commit in the making brings it into the store, unless it is there.
Result<void> Ticker::keep_workflow(const Workflow& workflow) {
    const auto& digest = workflow.digest();
    if (!shell_.stored_workflows.contains(digest) &&
        std::find(new_workflows_.begin(), new_workflows_.end(), digest) == new_workflows_.end()) {
        SLIPWAY_TRY(auto blob, codec::encode_workflow(workflow, shell_.encoding(&blobs_)));
        blobs_.push_back(std::move(blob));
        new_workflows_.push_back(digest);
    }
    return {};
}

Result<RunEntry*> Ticker::begin_run(const core::StartRun& start) {
    const auto& request = start.request;
    auto run = std::make_unique<LoadedRun>();
    run->plan = shell_.registry.plan(request.workflow);
    core::Moment at;
    at.now_ms = now_;
    at.random = shell_.next_random();
    auto decision = core::begin(run->plan->workflow, start, at, run->state);
    if (decision.refused) {
        return *std::move(decision.refused);
    }
    SLIPWAY_CHECK(keep_workflow(request.workflow));
    auto& entry = shell_.runs.add(request.run);
    entry.loaded = std::move(run);
    absorb(entry, std::move(decision));
    return &entry;
}

void Ticker::deliver(Deliver& deliver) {
    auto* run = shell_.runs.find(deliver.run);
    if (run == nullptr) {
        if (deliver.done) {
            answers_.push_back({nullptr, std::move(deliver.done), refuse_unknown(deliver)});
        }
        return;
    }
    if (has_to_wait(*run)) {
        wait_for(*run, std::move(deliver));
        return;
    }
    auto loaded = run->quarantined ? Result<void>(quarantined_error(deliver.run)) : load(*run);
    if (!loaded) {
        answers_.push_back({nullptr, std::move(deliver.done), std::move(loaded)});
        return;
    }
    if (postponed(*run, deliver.input)) {
        return;
    }
    if (const auto* due = std::get_if<core::ChildrenDue>(&deliver.input);
        due != nullptr && due->step == kNoStep) {
        look_for_children(*run);
        return;
    }
    keep_child_workflows(deliver.input);
    auto refused = feed(*run, deliver.input);
    if (refused) {
        answers_.push_back({run, std::move(deliver.done), *std::move(refused)});
        return;
    }
    if (still_running(deliver.input)) {
        const auto step = step_of(deliver.input);
        owed_.push_back({run, core::ReconcileAttempt{step, run->loaded->state.steps[step].fence}, true});
    }
    if (deliver.done) {
        answers_.push_back({run, std::move(deliver.done), {}});
    }
    settle();
}

// While an attempt is looked at after a restart, no cancel of it is escalated: the verdict comes first, or
// the deadline of the reconciliation.
bool Ticker::postponed(const RunEntry& run, const core::Input& input) {
    const auto* timer = std::get_if<core::TimerFired>(&input);
    if (timer == nullptr || timer->kind != core::TimerKind::kCancelEscalation) {
        return false;
    }
    const auto live = run.loaded->live.find(timer->step);
    if (live == run.loaded->live.end() || live->second->mode() != AttemptMode::kReconcile) {
        return false;
    }
    shell_.timers.arm({now_ + kLookAgain, run.id, *timer});
    return true;
}

// A run that is not in memory is finished or was never there: the core says what is wrong with the input.
Result<void> Ticker::refuse_unknown(const Deliver& deliver) {
    SLIPWAY_TRY(auto stored, shell_.runs.rebuild(deliver.run, {}));
    if (!stored) {
        return usage_error(ErrorCode::kNotFound, "there is no run " + deliver.run.str());
    }
    core::Moment at;
    at.now_ms = now_;
    const auto decision = core::decide(stored->plan->workflow, stored->state, deliver.input, at);
    if (decision.refused) {
        return *decision.refused;
    }
    return usage_error(ErrorCode::kRefused, "run " + deliver.run.str() + " has ended");
}

bool Ticker::has_to_wait(const RunEntry& run) {
    return !run.quarantined && (run.waiting != nullptr || run.loaded == nullptr);
}

void Ticker::wait_for(RunEntry& run, Item item) {
    const bool is_coming = run.waiting != nullptr;
    if (!is_coming) {
        run.waiting = std::make_unique<std::vector<Item>>();
    }
    run.waiting->push_back(std::move(item));
    if (is_coming) {
        return;
    }
    auto& services = *shell_.services;
    services.loader->post([&services, &runs = shell_.runs, id = run.id] {
        auto outcome = std::make_shared<LoadOutcome>(LoadOutcome{runs.rebuild(id, {})});
        services.inbox.post(Arrived{id, std::move(outcome)});
    });
}

// It may have been loaded meanwhile, for a place that was granted to it; what waited comes first all the
// same.
void Ticker::arrive(Arrived& arrived) {
    auto* run = shell_.runs.find(arrived.run);
    if (run == nullptr || run->waiting == nullptr) {
        return;
    }
    const auto waiting = std::move(run->waiting);
    if (run->loaded == nullptr && !run->quarantined) {
        if (auto here = install(*run, std::move(arrived.outcome->found)); !here) {
            for (auto& item : *waiting) {
                refuse(item, here.error());
            }
            return;
        }
        settle();
    }
    for (auto& item : *waiting) {
        take(item);
    }
}

Result<void> Ticker::load(RunEntry& run) {
    if (run.loaded != nullptr) {
        return {};
    }
    return install(run, shell_.runs.rebuild(run.id, {}));
}

Result<void> Ticker::install(RunEntry& run, Result<std::optional<StoredState>> stored) {
    if (!stored && !is_damage(stored.error())) {
        // It may be readable later. Its timers are armed by its being loaded, so that has to be tried again.
        look_again(run);
        return stored.error();
    }
    run.loaded = std::make_unique<LoadedRun>();
    if (!stored || !*stored) {
        run.loaded->state.run = run.id;
        quarantine(run, stored ? "its checkpoint is gone" : stored.error().message);
        return quarantined_error(run.id);
    }
    run.loaded->plan = std::move((*stored)->plan);
    run.loaded->state = std::move((*stored)->state);
    run.wake_ms = 0;
    run.above.reset();
    ++shell_.runs_read_back;
    shell_.memory.count(run, loaded_bytes(run.loaded->state, (*stored)->bytes));
    touch(run);  // a run that was only looked at is let go again with the next fold
    for (auto& command : core::resume(run.loaded->plan->workflow, run.loaded->state)) {
        work_.push_back({&run, std::move(command), false});
    }
    ask_parent_again(run);
    return {};
}

}  // namespace slipway::runtime
