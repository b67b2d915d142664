// Store: where runs live. A store knows bytes, not runs: one tick of the engine is one atomic, synced commit.
//
//   auto store = slipway::open_rocksdb_store({.directory = "/var/lib/slipway/engine"});
//
// The journal (partition, tick) is the truth; checkpoints and index entries are folded in later. See
// engine/store/FORMAT.md.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "slipway/ids.hpp"
#include "slipway/result.hpp"

namespace slipway {

/// The part of a tick that belongs to one run. `bytes` are the run's events of this tick, encoded by
/// engine/codec. A run may have several slices in one tick; their order is kept.
struct RunSlice {
    RunId run;
    std::string bytes;
};

/// A run's folded state: everything up to and including `tick` that concerns it.
struct RunCheckpoint {
    RunId run;
    std::uint64_t tick = 0;
    std::string state;    ///< encoded RunState
    std::string summary;  ///< encoded index entry for `list` (status, kind, labels, times)
    bool finished = false;
};

/// A block of a run's history that was folded out of the journal, in order.
struct HistoryBlock {
    RunId run;
    EventSeq first_seq = 0;
    EventSeq last_seq = 0;
    std::string bytes;
};

/// Content that is stored once under its digest (workflows, large payloads, plans).
struct Blob {
    Digest digest;      ///< of the plain content
    std::string bytes;  ///< as stored (sealed when sensitive)
};

struct Commit {
    std::uint32_t partition = 0;
    std::uint64_t expected_tick = 0;  ///< the last committed tick; this commit becomes expected_tick + 1
    std::uint64_t epoch = 0;          ///< the epoch that open gave; a later owner has a higher one
    std::string admission;            ///< encoded admission events of this tick; may be empty
    std::vector<RunSlice> runs;
    std::vector<Blob> blobs;
};

/// Work of housekeeping, done in a commit of its own: never a tick.
struct Fold {
    std::uint32_t partition = 0;
    std::uint64_t epoch = 0;
    std::vector<RunCheckpoint> checkpoints;
    std::vector<HistoryBlock> history;
    std::string admission;           ///< admission checkpoint at `through_tick`; empty when unchanged
    std::uint64_t through_tick = 0;  ///< journal records up to here are dropped; 0 drops none
    std::vector<RunId> erase;  ///< finished runs that retention lets go, with their history; applied last
    std::vector<Digest> drop_blobs;  ///< blobs that nothing refers to any more
    std::vector<RunId> quarantine;   ///< added to PartitionState::quarantined
    std::vector<RunId> release;      ///< taken off it again, by an operator
    /// Other bytes for the same events (sealed with another key): replaces the block with this last_seq;
    /// passed over when that is not there any more.
    std::vector<HistoryBlock> renewed_history;
    std::vector<Blob> renewed_blobs;  ///< the same for blobs
    std::optional<std::string> note;  ///< where some long housekeeping stands: PartitionState::note
};

/// One journal record as read back. `bad_runs` are runs whose slice failed its checksum.
struct TickRecord {
    std::uint64_t tick = 0;
    std::string admission;
    std::vector<RunSlice> runs;
    std::vector<RunId> bad_runs;
};

struct StoredRun {
    RunId run;
    std::uint64_t tick = 0;
    std::string state;
    std::string summary;
    bool finished = false;
    std::uint64_t bytes = 0;  ///< what it takes up: about its state and its folded history
};

/// What a partition looks like when it is opened.
struct PartitionState {
    std::uint64_t epoch = 0;  ///< already advanced for this owner and durable
    std::uint64_t last_tick = 0;
    std::uint64_t folded_through = 0;  ///< the journal starts behind this tick
    std::string admission;             ///< admission checkpoint at folded_through
    std::vector<RunId> quarantined;    ///< runs that must not move until an operator releases them
    std::string note;                  ///< the last Fold::note
};

/// Counted since this store was opened.
struct StoreStats {
    std::uint64_t commits = 0;
    std::uint64_t synced_commits = 0;
    std::uint64_t bytes_written = 0;
    std::uint64_t journal_bytes = 0;  ///< tail that is not folded
    std::uint64_t disk_bytes = 0;     ///< what the store takes up now, about; 0: it does not know
};

/// What is in a backup, or came out of one.
struct BackupReport {
    /// Partition and its last tick: everything up to there is in it, and nothing of a later one.
    std::vector<std::pair<std::uint32_t, std::uint64_t>> ticks;
    std::uint64_t files = 0;
    std::uint64_t bytes = 0;
};

/// Where sealing anew stands after the key has changed. When it is complete and nothing was unreadable, older
/// keys are not needed any more by this store (backups made before still need them).
struct ResealProgress {
    std::string key;  ///< id of the key that everything is being sealed with; empty: nothing was begun yet
    bool complete = false;
    std::uint64_t runs = 0;  ///< looked at
    std::uint64_t blobs = 0;
    std::uint64_t resealed = 0;    ///< checkpoints, blocks of history and blobs that had an older key
    std::uint64_t unreadable = 0;  ///< of these, left as they were: damaged, or their key is gone
    std::string first_unreadable;  ///< what and why, naming the key
};

/// Thread-safety: commit, fold and open_partition from one thread at a time (the engine's); the others from
/// any thread.
class Store {
public:
    virtual ~Store() = default;

    /// Takes ownership of the partition (the epoch grows, durably) and reports where it stands. kCorrupt with
    /// the tick named when a tick is missing, a directory or an admission slice does not match its checksum,
    /// or the high-water mark says that the end of the journal was lost; kUnsupportedFormat for a newer
    /// format.
    virtual Result<PartitionState> open_partition(std::uint32_t partition) = 0;
    /// The same for looking only: its owner keeps it. kNotFound: never opened. kUnsupported: it cannot.
    virtual Result<PartitionState> peek_partition(std::uint32_t partition);
    /// The journal behind `after_tick`, in order, up to `limit` records.
    virtual Result<std::vector<TickRecord>> journal(std::uint32_t partition, std::uint64_t after_tick,
                                                    std::size_t limit) = 0;

    /// Atomic and durable on return. kConflict when expected_tick or epoch differ and nothing was written;
    /// kIo when the disk refuses: then nothing was acknowledged, the tick may or may not be there after the
    /// next open (never half of it), and this store refuses every further write.
    virtual Result<void> commit(const Commit& commit) = 0;
    /// Atomic and durable on return; the journal is dropped in the same write that brings what replaces it.
    /// kConflict when the epoch differs, kInvalidArgument when a checkpoint or through_tick lies ahead of the
    /// last tick.
    virtual Result<void> fold(const Fold& fold) = 0;

    /// The folded state of one run; nullopt when it has none.
    virtual Result<std::optional<StoredRun>> load(const RunId& run) = 0;
    /// Folded runs in id order behind `after`, up to `limit`. `with_state` = false leaves StoredRun::state
    /// empty.
    virtual Result<std::vector<StoredRun>> list(std::optional<RunId> after, std::size_t limit,
                                                bool with_state) = 0;
    /// Folded history of one run from `from_seq` on.
    virtual Result<std::vector<HistoryBlock>> history(const RunId& run, EventSeq from_seq,
                                                      std::size_t limit) = 0;

    /// Outside of a tick; durable on return. Storing the same digest again is a no-op.
    virtual Result<void> put_blob(const Blob& blob) = 0;
    virtual Result<std::optional<std::string>> get_blob(const Digest& digest) = 0;
    /// Digests of the stored blobs in ascending order behind `after`, up to `limit`. A store without it:
    /// kUnsupported.
    virtual Result<std::vector<Digest>> list_blobs(std::optional<Digest> after, std::size_t limit);

    /// A copy of everything as of one moment, at least all that was acknowledged before the call, while
    /// others go on writing; complete and verified on return. Writes to `directory`, which is absent or
    /// empty. See restore_rocksdb_store. kUnsupported where it cannot; kAlreadyExists; kCorrupt when what was
    /// copied does not hold; kStopped when the store is closed meanwhile. May take long.
    virtual Result<BackupReport> backup(const std::string& directory);
    /// Gives the space of what was erased back to the disk. May take long; others go on meanwhile.
    virtual Result<void> compact();

    virtual StoreStats stats() const = 0;
    /// Flushes, and lets go of the directory. Idempotent; every later call gives kStopped.
    virtual Result<void> close() = 0;
};

struct RocksDbStoreOptions {
    std::string directory;  ///< created (0700) when absent; one process at a time, kLocked otherwise
    std::uint64_t block_cache_bytes = 64ULL << 20U;
    std::uint64_t wal_bytes_max = 64ULL << 20U;
};

/// kUnsupportedFormat when a newer version wrote the directory.
Result<std::unique_ptr<Store>> open_rocksdb_store(RocksDbStoreOptions options);

/// For looking only: nothing on the disk changes, open_partition takes no ownership (its epoch is the last
/// owner's), and every write is kRefused. kNotFound when there is no store, kLocked while a process uses it.
Result<std::unique_ptr<Store>> open_rocksdb_store_to_read(const RocksDbStoreOptions& options);

struct StoreFinding {
    RunId run;  ///< empty when it is not about one run
    std::string what;
};

/// What `check_rocksdb_store` found. Sound when there is neither damage nor a finding.
struct StoreCheck {
    unsigned format = 0;
    std::uint64_t epoch = 0;
    std::uint64_t last_tick = 0;  ///< before the damage
    std::uint64_t folded_through = 0;
    std::uint64_t records = 0;  ///< of the journal, behind the fold and before the damage
    std::uint64_t runs = 0;     ///< with a checkpoint
    std::uint64_t blobs = 0;
    std::vector<std::pair<std::uint64_t, std::uint64_t>> given_up;  ///< ticks of accepted losses
    std::vector<RunId> quarantined;
    std::string damage;                  ///< why open_partition would refuse; empty when it would not
    std::vector<StoreFinding> findings;  ///< what else is wrong; at most 1,000
};

/// Reads everything once, with every checksum, and changes nothing. kNotFound, kLocked, kUnsupportedFormat,
/// kCorrupt (the database itself does not open), kIo.
Result<StoreCheck> check_rocksdb_store(const RocksDbStoreOptions& options, std::uint32_t partition);

/// What `repair_rocksdb_store` found, and did.
struct RepairReport {
    std::string damage;  ///< one sentence; empty when the partition is sound and nothing has to be done
    std::uint64_t first_lost = 0;  ///< these journal records are gone or no longer used; 0: none
    std::uint64_t last_lost = 0;
    std::vector<RunId> quarantined;  ///< touched since the last fold, or may have moved in lost ticks
};

/// Looks for what makes open_partition refuse, and changes nothing. With `accept_loss` it also drops the
/// journal from the damage on, and the runs concerned are in PartitionState::quarantined from then on. Tick
/// numbers are not used a second time.
Result<RepairReport> repair_rocksdb_store(const RocksDbStoreOptions& options, std::uint32_t partition,
                                          bool accept_loss);

/// Compares every byte with the checksums. kNotFound: none, or never completed; kCorrupt, naming the file.
Result<BackupReport> verify_backup(const std::string& backup);

/// Makes a store of a backup in `directory`, which is absent or empty (kAlreadyExists otherwise): copies,
/// verifies checksums and the continuity of the journal, and only then can it be opened. What is left of a
/// restore that was interrupted cannot be opened as a store, and the next restore there begins anew.
Result<BackupReport> restore_rocksdb_store(const std::string& backup, const std::string& directory);

/// The content of a memory store outlives it: hand the same image to the next one to "restart" in a test.
class MemoryImage;
std::shared_ptr<MemoryImage> make_memory_image();
/// A copy as of now: what a restart after a crash at this instant would find.
std::shared_ptr<MemoryImage> clone_memory_image(const MemoryImage& image);
std::unique_ptr<Store> make_memory_store(std::shared_ptr<MemoryImage> image = make_memory_image());

}  // namespace slipway
