#include "engine/store/memory_image.hpp"
#include "engine/store/tick_record.hpp"
#include "slipway/store.hpp"

namespace slipway {
namespace {

using store::check_commit;
using store::check_fold;

class MemoryStore final : public Store {
public:
    explicit MemoryStore(std::shared_ptr<MemoryImage> image) : image_(std::move(image)) {}

    Result<PartitionState> open_partition(std::uint32_t partition) override;
    Result<PartitionState> peek_partition(std::uint32_t partition) override;
    Result<std::vector<TickRecord>> journal(std::uint32_t partition, std::uint64_t after_tick,
                                            std::size_t limit) override;
    Result<void> commit(const Commit& commit) override;
    Result<void> fold(const Fold& fold) override;
    Result<std::optional<StoredRun>> load(const RunId& run) override;
    Result<std::vector<StoredRun>> list(std::optional<RunId> after, std::size_t limit,
                                        bool with_state) override;
    Result<std::vector<HistoryBlock>> history(const RunId& run, EventSeq from_seq,
                                              std::size_t limit) override;
    Result<void> put_blob(const Blob& blob) override;
    Result<std::optional<std::string>> get_blob(const Digest& digest) override;
    Result<std::vector<Digest>> list_blobs(std::optional<Digest> after, std::size_t limit) override;
    StoreStats stats() const override;
    Result<void> close() override;

private:
    using Lock = std::lock_guard<std::mutex>;

    std::shared_ptr<MemoryImage> image_;
    StoreStats stats_;  // under image_->mutex
    bool closed_ = false;
};

Result<PartitionState> state_of(const MemoryImage::Partition& p) {
    std::uint64_t tick = p.head.folded_through;
    while (tick < p.head.last_tick) {
        const std::uint64_t next = store::next_tick(p.head, tick);
        if (next > p.head.last_tick) {
            break;
        }
        const auto record = p.journal.find(next);
        if (record == p.journal.end()) {
            return environment_error(ErrorCode::kCorrupt,
                                     "journal tick " + std::to_string(next) + " is missing");
        }
        SLIPWAY_CHECK(store::check_tick(record->second, next));
        tick = next;
    }
    PartitionState state;
    state.epoch = p.head.epoch;
    state.last_tick = p.head.last_tick;
    state.folded_through = p.head.folded_through;
    state.admission = p.admission;
    state.quarantined.assign(p.quarantined.begin(), p.quarantined.end());
    state.note = p.note;
    return state;
}

Result<PartitionState> MemoryStore::open_partition(std::uint32_t partition) {
    const Lock lock(image_->mutex);
    if (closed_) {
        return store::closed_error();
    }
    auto& p = image_->contents.partitions[partition];
    SLIPWAY_TRY(auto state, state_of(p));
    state.epoch = ++p.head.epoch;
    return state;
}

Result<PartitionState> MemoryStore::peek_partition(std::uint32_t partition) {
    const Lock lock(image_->mutex);
    if (closed_) {
        return store::closed_error();
    }
    const auto found = image_->contents.partitions.find(partition);
    if (found == image_->contents.partitions.end()) {
        return store::no_partition(partition);
    }
    return state_of(found->second);
}

Result<std::vector<TickRecord>> MemoryStore::journal(std::uint32_t partition, std::uint64_t after_tick,
                                                     std::size_t limit) {
    const Lock lock(image_->mutex);
    if (closed_) {
        return store::closed_error();
    }
    std::vector<TickRecord> records;
    const auto p = image_->contents.partitions.find(partition);
    if (p == image_->contents.partitions.end()) {
        return store::not_opened(partition);
    }
    const auto& journal = p->second.journal;
    for (auto it = journal.upper_bound(after_tick); it != journal.end() && records.size() < limit; ++it) {
        SLIPWAY_TRY(auto record, store::decode_tick(it->second, it->first));
        records.push_back(std::move(record));
    }
    return records;
}

Result<void> MemoryStore::commit(const Commit& commit) {
    const Lock lock(image_->mutex);
    if (closed_) {
        return store::closed_error();
    }
    auto& contents = image_->contents;
    const auto p = contents.partitions.find(commit.partition);
    if (p == contents.partitions.end()) {
        return store::not_opened(commit.partition);
    }
    SLIPWAY_CHECK(check_commit(commit, p->second.head));
    std::string bytes;
    bytes.reserve(store::encoded_tick_size(commit));
    store::encode_tick(commit, bytes);
    for (const auto& blob : commit.blobs) {
        contents.blobs.try_emplace(blob.digest, blob.bytes);
    }
    ++stats_.commits;
    ++stats_.synced_commits;
    stats_.bytes_written += bytes.size();
    stats_.journal_bytes += bytes.size();
    p->second.head.last_tick = commit.expected_tick + 1;
    p->second.journal.emplace(p->second.head.last_tick, std::move(bytes));
    return {};
}

std::uint64_t history_bytes(const MemoryImage::Contents& contents, const RunId& run) {
    std::uint64_t bytes = 0;
    for (auto it = contents.history.lower_bound({run, 0});
         it != contents.history.end() && it->first.first == run; ++it) {
        bytes += it->second.bytes.size();
    }
    return bytes;
}

void renew(MemoryImage::Contents& contents, const Fold& fold) {
    for (const auto& block : fold.renewed_history) {
        if (const auto there = contents.history.find({block.run, block.last_seq});
            there != contents.history.end()) {
            there->second = block;
        }
    }
    for (const auto& blob : fold.renewed_blobs) {
        if (const auto there = contents.blobs.find(blob.digest); there != contents.blobs.end()) {
            there->second = blob.bytes;
        }
    }
}

void fold_runs(MemoryImage::Contents& contents, const Fold& fold) {
    for (const auto& block : fold.history) {
        contents.history.insert_or_assign({block.run, block.last_seq}, block);
    }
    for (const auto& c : fold.checkpoints) {
        const auto bytes = history_bytes(contents, c.run) + c.state.size();
        contents.runs.insert_or_assign(c.run,
                                       StoredRun{c.run, c.tick, c.state, c.summary, c.finished, bytes});
    }
    renew(contents, fold);
    for (const auto& run : fold.erase) {
        contents.runs.erase(run);
        contents.history.erase(contents.history.lower_bound({run, 0}),
                               contents.history.upper_bound({run, ~EventSeq{0}}));
    }
    for (const auto& digest : fold.drop_blobs) {
        contents.blobs.erase(digest);
    }
}

Result<void> MemoryStore::fold(const Fold& fold) {
    const Lock lock(image_->mutex);
    if (closed_) {
        return store::closed_error();
    }
    const auto found = image_->contents.partitions.find(fold.partition);
    if (found == image_->contents.partitions.end()) {
        return store::not_opened(fold.partition);
    }
    auto& p = found->second;
    SLIPWAY_CHECK(check_fold(fold, p.head));
    fold_runs(image_->contents, fold);
    p.note = fold.note.value_or(p.note);
    p.quarantined.insert(fold.quarantine.begin(), fold.quarantine.end());
    for (const auto& run : fold.release) {
        p.quarantined.erase(run);
    }
    if (!fold.admission.empty()) {
        p.admission = fold.admission;
    }
    if (fold.through_tick > p.head.folded_through) {
        p.head.folded_through = fold.through_tick;
        store::forget_holes(p.head);
        p.journal.erase(p.journal.begin(), p.journal.upper_bound(fold.through_tick));
        stats_.journal_bytes = 0;
        for (const auto& [tick, bytes] : p.journal) {
            stats_.journal_bytes += bytes.size();
        }
    }
    return {};
}

Result<std::optional<StoredRun>> MemoryStore::load(const RunId& run) {
    const Lock lock(image_->mutex);
    if (closed_) {
        return store::closed_error();
    }
    const auto it = image_->contents.runs.find(run);
    if (it == image_->contents.runs.end()) {
        return std::optional<StoredRun>{};
    }
    return std::optional<StoredRun>{it->second};
}

Result<std::vector<StoredRun>> MemoryStore::list(std::optional<RunId> after, std::size_t limit,
                                                 bool with_state) {
    const Lock lock(image_->mutex);
    if (closed_) {
        return store::closed_error();
    }
    const auto& all = image_->contents.runs;
    std::vector<StoredRun> runs;
    for (auto it = after ? all.upper_bound(*after) : all.begin(); it != all.end() && runs.size() < limit;
         ++it) {
        runs.push_back(it->second);
        if (!with_state) {
            runs.back().state.clear();
        }
    }
    return runs;
}

Result<std::vector<HistoryBlock>> MemoryStore::history(const RunId& run, EventSeq from_seq,
                                                       std::size_t limit) {
    const Lock lock(image_->mutex);
    if (closed_) {
        return store::closed_error();
    }
    const auto& all = image_->contents.history;
    std::vector<HistoryBlock> blocks;
    for (auto it = all.lower_bound({run, from_seq});
         it != all.end() && it->first.first == run && blocks.size() < limit; ++it) {
        blocks.push_back(it->second);
    }
    return blocks;
}

Result<void> MemoryStore::put_blob(const Blob& blob) {
    const Lock lock(image_->mutex);
    if (closed_) {
        return store::closed_error();
    }
    image_->contents.blobs.try_emplace(blob.digest, blob.bytes);
    return {};
}

Result<std::optional<std::string>> MemoryStore::get_blob(const Digest& digest) {
    const Lock lock(image_->mutex);
    if (closed_) {
        return store::closed_error();
    }
    const auto it = image_->contents.blobs.find(digest);
    if (it == image_->contents.blobs.end()) {
        return std::optional<std::string>{};
    }
    return std::optional<std::string>{it->second};
}

Result<std::vector<Digest>> MemoryStore::list_blobs(std::optional<Digest> after, std::size_t limit) {
    const Lock lock(image_->mutex);
    if (closed_) {
        return store::closed_error();
    }
    const auto& all = image_->contents.blobs;
    std::vector<Digest> digests;
    for (auto it = after ? all.upper_bound(*after) : all.begin(); it != all.end() && digests.size() < limit;
         ++it) {
        digests.push_back(it->first);
    }
    return digests;
}

StoreStats MemoryStore::stats() const {
    const Lock lock(image_->mutex);
    return stats_;
}

Result<void> MemoryStore::close() {
    const Lock lock(image_->mutex);
    closed_ = true;
    return {};
}

}  // namespace

std::shared_ptr<MemoryImage> make_memory_image() {
    return std::make_shared<MemoryImage>();
}

std::shared_ptr<MemoryImage> clone_memory_image(const MemoryImage& image) {
    auto copy = std::make_shared<MemoryImage>();
    const std::lock_guard<std::mutex> lock(image.mutex);
    copy->contents = image.contents;
    return copy;
}

std::unique_ptr<Store> make_memory_store(std::shared_ptr<MemoryImage> image) {
    return std::make_unique<MemoryStore>(std::move(image));
}

}  // namespace slipway
