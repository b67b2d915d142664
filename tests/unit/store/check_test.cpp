// A check reads a store whole, says what is wrong and where, and changes nothing.
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "engine/store/rocksdb_keys.hpp"
#include "tests/unit/store/rocksdb_rig.hpp"

namespace slipway::store {
namespace {

/// Names, sizes, times and contents of everything under a folder.
std::string picture(const std::string& folder) {
    std::vector<std::string> lines;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
        std::ostringstream line;
        line << entry.path().string() << ' ' << entry.last_write_time().time_since_epoch().count() << ' ';
        if (entry.is_regular_file()) {
            line << std::ifstream(entry.path(), std::ios::binary).rdbuf();
        }
        lines.push_back(line.str());
    }
    std::sort(lines.begin(), lines.end());
    std::string all;
    for (const auto& line : lines) {
        all += line + "\n";
    }
    return all;
}

StoreCheck checked(RocksDbRig& rig) {
    rig.store.reset();
    const std::string before = picture(rig.path());
    const auto check = check_rocksdb_store(rig.options(), 0);
    REQUIRE_MESSAGE(check.has_value(), (check ? "" : check.error().message));
    CHECK(picture(rig.path()) == before);
    return *check;
}

/// Six ticks, the first three folded: two checkpoints, three blocks of history, one blob.
void fill(RocksDbRig& rig) {
    rig.fill(6);
    REQUIRE(rig.store->put_blob({Digest{}, "content"}));
    Fold fold;
    fold.epoch = rig.state.epoch;
    fold.through_tick = 3;
    fold.checkpoints = {{RunId{"parked"}, 2, "state", "s", false}, {RunId{"done"}, 3, "state", "s", true}};
    fold.history = {{RunId{"done"}, 1, 4, "a"}, {RunId{"done"}, 5, 5, "b"}, {RunId{"parked"}, 1, 2, "c"}};
    fold.quarantine = {RunId{"parked"}};
    REQUIRE(rig.store->fold(fold));
}

bool finds(const StoreCheck& check, const char* run, const std::string& text) {
    return std::any_of(check.findings.begin(), check.findings.end(), [&](const StoreFinding& f) {
        return f.run == RunId{run} && f.what.find(text) != std::string::npos;
    });
}

TEST_CASE("a check of a sound store counts what is there and changes nothing") {
    RocksDbRig rig;
    fill(rig);
    const StoreCheck check = checked(rig);
    CHECK(check.damage.empty());
    CHECK(check.findings.empty());
    CHECK(check.format == 1);
    CHECK(check.epoch == 1);
    CHECK(check.last_tick == 6);
    CHECK(check.folded_through == 3);
    CHECK(check.records == 3);
    CHECK(check.runs == 2);
    CHECK(check.blobs == 1);
    CHECK(check.quarantined == std::vector<RunId>{RunId{"parked"}});
    REQUIRE(rig.open());
    CHECK(rig.state.epoch == 2);
}

TEST_CASE("a check reads what a killed process left in the log, without replaying it into the files") {
    RocksDbRig rig;
    rig.fill(50);
    RocksDbRig copy;  // the files as a kill at this instant would leave them
    std::filesystem::copy(rig.path(), copy.path(), std::filesystem::copy_options::recursive);
    const StoreCheck check = checked(copy);
    CHECK(check.damage.empty());
    CHECK(check.records == 50);
}

TEST_CASE("a check names a missing tick as the open does") {
    RocksDbRig rig;
    fill(rig);
    rig.damage([](RocksDb& db, rocksdb::WriteBatch& batch) {
        batch.Delete(db.handle(Family::kJournal), journal_key(0, 5));
    });
    const StoreCheck check = checked(rig);
    CHECK(check.damage.find("tick 5 is missing") != std::string::npos);
    CHECK(check.last_tick == 4);
    REQUIRE(repair_rocksdb_store(rig.options(), 0, true));
    const StoreCheck repaired = checked(rig);
    CHECK(repaired.damage.empty());
    CHECK(repaired.given_up == std::vector<std::pair<std::uint64_t, std::uint64_t>>{{5, 6}});
}

TEST_CASE("a check names a mark that is gone and a partition that does not decode") {
    RocksDbRig rig;
    fill(rig);
    rig.store.reset();
    std::filesystem::remove(rig.mark_path());
    CHECK(checked(rig).damage.find("high-water mark") != std::string::npos);
    RocksDbRig other;
    fill(other);
    other.damage([](RocksDb& db, rocksdb::WriteBatch& batch) {
        batch.Put(db.handle(Family::kMeta), partition_key(0), "nonsense");
    });
    CHECK(!checked(other).damage.empty());
}

TEST_CASE("a check finds what an open does not look at, run by run") {
    RocksDbRig rig;
    fill(rig);
    rig.damage([](RocksDb& db, rocksdb::WriteBatch& batch) {
        std::string record = **db.get(Family::kJournal, journal_key(0, 5));
        record.back() = static_cast<char>(record.back() ^ 1);
        batch.Put(db.handle(Family::kJournal), journal_key(0, 5), record);
        batch.Put(db.handle(Family::kIndex), "parked",
                  encode_run({RunId{"parked"}, 1, "", "other", false}, 0, false));
        batch.Delete(db.handle(Family::kHistory), history_key(RunId{"done"}, 4));
        batch.Put(db.handle(Family::kRuns), "short", "x");
        batch.Put(db.handle(Family::kBlobs), "not a digest", "x");
    });
    const StoreCheck check = checked(rig);
    CHECK(check.damage.empty());
    CHECK(finds(check, "all", "slice of tick 5"));
    CHECK(finds(check, "parked", "list of runs"));
    CHECK(finds(check, "done", "gap behind event 0"));
    CHECK(finds(check, "short", "does not decode"));
    CHECK(finds(check, "", "2 entries for 3 checkpoints"));
    CHECK(finds(check, "", "no digest"));
    CHECK(check.findings.size() == 6);
}

TEST_CASE("a store in use is not checked, and who has it is named; one that is being checked is not opened") {
    RocksDbRig rig;
    fill(rig);
    const auto refused = check_rocksdb_store(rig.options(), 0);
    REQUIRE(!refused);
    CHECK(refused.error().code == ErrorCode::kLocked);
    CHECK(refused.error().message.find("pid " + std::to_string(::getpid())) != std::string::npos);
    rig.store.reset();
    const auto reader = open_rocksdb_store_to_read(rig.options());
    REQUIRE(reader);
    CHECK(check_rocksdb_store(rig.options(), 0).has_value());
    const auto writer = open_rocksdb_store(rig.options());
    REQUIRE(!writer);
    CHECK(writer.error().code == ErrorCode::kLocked);
    CHECK(writer.error().message.find("being checked") != std::string::npos);
}

TEST_CASE("a store that is opened to read takes no ownership and refuses every write") {
    RocksDbRig rig;
    fill(rig);
    rig.store.reset();
    auto store = *open_rocksdb_store_to_read(rig.options());
    const auto state = store->open_partition(0);
    REQUIRE(state);
    CHECK(state->epoch == 1);
    CHECK(store->list({}, 10, true)->size() == 2);
    CHECK(store->journal(0, 3, 10)->size() == 3);
    Commit commit;
    commit.expected_tick = state->last_tick;
    commit.epoch = state->epoch;
    CHECK(store->commit(commit).error().code == ErrorCode::kRefused);
    Fold fold;
    fold.epoch = state->epoch;
    CHECK(store->fold(fold).error().code == ErrorCode::kRefused);
    CHECK(store->put_blob({Digest{{1}}, "x"}).error().code == ErrorCode::kRefused);
    CHECK(store->close().has_value());
}

TEST_CASE("where there is no store, a check makes none") {
    const testing::TemporaryDirectory folder;
    const RocksDbStoreOptions options{.directory = folder.path() + "/nothing"};
    CHECK(check_rocksdb_store(options, 0).error().code == ErrorCode::kNotFound);
    CHECK(repair_rocksdb_store(options, 0, false).error().code == ErrorCode::kNotFound);
    CHECK(!std::filesystem::exists(options.directory));
}

TEST_CASE("a check refuses what it cannot read: a newer format, garbage for one, none beside a database") {
    RocksDbRig rig;
    fill(rig);
    rig.store.reset();
    const auto format = rig.path() + "/format";
    std::ofstream(format) << "slipway-store 2\n";
    CHECK(check_rocksdb_store(rig.options(), 0).error().code == ErrorCode::kUnsupportedFormat);
    std::ofstream(format) << "something\n";
    CHECK(check_rocksdb_store(rig.options(), 0).error().code == ErrorCode::kCorrupt);
    std::filesystem::remove(format);
    CHECK(check_rocksdb_store(rig.options(), 0).error().code == ErrorCode::kCorrupt);
}

}  // namespace
}  // namespace slipway::store
