// The second half of an open: what was read must hold together, and what does not is set aside.
#include <algorithm>

#include "engine/codec/event_codec.hpp"
#include "engine/codec/workflow_codec.hpp"
#include "engine/runtime/mask.hpp"
#include "engine/runtime/recovery.hpp"

namespace slipway::runtime {
namespace {

bool keeps_scratch(StepStatus status) {
    return status == StepStatus::kRunning || status == StepStatus::kUndoing ||
           status == StepStatus::kInDoubt || status == StepStatus::kBackingOff ||
           status == StepStatus::kWaiting || status == StepStatus::kReady;
}

}  // namespace

// What cannot be read now may be read at the next open: the run stays as it is, and the engine does not open.
Result<void> Recovery::set_aside(RunEntry& run, const Error& why) {
    if (is_damage(why)) {
        return quarantine(run, why.message);
    }
    auto error = why;
    error.message = "run " + run.id.str() + " cannot be read: " + why.message;
    return error;
}

Result<void> Recovery::quarantine(RunEntry& run, const std::string& why) {
    broken_.insert(run.id);
    if (!run.quarantined) {
        run.quarantined = true;
        new_quarantines_.push_back(run.id);
        shell_.alarm("quarantined", run.id, why);
    }
    if (run.loaded == nullptr) {
        return {};
    }
    // A slice that fails half-way leaves half a state behind: back to the last one that held.
    auto durable = shell_.runs.rebuild(run.id, run.loaded->tail);
    if (!durable && !is_damage(durable.error())) {
        return durable.error();
    }
    const bool holds = durable && *durable;
    run.loaded->plan = holds ? std::move((*durable)->plan) : nullptr;
    run.loaded->state = holds ? std::move((*durable)->state) : core::RunState{};
    run.loaded->state.run = run.id;
    return {};
}

Result<void> Recovery::keep_quarantines() {
    if (new_quarantines_.empty()) {
        return {};
    }
    Fold fold;
    fold.partition = kPartition;
    fold.epoch = shell_.epoch;
    fold.quarantine = new_quarantines_;
    return shell_.store().fold(fold);
}

// Runs that hold or await a place are in flight, whatever their index entry says.
Result<void> Recovery::load_places() {
    const auto bring = [this](const core::TicketKey& key) -> Result<void> {
        auto* run = shell_.runs.find(key.run);
        return run != nullptr && run->loaded == nullptr && !run->quarantined ? load(*run) : Result<void>{};
    };
    for (const auto& [key, number] : shell_.admission.holders.sorted()) {
        SLIPWAY_CHECK(bring(key));
    }
    for (const auto& [key, number] : shell_.admission.queued.sorted()) {
        SLIPWAY_CHECK(bring(key));
    }
    return {};
}

Result<void> Recovery::check_runs() {
    for (auto& [id, run] : shell_.runs.all()) {
        if (run.loaded == nullptr || run.quarantined) {
            continue;
        }
        if (const auto wrong = core::check_invariants(run.loaded->plan->workflow, run.loaded->state)) {
            SLIPWAY_CHECK(quarantine(run, *wrong));
        }
    }
    return {};
}

void Recovery::note_recovered() {
    for (const auto* run : loaded_) {
        const auto& steps = run->loaded->state.steps;
        for (StepIndex i = 0; i < steps.size(); ++i) {
            if (steps[i].status == StepStatus::kRunning || steps[i].status == StepStatus::kUndoing) {
                shell_.recovered.push_back({run->id, i, steps[i].fence});
            }
        }
    }
}

void Recovery::find_missing() {
    for (auto& [id, run] : shell_.runs.all()) {
        if (run.loaded == nullptr || run.quarantined) {
            continue;
        }
        if (run.loaded->plan->complete || is_final(run.loaded->state.status)) {
            continue;
        }
        for (StepIndex i = 0; i < run.loaded->state.steps.size(); ++i) {
            const auto& spec = run.loaded->plan->workflow.step(i);
            if (!run.loaded->plan->can_start(i) && !is_settled(run.loaded->state.steps[i].status)) {
                shell_.missing.push_back({id, spec.id, spec.kind, spec.kind_version});
                shell_.alarm(
                    "missing_executor", id,
                    spec.id.str() + ": " + spec.kind + " version " + std::to_string(spec.kind_version));
            }
        }
    }
}

// In-doubt runs are never parked, so whatever may still need its directory is loaded - but for parked
// back-offs and waits, which find an empty one. What a quarantined run left is not known for sure: while
// there is one, everything stays that is not for certain nobody's.
void Recovery::sweep_scratch() {
    auto& scratch = *shell_.services->scratch;
    if (!scratch.look()) {
        return;
    }
    const auto& all = shell_.runs.all();
    if (std::any_of(all.begin(), all.end(), [](const auto& entry) { return entry.second.quarantined; })) {
        scratch.sweep_retired();
        return;
    }
    std::set<std::string> keep;
    for (const auto& [id, run] : all) {
        if (run.loaded == nullptr || run.loaded->plan == nullptr) {
            continue;
        }
        const auto& state = run.loaded->state;
        for (StepIndex i = 0; i < state.steps.size(); ++i) {
            if (keeps_scratch(state.steps[i].status)) {
                keep.insert(codec::idempotency_key(id, run.loaded->plan->workflow.step(i).id,
                                                   state.steps[i].round, state.steps[i].undo.begun));
            }
        }
    }
    scratch.sweep(keep);
}

// Observers hear everything that is not folded again: at least once.
void Recovery::republish() {
    if (!shell_.services->publisher->wanted()) {
        return;
    }
    for (const auto* run : shell_.dirty) {
        if (run->loaded->plan == nullptr) {
            continue;
        }
        for (const auto& slice : run->loaded->tail) {
            auto events = codec::decode_slice(run->id, slice.bytes, shell_.runs.decoding());
            if (events) {
                for (auto& event : *events) {
                    mask(event);
                }
                shell_.services->publisher->events({run->id, run->loaded->plan->shown, *std::move(events)});
            }
        }
    }
}

}  // namespace slipway::runtime
