#include "engine/store/rocksdb_store.hpp"

#include <mutex>

#include "engine/store/rocksdb_keys.hpp"
#include "engine/store/tick_record.hpp"

namespace slipway::store {
namespace {

rocksdb::Slice blob_key(const Digest& digest) {
    return {reinterpret_cast<const char*>(digest.bytes.data()), digest.bytes.size()};
}

Error refusing() {
    return environment_error(ErrorCode::kIo, "the store refuses writes since one of them failed",
                             "open the store again");
}

}  // namespace

RocksDbStore::~RocksDbStore() {
    if (auto closed = close(); !closed) {
        return;  // whoever wants to know calls close(); everything acknowledged is in the log
    }
}

Result<void> RocksDbStore::write(rocksdb::WriteBatch& batch) {
    if (failed_) {
        return refusing();
    }
    SLIPWAY_CHECK(directory_.db->write(batch));
    bytes_written_ += batch.GetDataSize();
    return {};
}

Result<PartitionState> RocksDbStore::state_of(std::uint32_t partition, const PartitionHead& head) const {
    const RocksDb& db = *directory_.db;
    PartitionState state;
    state.epoch = head.epoch;
    state.last_tick = head.last_tick;
    state.folded_through = head.folded_through;
    SLIPWAY_TRY(auto admission, db.get(Family::kMeta, admission_key(partition)));
    state.admission = std::move(admission).value_or("");
    SLIPWAY_TRY(state.quarantined, load_quarantined(db, partition));
    return state;
}

Error RocksDbStore::no_partition(std::uint32_t partition) const {
    return directory_.read_only ? read_only_error() : not_opened(partition);
}

Result<PartitionState> RocksDbStore::open_partition(std::uint32_t partition) {
    const std::shared_lock<std::shared_mutex> lock(open_);
    if (closed_) {
        return closed_error();
    }
    const RocksDb& db = *directory_.db;
    if (const auto again = partitions_.find(partition); again != partitions_.end()) {
        again->second.head.folded_through = again->second.head.last_tick;
        forget_sizes(again->second);
        partitions_.erase(again);
    }
    SLIPWAY_TRY(auto found, load_partition(db, partition));
    auto mark = HighWater::read(directory_.path, partition);
    if (!found.exists && mark && !*mark) {
        mark = std::optional<std::uint64_t>{0};  // a new partition
    }
    PartitionHead head = std::move(found.head);
    JournalScan scan = scan_journal(db, partition, head);
    check_mark(scan, partition, mark);
    if (scan.damage) {
        return *scan.damage;
    }
    head.last_tick = scan.last_tick;
    if (directory_.read_only) {
        return state_of(partition, head);
    }
    ++head.epoch;
    // The mark first: a partition that exists has one.
    SLIPWAY_TRY(auto file, HighWater::create(directory_.path, partition, head.last_tick, head.epoch));
    rocksdb::WriteBatch batch;
    batch.Put(db.handle(Family::kMeta), partition_key(partition), encode_partition(head));
    SLIPWAY_CHECK(write(batch));

    SLIPWAY_TRY(auto state, state_of(partition, head));
    auto& opened =
        partitions_.emplace(partition, Partition{std::move(head), std::move(file), std::move(scan.sizes)})
            .first->second;
    for (const auto& [tick, bytes] : opened.sizes) {
        journal_bytes_ += bytes;
    }
    return state;
}

Result<void> RocksDbStore::add_blobs(rocksdb::WriteBatch& batch, const std::vector<Blob>& blobs) {
    for (const auto& blob : blobs) {
        const rocksdb::Slice key = blob_key(blob.digest);
        SLIPWAY_TRY(const auto there, directory_.db->get(Family::kBlobs, {key.data(), key.size()}));
        if (!there) {
            batch.Put(directory_.db->handle(Family::kBlobs), key, blob.bytes);
        }
    }
    return {};
}

Result<void> RocksDbStore::commit(const Commit& commit) {
    const std::shared_lock<std::shared_mutex> lock(open_);
    if (closed_) {
        return closed_error();
    }
    if (failed_) {
        return refusing();
    }
    const auto found = partitions_.find(commit.partition);
    if (found == partitions_.end()) {
        return no_partition(commit.partition);
    }
    Partition& p = found->second;
    SLIPWAY_CHECK(check_commit(commit, p.head));
    const std::uint64_t tick = commit.expected_tick + 1;
    record_.clear();
    encode_tick(commit, record_);
    batch_.Clear();
    batch_.Put(directory_.db->handle(Family::kJournal), journal_key(commit.partition, tick), record_);
    SLIPWAY_CHECK(add_blobs(batch_, commit.blobs));
    SLIPWAY_CHECK(write(batch_));
    if (auto marked = p.mark.write(tick, p.head.epoch); !marked) {
        failed_ = true;  // the tick is there but may not be acknowledged
        return marked;
    }
    p.head.last_tick = tick;
    p.sizes.emplace_back(tick, record_.size());
    journal_bytes_ += record_.size();
    ++commits_;
    return {};
}

void RocksDbStore::drop_journal(rocksdb::WriteBatch& batch, const Fold& fold, PartitionHead& head) {
    if (fold.through_tick <= head.folded_through) {
        return;
    }
    const std::string begin = journal_key(fold.partition, head.folded_through + 1);
    batch.DeleteRange(directory_.db->handle(Family::kJournal), begin,
                      journal_key(fold.partition, fold.through_tick + 1));
    head.folded_through = fold.through_tick;
    forget_holes(head);
    batch.Put(directory_.db->handle(Family::kMeta), partition_key(fold.partition), encode_partition(head));
}

void RocksDbStore::forget_sizes(Partition& partition) {
    while (!partition.sizes.empty() && partition.sizes.front().first <= partition.head.folded_through) {
        journal_bytes_ -= partition.sizes.front().second;
        partition.sizes.pop_front();
    }
}

Result<void> RocksDbStore::fold(const Fold& fold) {
    const std::shared_lock<std::shared_mutex> lock(open_);
    if (closed_) {
        return closed_error();
    }
    const auto found = partitions_.find(fold.partition);
    if (found == partitions_.end()) {
        return no_partition(fold.partition);
    }
    Partition& p = found->second;
    SLIPWAY_CHECK(check_fold(fold, p.head));
    const RocksDb& db = *directory_.db;
    rocksdb::WriteBatch batch;
    for (const auto& checkpoint : fold.checkpoints) {
        batch.Put(db.handle(Family::kRuns), checkpoint.run.str(), encode_run(checkpoint, true));
        batch.Put(db.handle(Family::kIndex), checkpoint.run.str(), encode_run(checkpoint, false));
    }
    for (const auto& block : fold.history) {
        batch.Put(db.handle(Family::kHistory), history_key(block.run, block.last_seq), encode_history(block));
    }
    for (const auto& run : fold.quarantine) {
        batch.Put(db.handle(Family::kMeta), quarantine_key(fold.partition, run.str()), {});
    }
    for (const auto& run : fold.release) {
        batch.Delete(db.handle(Family::kMeta), quarantine_key(fold.partition, run.str()));
    }
    if (!fold.admission.empty()) {
        batch.Put(db.handle(Family::kMeta), admission_key(fold.partition), fold.admission);
    }
    for (const auto& run : fold.erase) {
        batch.Delete(db.handle(Family::kRuns), run.str());
        batch.Delete(db.handle(Family::kIndex), run.str());
        batch.DeleteRange(db.handle(Family::kHistory), history_key(run, 0), history_end(run));
    }
    for (const auto& digest : fold.drop_blobs) {
        batch.Delete(db.handle(Family::kBlobs), blob_key(digest));
    }
    PartitionHead head = p.head;
    drop_journal(batch, fold, head);
    SLIPWAY_CHECK(write(batch));
    p.head = std::move(head);
    forget_sizes(p);
    if (auto synced = p.mark.sync(); !synced) {
        failed_ = true;
        return synced;
    }
    return {};
}

Result<void> RocksDbStore::put_blob(const Blob& blob) {
    const std::shared_lock<std::shared_mutex> lock(open_);
    if (closed_) {
        return closed_error();
    }
    rocksdb::WriteBatch batch;
    SLIPWAY_CHECK(add_blobs(batch, {blob}));
    return batch.Count() == 0 ? Result<void>{} : write(batch);
}

StoreStats RocksDbStore::stats() const {
    StoreStats stats;
    stats.commits = commits_;
    stats.synced_commits = commits_;
    stats.bytes_written = bytes_written_;
    stats.journal_bytes = journal_bytes_;
    return stats;
}

Result<void> RocksDbStore::close() {
    const std::unique_lock<std::shared_mutex> lock(open_);
    if (closed_) {
        return {};
    }
    closed_ = true;
    Result<void> flushed = directory_.db->flush();
    partitions_.clear();
    directory_.db.reset();
    directory_.lock.reset();
    return flushed;
}

}  // namespace slipway::store
