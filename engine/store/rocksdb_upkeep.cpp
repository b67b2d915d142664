// What the database does about its files: size, compaction, snapshots, verification.
#include <rocksdb/utilities/checkpoint.h>

#include "engine/store/rocksdb_db.hpp"

namespace slipway::store {

Result<void> RocksDb::compact(const std::atomic<bool>& stop) {
    // What is in memory hides erased entries from the compaction.
    SLIPWAY_CHECK(flush());
    for (auto* handle : handles_) {
        if (stop) {
            return usage_error(ErrorCode::kStopped, "the store is being closed");
        }
        rocksdb::CompactRangeOptions options;
        options.exclusive_manual_compaction = false;  // the others need theirs meanwhile
        options.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kIfHaveCompactionFilter;
        if (const auto status = db_->CompactRange(options, handle, nullptr, nullptr); !status.ok()) {
            return from_status(status, "cannot compact the database");
        }
    }
    return {};
}

std::uint64_t RocksDb::disk_bytes() const {
    std::uint64_t total = 0;
    for (auto* handle : handles_) {
        std::uint64_t bytes = 0;
        if (db_->GetIntProperty(handle, rocksdb::DB::Properties::kTotalSstFilesSize, &bytes)) {
            total += bytes;
        }
    }
    rocksdb::VectorLogPtr logs;
    if (db_->GetSortedWalFiles(logs).ok()) {
        for (const auto& log : logs) {
            total += log->SizeFileBytes();
        }
    }
    return total;
}

Result<void> RocksDb::snapshot_to(const std::string& path) {
    rocksdb::Checkpoint* made = nullptr;
    auto status = rocksdb::Checkpoint::Create(db_.get(), &made);
    const std::unique_ptr<rocksdb::Checkpoint> checkpoint(made);
    if (status.ok()) {
        // Flushes first, so that all families stand at one moment and little log is left to be read.
        status = checkpoint->CreateCheckpoint(path, 0);
    }
    return status.ok() ? Result<void>{}
                       : Result<void>(from_status(status, "cannot make a snapshot in " + path));
}

Result<void> RocksDb::verify() {
    const auto status = db_->VerifyChecksum();
    return status.ok() ? Result<void>{} : Result<void>(from_status(status, "the database does not hold"));
}

}  // namespace slipway::store
