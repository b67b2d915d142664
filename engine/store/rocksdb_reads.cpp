// What the RocksDB store answers from any thread.
#include <mutex>

#include "engine/store/rocksdb_keys.hpp"
#include "engine/store/rocksdb_store.hpp"

namespace slipway::store {
namespace {

std::string_view view(const rocksdb::Slice& slice) {
    return {slice.data(), slice.size()};
}

}  // namespace

Result<std::vector<TickRecord>> RocksDbStore::journal(std::uint32_t partition, std::uint64_t after_tick,
                                                      std::size_t limit) {
    const std::shared_lock<std::shared_mutex> lock(open_);
    if (closed_) {
        return closed_error();
    }
    return read_journal(*directory_.db, partition, after_tick, limit);
}

Result<std::optional<StoredRun>> RocksDbStore::load(const RunId& run) {
    const std::shared_lock<std::shared_mutex> lock(open_);
    if (closed_) {
        return closed_error();
    }
    SLIPWAY_TRY(const auto bytes, directory_.db->get(Family::kRuns, run.str()));
    if (!bytes) {
        return std::optional<StoredRun>{};
    }
    SLIPWAY_TRY(auto stored, decode_run(run.str(), *bytes));
    return std::optional<StoredRun>{std::move(stored)};
}

Result<std::vector<StoredRun>> RocksDbStore::list(std::optional<RunId> after, std::size_t limit,
                                                  bool with_state) {
    const std::shared_lock<std::shared_mutex> lock(open_);
    if (closed_) {
        return closed_error();
    }
    std::vector<StoredRun> runs;
    const auto it = directory_.db->scan(with_state ? Family::kRuns : Family::kIndex, nullptr);
    if (after) {
        it->Seek(after->str() + '\0');  // the first key behind it
    } else {
        it->SeekToFirst();
    }
    for (; it->Valid() && runs.size() < limit; it->Next()) {
        SLIPWAY_TRY(auto stored, decode_run(view(it->key()), view(it->value())));
        runs.push_back(std::move(stored));
    }
    SLIPWAY_CHECK(RocksDb::check(*it, "the list of runs"));
    return runs;
}

Result<std::vector<HistoryBlock>> RocksDbStore::history(const RunId& run, EventSeq from_seq,
                                                        std::size_t limit) {
    const std::shared_lock<std::shared_mutex> lock(open_);
    if (closed_) {
        return closed_error();
    }
    std::vector<HistoryBlock> blocks;
    const std::string end = history_end(run);
    const rocksdb::Slice upper(end);
    const auto it = directory_.db->scan(Family::kHistory, &upper);
    it->Seek(history_key(run, from_seq));
    for (; it->Valid() && blocks.size() < limit; it->Next()) {
        SLIPWAY_TRY(auto block, decode_history(run, view(it->key()), view(it->value())));
        blocks.push_back(std::move(block));
    }
    SLIPWAY_CHECK(RocksDb::check(*it, "the history of run '" + run.str() + "'"));
    return blocks;
}

Result<std::optional<std::string>> RocksDbStore::get_blob(const Digest& digest) {
    const std::shared_lock<std::shared_mutex> lock(open_);
    if (closed_) {
        return closed_error();
    }
    return directory_.db->get(Family::kBlobs, blob_key(digest));
}

Result<std::vector<Digest>> RocksDbStore::list_blobs(std::optional<Digest> after, std::size_t limit) {
    const std::shared_lock<std::shared_mutex> lock(open_);
    if (closed_) {
        return closed_error();
    }
    std::vector<Digest> digests;
    const auto it = directory_.db->scan(Family::kBlobs, nullptr);
    if (after) {
        it->Seek(std::string(blob_key(*after)) + '\0');  // the first key behind it
    } else {
        it->SeekToFirst();
    }
    for (; it->Valid() && digests.size() < limit; it->Next()) {
        const auto digest = digest_of(view(it->key()));
        if (!digest) {
            return environment_error(ErrorCode::kCorrupt, "a blob's key is no digest");
        }
        digests.push_back(*digest);
    }
    SLIPWAY_CHECK(RocksDb::check(*it, "the list of blobs"));
    return digests;
}

}  // namespace slipway::store
