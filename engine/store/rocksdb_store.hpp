// The RocksDB store behind open_rocksdb_store; tests give it a disk of their own.
#pragma once

#include <map>
#include <mutex>
#include <shared_mutex>

#include "engine/store/high_water.hpp"
#include "engine/store/rocksdb_journal.hpp"

namespace slipway::store {

/// Where a backup of the store is prepared; left over when the process died meanwhile.
inline constexpr const char* kStagingName = "backup-staging";
/// While this is there, the directory holds part of a restore and no store.
inline constexpr const char* kRestoringName = "restoring";

/// Writes the file that says which format the directory has.
Result<void> write_format(const std::string& directory);

/// Reads a copied database with every checksum. Gives partition and last tick of each; kCorrupt when the
/// journal is not continuous or ends before `at_least`.
Result<std::vector<std::pair<std::uint32_t, std::uint64_t>>> verify_copy(
    const std::string& directory, const std::vector<std::pair<std::uint32_t, std::uint64_t>>& at_least);

/// The directory of a store, locked, with its database open.
struct StoreDirectory {
    std::string path;
    Fd lock;
    std::unique_ptr<RocksDb> db;
    unsigned format = 0;
    bool read_only = false;

    static Result<StoreDirectory> open(const RocksDbStoreOptions& options, rocksdb::Env* environment);
    /// Of a store that is there; changes nothing. kNotFound when there is none.
    static Result<StoreDirectory> open_to_read(const RocksDbStoreOptions& options);
};

class RocksDbStore final : public Store {
public:
    explicit RocksDbStore(StoreDirectory directory) : directory_(std::move(directory)) {}
    ~RocksDbStore() override;

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
    Result<BackupReport> backup(const std::string& directory) override;
    Result<void> compact() override;
    StoreStats stats() const override;
    Result<void> close() override;

private:
    struct Partition {
        PartitionHead head;
        HighWater mark;
        std::deque<std::pair<std::uint64_t, std::uint64_t>>
            sizes;  // tick, bytes: the tail that is not folded
    };

    Result<void> write(rocksdb::WriteBatch& batch);
    Result<PartitionState> state_of(std::uint32_t partition, const PartitionHead& head) const;
    Error not_open(std::uint32_t partition) const;
    Result<void> add_blobs(rocksdb::WriteBatch& batch, const std::vector<Blob>& blobs);
    void drop_journal(rocksdb::WriteBatch& batch, const Fold& fold, PartitionHead& head);
    void forget_sizes(Partition& partition);

    StoreDirectory directory_;
    mutable std::shared_mutex open_;    // held shared by every call, exclusively by close
    bool closed_ = false;               // under open_
    std::atomic<bool> closing_{false};  // long work gives up
    std::mutex backing_up_;             // one backup at a time
    std::map<std::uint32_t, Partition> partitions_;
    std::string record_;  // buffer of commit
    rocksdb::WriteBatch batch_;
    std::atomic<std::uint64_t> commits_{0};
    std::atomic<std::uint64_t> bytes_written_{0};
    std::atomic<std::uint64_t> journal_bytes_{0};
    std::atomic<bool> failed_{false};
};

/// `environment` is the disk and outlives the store; nullptr is the real one.
Result<std::unique_ptr<Store>> open_rocksdb_store_on(const RocksDbStoreOptions& options,
                                                     rocksdb::Env* environment);

}  // namespace slipway::store
