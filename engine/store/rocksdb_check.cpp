// Reading a whole store with every checksum, and changing nothing.
#include <functional>

#include "engine/store/rocksdb_keys.hpp"
#include "engine/store/rocksdb_store.hpp"
#include "engine/store/tick_record.hpp"

namespace slipway::store {
namespace {

constexpr std::size_t kFindingsMax = 1000;
constexpr std::size_t kDigestBytes = 32;

std::string_view view(const rocksdb::Slice& slice) {
    return {slice.data(), slice.size()};
}

class Check {
public:
    Check(const StoreDirectory& directory, std::uint32_t partition)
        : directory_(directory), db_(*directory.db), partition_(partition) {}

    Result<StoreCheck> run();

private:
    using Row = std::function<void(std::string_view key, std::string_view value)>;

    void note(const RunId& run, std::string what);
    void walk(Family family, const char* what, const Row& row);
    void read_slices(const PartitionHead& head);
    void read_runs();
    void read_history();
    void read_blobs();

    const StoreDirectory& directory_;
    const RocksDb& db_;
    std::uint32_t partition_;
    StoreCheck check_;
};

void Check::note(const RunId& run, std::string what) {
    if (check_.findings.size() < kFindingsMax) {
        check_.findings.push_back({run, std::move(what)});
    }
}

void Check::walk(Family family, const char* what, const Row& row) {
    const auto it = db_.scan(family, nullptr);
    for (it->SeekToFirst(); it->Valid(); it->Next()) {
        row(view(it->key()), view(it->value()));
    }
    if (const auto read = RocksDb::check(*it, what); !read) {
        note({}, read.error().message);
    }
}

/// The scan looked at headers and directories; this looks at the slices.
void Check::read_slices(const PartitionHead& head) {
    const std::string end = journal_key(partition_, check_.last_tick + 1);
    const rocksdb::Slice upper(end);
    const auto it = db_.scan(Family::kJournal, &upper);
    for (it->Seek(journal_key(partition_, head.folded_through + 1)); it->Valid(); it->Next()) {
        const std::uint64_t tick = tick_of(view(it->key())).value_or(0);
        const auto record = decode_tick(view(it->value()), tick);
        if (!record) {
            note({}, record.error().message);
            continue;
        }
        for (const auto& run : record->bad_runs) {
            note(run, "its slice of tick " + std::to_string(tick) + " does not match its checksum");
        }
    }
}

void Check::read_runs() {
    std::uint64_t listed = 0;
    walk(Family::kIndex, "the list of runs", [&](std::string_view, std::string_view) { ++listed; });
    walk(Family::kRuns, "the runs", [&](std::string_view key, std::string_view value) {
        ++check_.runs;
        const RunId run{std::string(key)};
        const auto stored = decode_run(key, value);
        if (!stored) {
            note(run, stored.error().message);
            return;
        }
        const auto bytes = db_.get(Family::kIndex, key);
        const auto index = bytes && *bytes ? decode_run(key, **bytes) : Result<StoredRun>(read_only_error());
        if (!index || index->tick != stored->tick || index->finished != stored->finished ||
            index->summary != stored->summary) {
            note(run, "the list of runs says something else than its checkpoint");
        }
    });
    if (listed != check_.runs) {
        note({}, "the list of runs has " + std::to_string(listed) + " entries for " +
                     std::to_string(check_.runs) + " checkpoints");
    }
}

void Check::read_history() {
    RunId run;
    EventSeq last = 0;
    walk(Family::kHistory, "the history", [&](std::string_view key, std::string_view value) {
        const RunId of{std::string(key.substr(0, key.find('\0')))};
        const auto block = decode_history(of, key, value);
        if (!block) {
            note(of, block.error().message);
            return;
        }
        if (of != run) {
            run = of;
            last = 0;
        }
        if (block->first_seq != last + 1 || block->last_seq < block->first_seq) {
            note(of, "its history has a gap behind event " + std::to_string(last));
        }
        last = block->last_seq;
    });
}

void Check::read_blobs() {
    walk(Family::kBlobs, "the blobs", [&](std::string_view key, std::string_view) {
        ++check_.blobs;
        if (key.size() != kDigestBytes) {
            note({}, "a blob's key is no digest");
        }
    });
}

Result<StoreCheck> Check::run() {
    check_.format = directory_.format;
    auto found = load_partition(db_, partition_);
    if (!found) {
        check_.damage = found.error().message;
        return std::move(check_);
    }
    auto mark = HighWater::read(directory_.path, partition_);
    if (!found->exists && mark && !*mark) {
        return std::move(check_);  // never opened
    }
    const PartitionHead& head = found->head;
    JournalScan scan = scan_journal(db_, partition_, head);
    check_mark(scan, partition_, mark);
    check_.epoch = head.epoch;
    check_.folded_through = head.folded_through;
    check_.last_tick = scan.last_tick;
    check_.records = scan.sizes.size();
    check_.damage = scan.damage ? scan.damage->message : "";
    for (const auto& hole : head.holes) {
        check_.given_up.emplace_back(hole.first, hole.last);
    }
    SLIPWAY_TRY(check_.quarantined, load_quarantined(db_, partition_));
    read_slices(head);
    read_runs();
    read_history();
    read_blobs();
    return std::move(check_);
}

}  // namespace
}  // namespace slipway::store

namespace slipway {

Result<StoreCheck> check_rocksdb_store(const RocksDbStoreOptions& options, std::uint32_t partition) {
    SLIPWAY_TRY(const auto directory, store::StoreDirectory::open_to_read(options));
    return store::Check(directory, partition).run();
}

}  // namespace slipway
