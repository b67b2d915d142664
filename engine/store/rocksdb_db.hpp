// The RocksDB database itself: its families, options, and the only place where a rocksdb::Status becomes an
// Error.
#pragma once

#include <rocksdb/db.h>
#include <rocksdb/write_batch.h>

#include <array>
#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "slipway/store.hpp"

namespace slipway::store {

/// Order is that of kFamilyNames in the .cpp.
enum class Family : std::size_t { kMeta, kJournal, kRuns, kIndex, kHistory, kBlobs };
inline constexpr std::size_t kFamilies = 6;

class RocksDb {
public:
    /// `environment` is the disk; nullptr is the real one.
    static Result<std::unique_ptr<RocksDb>> open(const std::string& path, const RocksDbStoreOptions& options,
                                                 rocksdb::Env* environment);
    /// Changes nothing on the disk; every write is refused.
    static Result<std::unique_ptr<RocksDb>> open_to_read(const std::string& path,
                                                         const RocksDbStoreOptions& options);
    ~RocksDb();
    RocksDb(const RocksDb&) = delete;
    RocksDb& operator=(const RocksDb&) = delete;

    rocksdb::ColumnFamilyHandle* handle(Family family) const {
        return handles_[static_cast<std::size_t>(family)];
    }

    /// Synced. The first failure is for good: every later write is refused with kIo.
    Result<void> write(rocksdb::WriteBatch& batch);
    Result<std::optional<std::string>> get(Family family, std::string_view key) const;
    /// Both bounds may be empty. Keep `lower` and `upper` alive as long as the iterator.
    std::unique_ptr<rocksdb::Iterator> scan(Family family, const rocksdb::Slice* upper) const;
    /// Error of an iterator that stopped early.
    static Result<void> check(const rocksdb::Iterator& it, const std::string& what);

    /// Flushes what is in memory, unless a write failed before.
    Result<void> flush();

    /// Rewrites what holds erased entries, family by family; ends early when `stop` is set.
    Result<void> compact(const std::atomic<bool>& stop);
    /// Files and logs, about.
    std::uint64_t disk_bytes() const;
    /// A database of its own in `path` (absent; same file system) with everything as of now, made of links.
    Result<void> snapshot_to(const std::string& path);
    /// Reads every file and compares its checksums.
    Result<void> verify();

private:
    RocksDb() = default;

    std::unique_ptr<rocksdb::DB> db_;
    std::array<rocksdb::ColumnFamilyHandle*, kFamilies> handles_{};
    std::atomic<bool> failed_{false};
    bool read_only_ = false;
};

rocksdb::Slice as_slice(std::string_view text);
Error read_only_error();
Error from_status(const rocksdb::Status& status, const std::string& what);

}  // namespace slipway::store
