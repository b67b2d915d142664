// Reading the journal of one partition out of the database, and saying where it is damaged.
#pragma once

#include <deque>
#include <optional>
#include <utility>

#include "engine/store/checks.hpp"
#include "engine/store/rocksdb_db.hpp"

namespace slipway::store {

struct JournalScan {
    std::uint64_t last_tick = 0;  ///< last tick before the damage
    std::deque<std::pair<std::uint64_t, std::uint64_t>>
        sizes;                    ///< tick and bytes of each record behind the fold
    std::optional<Error> damage;  ///< names the tick
};

struct StoredPartition {
    bool exists = false;  ///< false: never opened, head is that of a new one
    PartitionHead head;
};

/// Every partition that was ever opened.
Result<std::vector<std::uint32_t>> list_partitions(const RocksDb& db);
/// What the database says about a partition.
Result<StoredPartition> load_partition(const RocksDb& db, std::uint32_t partition);
Result<std::vector<RunId>> load_quarantined(const RocksDb& db, std::uint32_t partition);

/// Walks from folded_through to the end, or to the first record that is missing or damaged.
JournalScan scan_journal(const RocksDb& db, std::uint32_t partition, const PartitionHead& head);

/// Adds to `scan` what the high-water mark says: a mark that is missing, unreadable or ahead of the journal
/// is damage.
void check_mark(JournalScan& scan, std::uint32_t partition, const Result<std::optional<std::uint64_t>>& mark);

Result<std::vector<TickRecord>> read_journal(const RocksDb& db, std::uint32_t partition,
                                             std::uint64_t after_tick, std::size_t limit);

}  // namespace slipway::store
