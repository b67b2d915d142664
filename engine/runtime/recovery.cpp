#include "engine/runtime/recovery.hpp"

#include "engine/codec/admission_codec.hpp"
#include "engine/codec/event_codec.hpp"
#include "engine/codec/workflow_codec.hpp"

namespace slipway::runtime {
namespace {

constexpr std::size_t kPage = 4096;
constexpr std::size_t kRecords = 1024;

}  // namespace

Result<void> Recovery::run() {
    SLIPWAY_TRY(const auto found, shell_.store().open_partition(kPartition));
    shell_.epoch = found.epoch;
    shell_.last_tick = found.last_tick;
    shell_.note = found.note;
    folded_through_ = found.folded_through;
    SLIPWAY_TRY(shell_.admission, codec::decode_admission(found.admission));
    for (const auto& run : found.quarantined) {
        shell_.runs.add(run).quarantined = true;
    }
    SLIPWAY_CHECK(read_folded());
    SLIPWAY_CHECK(read_journal(found.folded_through));
    // Somebody who waits although there is a place is no reason: resuming gives it to him.
    if (const auto wrong = core::check_tickets(shell_.admission)) {
        return environment_error(ErrorCode::kCorrupt, *wrong,
                                 "slipway store repair shows what would be lost");
    }
    SLIPWAY_CHECK(load_places());
    SLIPWAY_CHECK(check_runs());
    SLIPWAY_CHECK(keep_quarantines());
    for (auto& [id, entry] : shell_.runs.all()) {
        if (entry.loaded != nullptr && !entry.quarantined && !is_final(entry.loaded->state.status)) {
            loaded_.push_back(&entry);
        }
    }
    note_recovered();
    shell_.finished.adopt_orphans([&](const RunId& run) { return shell_.runs.find(run) != nullptr; });
    find_missing();
    sweep_scratch();
    republish();
    return {};
}

Result<void> Recovery::read_folded() {
    std::optional<RunId> after;
    while (true) {
        SLIPWAY_TRY(const auto page, shell_.store().list(after, kPage, false));
        for (const auto& stored : page) {
            auto index = decode_index(stored.summary);
            if (index) {
                SLIPWAY_CHECK(note_folded(stored, *index));
            } else {
                SLIPWAY_CHECK(set_aside(shell_.runs.add(stored.run), index.error()));
            }
        }
        if (page.size() < kPage) {
            return {};
        }
        after = page.back().run;
    }
}

Result<void> Recovery::note_folded(const StoredRun& stored, const IndexEntry& index) {
    in_store_.insert(stored.run);
    if (stored.tick > folded_through_) {
        folded_tick_.emplace(stored.run, stored.tick);
    }
    if (stored.finished) {
        shell_.finished.add(index.summary.finished_ms, stored.run, stored.bytes, index.summary.parent);
        return {};
    }
    shell_.stored_workflows.insert(index.summary.workflow_digest);
    auto& entry = shell_.runs.add(stored.run);
    entry.stuck = index.stuck;
    entry.parent = index.summary.parent;
    if (entry.quarantined) {
        return {};
    }
    if (!index.parked || !is_complete(index.summary.workflow_digest)) {
        return load(entry);
    }
    if (index.wake_ms != 0) {
        entry.wake_ms = index.wake_ms;
        shell_.timers.arm({index.wake_ms, stored.run, std::nullopt});
    }
    return {};
}

bool Recovery::is_complete(const Digest& workflow) {
    auto& plan = plans_[workflow];
    if (plan == nullptr) {
        auto found = shell_.runs.plan(workflow);
        if (!found) {
            return false;
        }
        plan = *std::move(found);
    }
    return plan->complete;
}

Result<void> Recovery::load(RunEntry& run) {
    run.wake_ms = 0;
    auto stored = shell_.runs.rebuild(run.id, {});
    run.loaded = std::make_unique<LoadedRun>();
    run.loaded->state.run = run.id;
    if (!stored) {
        return set_aside(run, stored.error());
    }
    if (!*stored) {
        return quarantine(run, "its checkpoint is gone");
    }
    run.loaded->plan = std::move((*stored)->plan);
    run.loaded->state = std::move((*stored)->state);
    shell_.memory.count(run, loaded_bytes(run.loaded->state, (*stored)->bytes));
    return {};
}

Result<void> Recovery::read_journal(std::uint64_t after) {
    while (true) {
        SLIPWAY_TRY(const auto records, shell_.store().journal(kPartition, after, kRecords));
        for (const auto& record : records) {
            SLIPWAY_CHECK(replay_record(record));
            after = record.tick;
        }
        if (records.size() < kRecords) {
            return {};
        }
    }
}

Result<void> Recovery::replay_record(const TickRecord& record) {
    SLIPWAY_TRY(const auto events, codec::decode_admission_events(record.admission));
    for (const auto& event : events) {
        SLIPWAY_CHECK(core::apply(shell_.admission, event));
    }
    for (const auto& slice : record.runs) {
        const auto folded = folded_tick_.find(slice.run);
        if (folded == folded_tick_.end() || record.tick > folded->second) {
            SLIPWAY_CHECK(replay_slice(record, slice));
        }
    }
    for (const auto& run : record.bad_runs) {
        const auto folded = folded_tick_.find(run);
        if (folded == folded_tick_.end() || record.tick > folded->second) {
            SLIPWAY_CHECK(quarantine(shell_.runs.add(run),
                                     "its slice of tick " + std::to_string(record.tick) + " is damaged"));
        }
    }
    return {};
}

// False: nothing more of this run can be applied.
Result<bool> Recovery::has_state(RunEntry& run, bool is_known) {
    if (!broken_.contains(run.id) && run.loaded == nullptr) {
        if (is_known && in_store_.contains(run.id)) {
            SLIPWAY_CHECK(load(run));
        } else {
            run.loaded = std::make_unique<LoadedRun>();
        }
    }
    return !broken_.contains(run.id);
}

Result<void> Recovery::replay_slice(const TickRecord& record, const RunSlice& slice) {
    auto* known = shell_.runs.find(slice.run);
    auto& run = known != nullptr ? *known : shell_.runs.add(slice.run);
    SLIPWAY_TRY(const bool applies, has_state(run, known != nullptr));
    if (!applies) {
        keep_unread(run, record, slice);
        return {};
    }
    StoredState state{std::move(run.loaded->plan), std::move(run.loaded->state)};
    const EventSeq before = state.state.seq;
    auto applied = shell_.runs.replay(slice.run, slice.bytes, state);
    run.loaded->plan = std::move(state.plan);
    run.loaded->state = std::move(state.state);
    if (!applied) {
        SLIPWAY_CHECK(set_aside(run, applied.error()));
        keep_unread(run, record, slice);
        return {};
    }
    run.loaded->tail.push_back({record.tick, before + 1, run.loaded->state.seq, slice.bytes});
    shell_.note_tail(run, slice.bytes);
    if (run.loaded->plan != nullptr) {
        shell_.stored_workflows.insert(run.loaded->state.workflow);
    }
    return {};
}

// The fold that drops the journal writes these into the run's history, so that whoever mends it has them.
void Recovery::keep_unread(RunEntry& run, const TickRecord& record, const RunSlice& slice) {
    if (run.loaded == nullptr) {
        run.loaded = std::make_unique<LoadedRun>();
        run.loaded->state.run = run.id;
    }
    auto& unread = run.loaded->unread;
    const EventSeq seq = (unread.empty() ? run.loaded->state.seq : unread.back().last_seq) + 1;
    unread.push_back({record.tick, seq, seq, slice.bytes});
    shell_.note_tail(run, slice.bytes);
}

}  // namespace slipway::runtime
