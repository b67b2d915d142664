// Housekeeping of the RocksDB store: each fold is one synced batch.
#include <map>
#include <mutex>
#include <set>

#include "engine/store/rocksdb_keys.hpp"
#include "engine/store/rocksdb_store.hpp"

namespace slipway::store {
namespace {

/// Beyond so many blocks one range is dropped instead. Ranges are kept for rare cases: each of them slows
/// every later reader down until it is compacted away.
constexpr int kBlocksDroppedOneByOne = 64;

Result<void> add_checkpoints(const RocksDb& db, const Fold& fold, rocksdb::WriteBatch& batch) {
    std::map<RunId, std::uint64_t> fresh;  // bytes of history
    for (const auto& block : fold.history) {
        fresh[block.run] += block.bytes.size();
    }
    for (const auto& checkpoint : fold.checkpoints) {
        const std::string& run = checkpoint.run.str();
        SLIPWAY_TRY(const auto before, db.get(Family::kIndex, run));
        std::uint64_t history_bytes = fresh[checkpoint.run];
        if (before) {
            SLIPWAY_TRY(const auto old, history_bytes_of(run, *before));
            history_bytes += old;
        }
        batch.Put(db.handle(Family::kRuns), run, encode_run(checkpoint, history_bytes, true));
        batch.Put(db.handle(Family::kIndex), run, encode_run(checkpoint, history_bytes, false));
    }
    for (const auto& block : fold.history) {
        batch.Put(db.handle(Family::kHistory), history_key(block.run, block.last_seq), encode_history(block));
    }
    return {};
}

Result<void> add_renewed(const RocksDb& db, const Fold& fold, rocksdb::WriteBatch& batch) {
    for (const auto& block : fold.renewed_history) {
        const std::string key = history_key(block.run, block.last_seq);
        SLIPWAY_TRY(const auto there, db.get(Family::kHistory, key));
        if (there) {
            batch.Put(db.handle(Family::kHistory), key, encode_history(block));
        }
    }
    for (const auto& blob : fold.renewed_blobs) {
        SLIPWAY_TRY(const auto there, db.get(Family::kBlobs, blob_key(blob.digest)));
        if (there) {
            batch.Put(db.handle(Family::kBlobs), as_slice(blob_key(blob.digest)), blob.bytes);
        }
    }
    return {};
}

Result<void> add_erasure(const RocksDb& db, const RunId& run, rocksdb::WriteBatch& batch) {
    batch.Delete(db.handle(Family::kRuns), run.str());
    batch.Delete(db.handle(Family::kIndex), run.str());
    const std::string end = history_end(run);
    const rocksdb::Slice upper(end);
    const auto it = db.scan(Family::kHistory, &upper);
    int count = 0;
    for (it->Seek(history_key(run, 0)); it->Valid(); it->Next()) {
        if (++count > kBlocksDroppedOneByOne) {
            batch.DeleteRange(db.handle(Family::kHistory), history_key(run, 0), end);
            return {};
        }
        batch.Delete(db.handle(Family::kHistory), it->key());
    }
    return RocksDb::check(*it, "the history of run '" + run.str() + "'");
}

Result<void> add_erasures(const RocksDb& db, const Fold& fold, rocksdb::WriteBatch& batch) {
    const std::set<RunId> erased(fold.erase.begin(), fold.erase.end());
    for (const auto& run : erased) {
        SLIPWAY_CHECK(add_erasure(db, run, batch));
    }
    for (const auto& block : fold.history) {
        if (erased.contains(block.run)) {  // of this same batch
            batch.Delete(db.handle(Family::kHistory), history_key(block.run, block.last_seq));
        }
    }
    return {};
}

void add_notes(const RocksDb& db, const Fold& fold, rocksdb::WriteBatch& batch) {
    for (const auto& run : fold.quarantine) {
        batch.Put(db.handle(Family::kMeta), quarantine_key(fold.partition, run.str()), {});
    }
    for (const auto& run : fold.release) {
        batch.Delete(db.handle(Family::kMeta), quarantine_key(fold.partition, run.str()));
    }
    if (!fold.admission.empty()) {
        batch.Put(db.handle(Family::kMeta), admission_key(fold.partition), fold.admission);
    }
    if (fold.note) {
        batch.Put(db.handle(Family::kMeta), note_key(fold.partition), *fold.note);
    }
}

}  // namespace

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
        return not_open(fold.partition);
    }
    Partition& p = found->second;
    SLIPWAY_CHECK(check_fold(fold, p.head));
    const RocksDb& db = *directory_.db;
    rocksdb::WriteBatch batch;
    SLIPWAY_CHECK(add_checkpoints(db, fold, batch));
    SLIPWAY_CHECK(add_renewed(db, fold, batch));
    add_notes(db, fold, batch);
    SLIPWAY_CHECK(add_erasures(db, fold, batch));
    for (const auto& digest : fold.drop_blobs) {
        batch.Delete(db.handle(Family::kBlobs), as_slice(blob_key(digest)));
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

Result<void> RocksDbStore::compact() {
    const std::shared_lock<std::shared_mutex> lock(open_);
    if (closed_) {
        return closed_error();
    }
    return directory_.read_only ? Result<void>(read_only_error()) : directory_.db->compact(closing_);
}

}  // namespace slipway::store
