// The second half of an open: what was read must hold together, and what does not is set aside.
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

void Recovery::quarantine(RunEntry& run, const std::string& why) {
    broken_.insert(run.id);
    if (run.quarantined) {
        return;
    }
    run.quarantined = true;
    new_quarantines_.push_back(run.id);
    shell_.alarm("quarantined", run.id, why);
    if (run.loaded == nullptr) {
        return;
    }
    // A slice that fails half-way leaves half a state behind: back to the last one that held.
    if (auto durable = shell_.runs.rebuild(run.id, run.loaded->tail); durable && *durable) {
        run.loaded->plan = std::move((*durable)->plan);
        run.loaded->state = std::move((*durable)->state);
    }
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
void Recovery::load_places() {
    const auto bring = [this](const core::TicketKey& key) {
        auto* run = shell_.runs.find(key.run);
        if (run != nullptr && run->loaded == nullptr && !run->quarantined) {
            load(*run);
        }
    };
    for (const auto& [key, number] : shell_.admission.holders) {
        bring(key);
    }
    for (const auto& [key, number] : shell_.admission.queued) {
        bring(key);
    }
}

void Recovery::check_runs() {
    for (auto& [id, run] : shell_.runs.all()) {
        if (run.loaded == nullptr || run.quarantined) {
            continue;
        }
        if (const auto wrong = core::check_invariants(run.loaded->plan->workflow, run.loaded->state)) {
            quarantine(run, *wrong);
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
// back-offs and waits, which find an empty one.
void Recovery::sweep_scratch() {
    auto& scratch = *shell_.services->scratch;
    if (!scratch.look()) {
        return;
    }
    std::set<std::string> keep;
    for (const auto& [id, run] : shell_.runs.all()) {
        if (run.loaded == nullptr || run.loaded->plan == nullptr) {
            continue;
        }
        const auto& state = run.loaded->state;
        for (StepIndex i = 0; i < state.steps.size(); ++i) {
            if (keeps_scratch(state.steps[i].status)) {
                keep.insert(
                    codec::idempotency_key(id, run.loaded->plan->workflow.step(i).id, state.steps[i].round));
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
                shell_.services->publisher->events(
                    {run->id, run->loaded->plan->workflow, *std::move(events)});
            }
        }
    }
}

}  // namespace slipway::runtime
