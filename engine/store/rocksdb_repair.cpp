// Giving up what cannot be read: the journal is cut at the damage, and every run that may be concerned is
// quarantined.
#include <algorithm>
#include <set>

#include "engine/store/rocksdb_keys.hpp"
#include "engine/store/rocksdb_store.hpp"
#include "engine/store/tick_record.hpp"

namespace slipway::store {
namespace {

std::string_view view(const rocksdb::Slice& slice) {
    return {slice.data(), slice.size()};
}

class Repair {
public:
    Repair(StoreDirectory directory, std::uint32_t partition)
        : directory_(std::move(directory)), partition_(partition) {}

    Result<RepairReport> look();
    Result<void> accept(const RepairReport& report);

private:
    void touched_in_journal();
    Result<void> unfinished_runs();
    std::uint64_t last_journal_key();

    StoreDirectory directory_;
    std::uint32_t partition_;
    PartitionHead head_;
    std::set<RunId> touched_;
    std::uint64_t highest_ = 0;  // no tick up to here is used again
};

std::uint64_t Repair::last_journal_key() {
    const auto it = directory_.db->scan(Family::kJournal, nullptr);
    it->SeekForPrev(journal_end(partition_));
    if (!it->Valid() || view(it->key()).substr(0, 4) != journal_key(partition_, 0).substr(0, 4)) {
        return 0;
    }
    return tick_of(view(it->key())).value_or(0);
}

/// Runs named behind the last fold, also by records behind the damage: their directories may still be read.
void Repair::touched_in_journal() {
    const std::string end = journal_end(partition_);
    const rocksdb::Slice upper(end);
    const auto it = directory_.db->scan(Family::kJournal, &upper);
    for (it->Seek(journal_key(partition_, head_.folded_through + 1)); it->Valid(); it->Next()) {
        const auto record = decode_tick(view(it->value()), tick_of(view(it->key())).value_or(0));
        if (!record) {
            continue;
        }
        for (const auto& slice : record->runs) {
            touched_.insert(slice.run);
        }
        touched_.insert(record->bad_runs.begin(), record->bad_runs.end());
    }
}

/// A tick that cannot be read may have moved any run that was not finished.
Result<void> Repair::unfinished_runs() {
    const auto it = directory_.db->scan(Family::kIndex, nullptr);
    for (it->SeekToFirst(); it->Valid(); it->Next()) {
        SLIPWAY_TRY(const auto stored, decode_run(view(it->key()), view(it->value())));
        if (!stored.finished) {
            touched_.insert(stored.run);
        }
        highest_ = std::max(highest_, stored.tick);
    }
    return RocksDb::check(*it, "the list of runs");
}

Result<RepairReport> Repair::look() {
    RepairReport report;
    SLIPWAY_TRY(auto found, load_partition(*directory_.db, partition_));
    auto mark = HighWater::read(directory_.path, partition_);
    if (!found.exists && mark && !*mark) {
        return report;  // never opened: nothing to repair
    }
    head_ = std::move(found.head);
    JournalScan scan = scan_journal(*directory_.db, partition_, head_);
    check_mark(scan, partition_, mark);
    if (!scan.damage) {
        return report;
    }
    report.damage = scan.damage->message;
    highest_ = std::max(scan.last_tick, last_journal_key());
    if (mark && *mark) {
        highest_ = std::max(highest_, **mark);
    }
    touched_in_journal();
    SLIPWAY_CHECK(unfinished_runs());
    if (highest_ > scan.last_tick) {
        report.first_lost = scan.last_tick + 1;
        report.last_lost = highest_;
    }
    report.quarantined.assign(touched_.begin(), touched_.end());
    return report;
}

Result<void> Repair::accept(const RepairReport& report) {
    const RocksDb& db = *directory_.db;
    rocksdb::WriteBatch batch;
    if (report.first_lost != 0) {
        batch.DeleteRange(db.handle(Family::kJournal), journal_key(partition_, report.first_lost),
                          journal_end(partition_));
        std::erase_if(head_.holes, [&](const Hole& hole) { return hole.first >= report.first_lost; });
        head_.holes.push_back({report.first_lost, report.last_lost});
    }
    batch.Put(db.handle(Family::kMeta), partition_key(partition_), encode_partition(head_));
    for (const auto& run : report.quarantined) {
        batch.Put(db.handle(Family::kMeta), quarantine_key(partition_, run.str()), {});
    }
    SLIPWAY_CHECK(directory_.db->write(batch));
    if (auto mark = HighWater::create(directory_.path, partition_, highest_, head_.epoch); !mark) {
        return std::move(mark).error();
    }
    return directory_.db->flush();
}

}  // namespace
}  // namespace slipway::store

namespace slipway {

Result<RepairReport> repair_rocksdb_store(const RocksDbStoreOptions& options, std::uint32_t partition,
                                          bool accept_loss) {
    SLIPWAY_TRY(auto directory, accept_loss ? store::StoreDirectory::open(options, nullptr)
                                            : store::StoreDirectory::open_to_read(options));
    store::Repair repair(std::move(directory), partition);
    SLIPWAY_TRY(auto report, repair.look());
    if (accept_loss && !report.damage.empty()) {
        SLIPWAY_CHECK(repair.accept(report));
    }
    return report;
}

}  // namespace slipway
