#include "engine/runtime/folder.hpp"

#include <algorithm>
#include <utility>

#include "engine/codec/admission_codec.hpp"
#include "engine/codec/run_codec.hpp"

namespace slipway::runtime {
namespace {

constexpr std::size_t kTailBytesMax = 64U << 20U;
constexpr std::size_t kFinishedMax = 4096;
// Runs that retention lets go in one fold, beside as many as it brings: nothing waits long for it.
constexpr std::size_t kErasedMax = 128;
// Child runs of one that may be let go while it waits for them: each that ends brings it back.
constexpr std::size_t kChildrenMax = 64;

}  // namespace

void Folder::maybe(bool idle) {
    if (shell_.failed || (shell_.dirty.empty() && !(idle && owes()))) {
        return;
    }
    const bool must = shell_.tail_bytes > kTailBytesMax;
    const bool wish = idle || shell_.unfolded_finished >= kFinishedMax || shell_.memory.is_pressed();
    // What observers have not seen yet stays in the journal, so that a crash tells them again; up to a point.
    const bool heard = shell_.services->publisher->drained();
    if ((wish && heard) || (must && (heard || shell_.tail_bytes > 4 * kTailBytesMax))) {
        static_cast<void>(fold());
    }
}

Result<void> Folder::fold() {
    if (shell_.failed) {
        return *shell_.failed;
    }
    auto fold = make_fold();
    auto written = fold ? Result<void>{} : Result<void>(fold.error());
    for (auto blob = blobs_.begin(); written && blob != blobs_.end(); ++blob) {
        shell_.services->blobs.stores(blob->digest);
        written = shell_.store().put_blob(*blob);
    }
    if (written && (fold->through_tick != 0 || !fold->erase.empty())) {
        written = shell_.store().fold(*fold);
    }
    blobs_.clear();
    if (!written) {
        shell_.fail(written.error());
        return written;
    }
    shell_.tell("folded", {{"runs", fold->checkpoints.size()},
                           {"erased", fold->erase.size()},
                           {"through_tick", fold->through_tick}});
    for (auto* run : shell_.dirty) {
        settle_run(*run);
    }
    shell_.dirty.clear();
    shell_.tail_bytes = 0;
    shell_.unfolded_finished = 0;
    let_go_excess();
    return {};
}

void Folder::let_go_excess() {
    const auto before = shell_.runs_let_go;
    while (auto* run = shell_.memory.take_excess(shell_.runs)) {
        const auto index = RunTable::index_of(*run->loaded->plan, run->loaded->state);
        // One whose timer is due would be back at once; its timer is about to fire, or is held up.
        if (index.wake_ms == 0 || index.wake_ms > shell_.now()) {
            shell_.let_go(*run, index);
        }
    }
    shell_.memory.settled();
    if (shell_.runs_let_go != before) {
        shell_.tell("let_go",
                    {{"runs", shell_.runs_let_go - before}, {"memory_bytes", shell_.memory.used()}});
    }
}

Result<Fold> Folder::make_fold() {
    Fold fold;
    fold.partition = kPartition;
    fold.epoch = shell_.epoch;
    fold.through_tick = shell_.last_tick;
    fold.admission = codec::encode_admission(shell_.admission);
    for (auto* run : shell_.dirty) {
        if (!run->loaded->tail.empty()) {
            SLIPWAY_CHECK(add_run(*run, fold));
        }
        add_unread(*run, fold);
    }
    // A parent counts its child runs when it comes.
    std::stable_partition(finished_.begin(), finished_.end(),
                          [](const auto& ended) { return !ended.first->loaded->state.parent.run.empty(); });
    const auto finished = std::exchange(finished_, {});
    for (const auto& [run, bytes] : finished) {
        SLIPWAY_CHECK(note_finished(*run, bytes));
    }
    add_retention(fold);
    return fold;
}

Result<void> Folder::add_run(RunEntry& run, Fold& fold) {
    auto& loaded = *run.loaded;
    if (loaded.plan == nullptr) {
        return {};  // quarantined before anything of it could be read
    }
    RunCheckpoint checkpoint;
    checkpoint.run = run.id;
    checkpoint.tick = shell_.last_tick;
    checkpoint.finished = is_final(loaded.state.status);
    auto index = RunTable::index_of(*loaded.plan, loaded.state);
    index.summary.quarantined = run.quarantined;
    checkpoint.summary = encode_index(index);
    SLIPWAY_TRY(checkpoint.state, codec::encode_run(loaded.state, shell_.encoding(&blobs_)));
    std::uint64_t fresh_bytes = checkpoint.state.size();
    shell_.memory.count(run, loaded_bytes(loaded.state, checkpoint.state.size()));
    fold.checkpoints.push_back(std::move(checkpoint));
    HistoryBlock block;
    block.run = run.id;
    block.first_seq = loaded.tail.front().first_seq;
    block.last_seq = loaded.tail.back().last_seq;
    for (const auto& slice : loaded.tail) {
        block.bytes += slice.bytes;
    }
    fresh_bytes += block.bytes.size();
    fold.history.push_back(std::move(block));
    if (is_final(loaded.state.status)) {
        finished_.emplace_back(&run, fresh_bytes);
    }
    return {};
}

bool Folder::owes() const {
    return shell_.finished.are_too_many(shell_.options.retention, shell_.now());
}

/// `fresh_bytes`: its state, and its history as far as this fold brings it.
Result<void> Folder::note_finished(const RunEntry& run, std::uint64_t fresh_bytes) {
    std::uint64_t bytes = fresh_bytes;
    if (shell_.options.retention.finished_bytes_max > 0) {
        SLIPWAY_TRY(const auto stored, shell_.store().load(run.id));
        bytes += stored ? stored->bytes - std::min<std::uint64_t>(stored->bytes, stored->state.size()) : 0;
    }
    const auto& state = run.loaded->state;
    shell_.note_finished(state.finished_ms, run.id, bytes, state.parent.run);
    return {};
}

// Behind the last event that could be read; the numbers only keep the blocks in order.
void Folder::add_unread(const RunEntry& run, Fold& fold) {
    for (const auto& slice : run.loaded->unread) {
        fold.history.push_back({run.id, slice.first_seq, slice.last_seq, slice.bytes});
    }
}

void Folder::add_retention(Fold& fold) {
    const std::size_t enough = kErasedMax + fold.checkpoints.size();
    while (fold.erase.size() < enough && owes()) {
        fold.erase.push_back(shell_.finished.take_oldest());
        ++shell_.erased_runs;
    }
}

void Folder::settle_run(RunEntry& run) {
    run.dirty = false;
    if (run.quarantined) {
        return;
    }
    run.loaded->tail.clear();
    run.loaded->tail.shrink_to_fit();
    const auto& state = run.loaded->state;
    if (is_final(state.status)) {
        shell_.drop(run);
        return;
    }
    run.rest = 0;
    if (run.loaded->live.empty() && waits(run)) {
        shell_.memory.rest(run);
    }
}

// For a timer, a place in a queue, a few child runs, or somebody outside: whatever comes can find it in the
// store.
bool Folder::waits(const RunEntry& run) const {
    const auto index = RunTable::index_of(*run.loaded->plan, run.loaded->state);
    return !index.moves && index.children <= kChildrenMax &&
           std::all_of(index.asks.begin(), index.asks.end(), [&](StepIndex step) {
               return shell_.admission.queued.contains({run.id, step});
           });
}

Result<void> Folder::give_up(RunEntry& run) {
    SLIPWAY_CHECK(fold());
    Fold fold;
    fold.partition = kPartition;
    fold.epoch = shell_.epoch;
    fold.release.push_back(run.id);
    RunCheckpoint checkpoint;
    checkpoint.run = run.id;
    checkpoint.tick = shell_.last_tick;
    checkpoint.finished = true;
    IndexEntry index;
    if (run.loaded != nullptr && run.loaded->plan != nullptr) {
        auto& state = run.loaded->state;
        state.status = RunStatus::kFailed;
        state.reason = "given up: part of its record is damaged";
        state.finished_ms = shell_.now();
        index = RunTable::index_of(*run.loaded->plan, state);
        SLIPWAY_TRY(checkpoint.state, codec::encode_run(state, shell_.encoding(&blobs_)));
    } else {
        SLIPWAY_TRY(const auto stored, shell_.store().load(run.id));
        checkpoint.state = stored ? stored->state : std::string{};
        index.summary.run = run.id;
    }
    blobs_.clear();
    index.summary.quarantined = true;
    index.summary.status = RunStatus::kFailed;
    index.summary.reason = "given up: part of its record is damaged";
    index.summary.finished_ms = shell_.now();
    checkpoint.summary = encode_index(index);
    const auto checkpoint_bytes = checkpoint.state.size();
    fold.checkpoints.push_back(std::move(checkpoint));
    SLIPWAY_CHECK(shell_.store().fold(fold));
    shell_.note_finished(index.summary.finished_ms, run.id, checkpoint_bytes, index.summary.parent);
    shell_.drop(run);
    return {};
}

}  // namespace slipway::runtime
