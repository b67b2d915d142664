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
    folded_through_ = found.folded_through;
    SLIPWAY_TRY(shell_.admission, codec::decode_admission(found.admission));
    for (const auto& run : found.quarantined) {
        shell_.runs.add(run).quarantined = true;
    }
    SLIPWAY_CHECK(read_folded());
    SLIPWAY_CHECK(read_journal(found.folded_through));
    load_places();
    check_runs();
    SLIPWAY_CHECK(keep_quarantines());
    for (auto& [id, entry] : shell_.runs.all()) {
        if (entry.loaded != nullptr && !entry.quarantined && !is_final(entry.loaded->state.status)) {
            loaded_.push_back(&entry);
        }
    }
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
            if (!index && index.error().code == ErrorCode::kUnsupportedFormat) {
                return index.error();
            }
            if (!index) {
                quarantine(shell_.runs.add(stored.run), index.error().message);
                continue;
            }
            note_folded(stored, *index);
        }
        if (page.size() < kPage) {
            return {};
        }
        after = page.back().run;
    }
}

void Recovery::note_folded(const StoredRun& stored, const IndexEntry& index) {
    in_store_.insert(stored.run);
    if (stored.tick > folded_through_) {
        folded_tick_.emplace(stored.run, stored.tick);
    }
    if (stored.finished) {
        shell_.finished.emplace(index.summary.finished_ms, stored.run);
        return;
    }
    shell_.stored_workflows.insert(index.summary.workflow_digest);
    auto& entry = shell_.runs.add(stored.run);
    entry.stuck = index.stuck;
    if (entry.quarantined) {
        return;
    }
    if (!index.parked || !is_complete(index.summary.workflow_digest)) {
        load(entry);
    } else if (index.wake_ms != 0) {
        shell_.timers.arm({index.wake_ms, stored.run, std::nullopt});
    }
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

void Recovery::load(RunEntry& run) {
    auto stored = shell_.runs.rebuild(run.id, {});
    run.loaded = std::make_unique<LoadedRun>();
    run.loaded->state.run = run.id;
    if (!stored || !*stored) {
        quarantine(run, stored ? "its checkpoint is gone" : stored.error().message);
        return;
    }
    run.loaded->plan = std::move((*stored)->plan);
    run.loaded->state = std::move((*stored)->state);
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
            replay_slice(record, slice);
        }
    }
    for (const auto& run : record.bad_runs) {
        const auto folded = folded_tick_.find(run);
        if (folded == folded_tick_.end() || record.tick > folded->second) {
            quarantine(shell_.runs.add(run),
                       "its slice of tick " + std::to_string(record.tick) + " is damaged");
        }
    }
    return {};
}

void Recovery::replay_slice(const TickRecord& record, const RunSlice& slice) {
    if (broken_.contains(slice.run)) {
        return;
    }
    auto* known = shell_.runs.find(slice.run);
    auto& run = known != nullptr ? *known : shell_.runs.add(slice.run);
    if (run.loaded == nullptr) {
        if (known != nullptr && in_store_.contains(slice.run)) {
            load(run);
        } else {
            run.loaded = std::make_unique<LoadedRun>();
        }
    }
    if (broken_.contains(slice.run)) {
        return;
    }
    StoredState state{std::move(run.loaded->plan), std::move(run.loaded->state)};
    const EventSeq before = state.state.seq;
    auto applied = shell_.runs.replay(slice.run, slice.bytes, state);
    run.loaded->plan = std::move(state.plan);
    run.loaded->state = std::move(state.state);
    if (!applied) {
        quarantine(run, applied.error().message);
        return;
    }
    run.loaded->tail.push_back({record.tick, before + 1, run.loaded->state.seq, slice.bytes});
    shell_.tail_bytes += slice.bytes.size();
    if (!run.dirty) {
        run.dirty = true;
        shell_.dirty.push_back(&run);
    }
    if (run.loaded->plan != nullptr) {
        shell_.stored_workflows.insert(run.loaded->state.workflow);
    }
}

}  // namespace slipway::runtime
