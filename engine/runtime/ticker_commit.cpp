// The end of a tick: one commit, and what may leave the engine only after it.
#include <cstdlib>

#include "engine/codec/admission_codec.hpp"
#include "engine/codec/event_codec.hpp"
#include "engine/runtime/mask.hpp"
#include "engine/runtime/ticker.hpp"

namespace slipway::runtime {
namespace {

#ifdef NDEBUG
constexpr bool kDebug = false;
#else
constexpr bool kDebug = true;
#endif
constexpr std::size_t kSmallRun = 64;      // steps: small ones are checked in every tick
constexpr std::uint32_t kCheckEvery = 64;  // ticks of a large one

bool has_slice(const RunEntry& run) {
    return !run.quarantined && !run.loaded->fresh.empty();
}

}  // namespace

Result<void> Ticker::finish_tick() {
    auto committed = commit();
    if (committed) {
        after_commit();
    } else {
        shell_.fail(committed.error());
        abandon();
    }
    return committed;
}

void Ticker::check_touched() {
    if (!kDebug && !shell_.options.abort_on_bug) {
        return;
    }
    for (std::size_t i = 0; i < touched_.size(); ++i) {
        auto& run = *touched_[i];
        if (run.quarantined || run.loaded->fresh.empty() ||
            (run.loaded->state.steps.size() > kSmallRun && ++run.loaded->checks % kCheckEvery != 0)) {
            continue;
        }
        if (const auto wrong = core::check_invariants(run.loaded->plan->workflow, run.loaded->state)) {
            quarantine(run, *wrong);
        }
    }
}

Result<Commit> Ticker::make_commit() {
    Commit commit;
    commit.partition = kPartition;
    commit.expected_tick = shell_.last_tick;
    commit.epoch = shell_.epoch;
    commit.admission = codec::encode_admission_events(admission_events_);
    commit.runs.reserve(touched_.size());
    for (const auto* run : touched_) {
        if (!has_slice(*run)) {
            continue;
        }
        SLIPWAY_TRY(auto bytes, codec::encode_slice(run->id, run->loaded->fresh, shell_.encoding(&blobs_)));
        commit.runs.push_back({run->id, std::move(bytes)});
    }
    commit.blobs = std::move(blobs_);
    for (const auto& blob : commit.blobs) {
        shell_.services->blobs.stores(blob.digest);
    }
    blobs_.clear();
    return commit;
}

Result<void> Ticker::commit() {
    check_touched();
    settle();  // a quarantine lets others in
    SLIPWAY_TRY(auto commit, make_commit());
    if (commit.runs.empty() && commit.admission.empty()) {
        return {};
    }
    const auto begun = Meter::Steady::now();
    SLIPWAY_CHECK(shell_.store().commit(commit));
    shell_.meter.committed(begun);
    shell_.stored_workflows.insert(new_workflows_.begin(), new_workflows_.end());
    ++shell_.last_tick;
    auto slice = commit.runs.begin();
    for (auto* run : touched_) {
        if (has_slice(*run)) {
            keep_tail(*run, shell_.last_tick, std::move(slice->bytes));
            ++slice;
        }
    }
    return {};
}

void Ticker::keep_tail(RunEntry& run, std::uint64_t tick, std::string bytes) {
    const auto& fresh = run.loaded->fresh;
    shell_.note_tail(run, bytes);
    run.loaded->tail.push_back({tick, fresh.front().seq, fresh.back().seq, std::move(bytes)});
}

void Ticker::after_commit() {
    keep_quarantines();
    report_deadlocks();
    std::vector<RunEntry*> touched;
    touched.swap(touched_);
    admission_events_.clear();
    new_workflows_.clear();
    new_plans_.clear();
    answer();
    for (auto* run : touched) {
        run->touched = false;
        if (!run->dirty) {
            run->dirty = true;
            shell_.dirty.push_back(run);
        }
        publish(*run);
        notify_waiters(shell_, run->id, run->loaded->state);
        notify_waiters_above(shell_, *run);
    }
    std::vector<Owed> owed;
    owed.swap(owed_);
    go_on_.clear();
    if (shell_.failed) {
        return;  // the mark of a quarantine could not be written: nothing more is set going
    }
    for (const auto& item : owed) {
        dispatcher_.dispatch(item);
    }
}

void Ticker::publish(RunEntry& run) {
    auto& loaded = *run.loaded;
    for (const auto& event : loaded.fresh) {
        dispatcher_.close_ended(run, event);
        shell_.meter.happened(event.body);
    }
    if (shell_.services->publisher->wanted() && !loaded.fresh.empty()) {
        for (auto& event : loaded.fresh) {
            mask(event);
        }
        shell_.services->publisher->events({run.id, loaded.plan->shown, std::move(loaded.fresh)});
        loaded.fresh = {};
    }
    loaded.fresh.clear();
}

void Ticker::answer() {
    std::vector<Answer> answers;
    answers.swap(answers_);
    for (auto& answer : answers) {
        if (answer.done) {
            answer.done(std::move(answer.result));
        }
    }
}

// The commit failed: the working state is void, nothing of this tick gets out.
void Ticker::abandon() {
    for (auto& answer : answers_) {
        answer.result = *shell_.failed;
    }
    answer();
    owed_.clear();
    go_on_.clear();
    work_.clear();
    touched_.clear();
    admission_events_.clear();
    blobs_.clear();
    new_workflows_.clear();
    new_plans_.clear();
    quarantined_.clear();
}

// Our own bug, or stored bytes that do not decode: what this tick decided for the run is dropped, its places
// stay taken.
void Ticker::quarantine(RunEntry& run, const std::string& why) {
    if (shell_.options.abort_on_bug) {
        std::abort();
    }
    const bool decided = run.loaded->plan != nullptr;
    shell_.alarm(decided ? "engine_bug" : "quarantined", run.id, why);
    run.quarantined = true;
    quarantined_.push_back(&run);
    run.loaded->fresh.clear();
    if (auto durable = shell_.runs.rebuild(run.id, run.loaded->tail); durable && *durable) {
        run.loaded->plan = std::move((*durable)->plan);
        run.loaded->state = std::move((*durable)->state);
    }
    for (auto& [step, attempt] : run.loaded->live) {
        attempt->close();
    }
    run.loaded->live.clear();
    leave_queue(run.id);
    refuse_waiters(run.id, bug_error("run " + run.id.str() + " was quarantined: " + why));
    std::erase_if(owed_, [&](const Owed& owed) { return owed.run == &run; });
    for (auto& answer : answers_) {
        if (answer.run == &run && answer.result) {
            answer.result = bug_error("run " + run.id.str() + " was quarantined: " + why);
        }
    }
}

void Ticker::refuse_waiters(const RunId& run, const Error& why) {
    const auto found = shell_.waiters.find(run);
    if (found == shell_.waiters.end()) {
        return;
    }
    for (const auto& waiter : found->second) {
        if (const auto reply = waiter.reply.lock()) {
            reply->set(why);
        }
    }
    shell_.waiters.erase(found);
}

void Ticker::keep_quarantines() {
    if (quarantined_.empty()) {
        return;
    }
    Fold fold;
    fold.partition = kPartition;
    fold.epoch = shell_.epoch;
    for (const auto* run : quarantined_) {
        fold.quarantine.push_back(run->id);
    }
    quarantined_.clear();
    if (auto kept = shell_.store().fold(fold); !kept) {
        shell_.fail(kept.error());
    }
}

Result<void> Ticker::close_admission() {
    now_ = shell_.now();
    core::set_capacity(shell_.admission, 0, now_, admission_events_);
    settle();
    return finish_tick();
}

}  // namespace slipway::runtime
