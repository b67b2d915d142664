#include "engine/store/rocksdb_store.hpp"

#include <mutex>

#include "engine/store/rocksdb_keys.hpp"
#include "engine/store/tick_record.hpp"

namespace slipway::store {
namespace {

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
    SLIPWAY_TRY(auto note, db.get(Family::kMeta, note_key(partition)));
    state.note = std::move(note).value_or("");
    return state;
}

Error RocksDbStore::not_open(std::uint32_t partition) const {
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

Result<PartitionState> RocksDbStore::peek_partition(std::uint32_t partition) {
    const std::shared_lock<std::shared_mutex> lock(open_);
    if (closed_) {
        return closed_error();
    }
    // The mark first: a commit meanwhile only makes the journal longer.
    const auto mark = HighWater::read(directory_.path, partition);
    SLIPWAY_TRY(auto found, load_partition(*directory_.db, partition));
    if (!found.exists) {
        return no_partition(partition);
    }
    JournalScan scan = scan_journal(*directory_.db, partition, found.head);
    check_mark(scan, partition, mark);
    if (scan.damage) {
        return *scan.damage;
    }
    found.head.last_tick = scan.last_tick;
    return state_of(partition, found.head);
}

Result<void> RocksDbStore::add_blobs(rocksdb::WriteBatch& batch, const std::vector<Blob>& blobs) {
    for (const auto& blob : blobs) {
        SLIPWAY_TRY(const auto there, directory_.db->get(Family::kBlobs, blob_key(blob.digest)));
        if (!there) {
            batch.Put(directory_.db->handle(Family::kBlobs), as_slice(blob_key(blob.digest)), blob.bytes);
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
        return not_open(commit.partition);
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
    const std::shared_lock<std::shared_mutex> lock(open_);
    stats.disk_bytes = closed_ ? 0 : directory_.db->disk_bytes();
    return stats;
}

Result<void> RocksDbStore::close() {
    closing_ = true;
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
