#include "engine/store/rocksdb_journal.hpp"

#include "engine/store/rocksdb_keys.hpp"
#include "engine/store/tick_record.hpp"

namespace slipway::store {
namespace {

constexpr const char* kRepairHint = "slipway store repair shows what would be lost";

std::string_view view(const rocksdb::Slice& slice) {
    return {slice.data(), slice.size()};
}

Error missing(std::uint64_t first, std::uint64_t last) {
    const std::string ticks =
        first == last ? "tick " + std::to_string(first) + " is missing"
                      : "ticks " + std::to_string(first) + " to " + std::to_string(last) + " are missing";
    return environment_error(ErrorCode::kCorrupt, "journal " + ticks, kRepairHint);
}

/// The last tick of the journal may lie in a hole that was accepted.
std::uint64_t end_behind(const PartitionHead& head, std::uint64_t last_record) {
    return next_tick(head, last_record) - 1;
}

Error unreadable(std::uint64_t tick, const Error& cause) {
    return environment_error(ErrorCode::kCorrupt,
                             "journal tick " + std::to_string(tick) + " cannot be read: " + cause.message,
                             kRepairHint);
}

}  // namespace

Result<std::vector<std::uint32_t>> list_partitions(const RocksDb& db) {
    std::vector<std::uint32_t> partitions;
    const auto it = db.scan(Family::kMeta, nullptr);
    for (it->Seek("p"); it->Valid(); it->Next()) {
        const auto partition = partition_of(view(it->key()));
        if (!partition) {
            break;
        }
        partitions.push_back(*partition);
    }
    SLIPWAY_CHECK(RocksDb::check(*it, "the list of partitions"));
    return partitions;
}

Result<StoredPartition> load_partition(const RocksDb& db, std::uint32_t partition) {
    SLIPWAY_TRY(const auto bytes, db.get(Family::kMeta, partition_key(partition)));
    if (!bytes) {
        return StoredPartition{};
    }
    SLIPWAY_TRY(auto head, decode_partition(partition, *bytes));
    return StoredPartition{true, std::move(head)};
}

Result<std::vector<RunId>> load_quarantined(const RocksDb& db, std::uint32_t partition) {
    const std::string prefix = quarantine_key(partition, {});
    std::vector<RunId> runs;
    const auto it = db.scan(Family::kMeta, nullptr);
    for (it->Seek(prefix); it->Valid() && it->key().starts_with(prefix); it->Next()) {
        runs.emplace_back(view(it->key()).substr(prefix.size()));
    }
    SLIPWAY_CHECK(RocksDb::check(*it, "the quarantined runs"));
    return runs;
}

JournalScan scan_journal(const RocksDb& db, std::uint32_t partition, const PartitionHead& head) {
    JournalScan scan;
    scan.last_tick = head.folded_through;
    const std::string end = journal_end(partition);
    const rocksdb::Slice upper(end);
    const auto it = db.scan(Family::kJournal, &upper);
    for (it->Seek(journal_key(partition, head.folded_through + 1)); it->Valid(); it->Next()) {
        const std::uint64_t expected = next_tick(head, scan.last_tick);
        const std::uint64_t tick = tick_of(view(it->key())).value_or(0);
        if (tick != expected) {
            scan.damage = missing(expected, tick - 1);
            return scan;
        }
        if (auto sound = check_tick(view(it->value()), tick); !sound) {
            scan.damage = sound.error();
            return scan;
        }
        scan.sizes.emplace_back(tick, it->value().size());
        scan.last_tick = tick;
    }
    if (auto read = RocksDb::check(*it, "the journal"); !read) {
        scan.damage = unreadable(next_tick(head, scan.last_tick), read.error());
    }
    scan.last_tick = end_behind(head, scan.last_tick);
    return scan;
}

void check_mark(JournalScan& scan, std::uint32_t partition,
                const Result<std::optional<std::uint64_t>>& mark) {
    if (scan.damage) {
        return;
    }
    if (!mark) {
        scan.damage = environment_error(ErrorCode::kCorrupt, mark.error().message, kRepairHint);
    } else if (!*mark) {
        scan.damage = environment_error(ErrorCode::kCorrupt,
                                        "the high-water mark of partition " + std::to_string(partition) +
                                            " is missing: the end of the journal behind tick " +
                                            std::to_string(scan.last_tick) + " cannot be verified",
                                        kRepairHint);
    } else if (**mark > scan.last_tick) {
        scan.damage = missing(scan.last_tick + 1, **mark);
    }
}

Result<std::vector<TickRecord>> read_journal(const RocksDb& db, std::uint32_t partition,
                                             std::uint64_t after_tick, std::size_t limit) {
    std::vector<TickRecord> records;
    const std::string end = journal_end(partition);
    const rocksdb::Slice upper(end);
    const auto it = db.scan(Family::kJournal, &upper);
    it->Seek(journal_key(partition, after_tick + 1));
    for (; it->Valid() && records.size() < limit; it->Next()) {
        SLIPWAY_TRY(auto record, decode_tick(view(it->value()), tick_of(view(it->key())).value_or(0)));
        records.push_back(std::move(record));
    }
    if (auto read = RocksDb::check(*it, "the journal"); !read) {
        return unreadable(records.empty() ? after_tick + 1 : records.back().tick + 1, read.error());
    }
    return records;
}

}  // namespace slipway::store
