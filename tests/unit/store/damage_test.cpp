// A damaged store says so, names the tick, and gives up only what it is told to.
#include <algorithm>
#include <filesystem>
#include <fstream>

#include "engine/store/rocksdb_keys.hpp"
#include "engine/store/tick_record.hpp"
#include "tests/unit/store/rocksdb_rig.hpp"

namespace slipway::store {
namespace {

bool says(const Error& error, const std::string& text) {
    return error.message.find(text) != std::string::npos;
}

void drop_tick(RocksDbRig& rig, std::uint64_t tick) {
    rig.damage([&](RocksDb& db, rocksdb::WriteBatch& batch) {
        batch.Delete(db.handle(Family::kJournal), journal_key(0, tick));
    });
}

/// Flips one byte of a record, counted from its end when `from_end`.
void flip(RocksDbRig& rig, std::uint64_t tick, std::size_t at, bool from_end) {
    rig.damage([&](RocksDb& db, rocksdb::WriteBatch& batch) {
        auto bytes = db.get(Family::kJournal, journal_key(0, tick));
        REQUIRE(bytes);
        REQUIRE(*bytes);
        std::string record = **bytes;
        char& byte = record[from_end ? record.size() - 1 - at : at];
        byte = static_cast<char>(byte ^ 0x40);
        batch.Put(db.handle(Family::kJournal), journal_key(0, tick), record);
    });
}

Error refused(RocksDbRig& rig) {
    auto opened = rig.open();
    REQUIRE(!opened);
    CHECK(opened.error().error_class == ErrorClass::kEnvironment);
    rig.store.reset();
    return opened.error();
}

bool has(const std::vector<RunId>& runs, const char* run) {
    return std::find(runs.begin(), runs.end(), RunId{run}) != runs.end();
}

TEST_CASE("a missing tick keeps the partition shut, and is named") {
    RocksDbRig rig;
    rig.fill(6);
    drop_tick(rig, 3);
    const Error error = refused(rig);
    CHECK(error.code == ErrorCode::kCorrupt);
    CHECK(says(error, "tick 3 is missing"));
}

TEST_CASE("a lost end is noticed by the high-water mark, and the ticks are named") {
    RocksDbRig rig;
    rig.fill(6);
    rig.damage([&](RocksDb& db, rocksdb::WriteBatch& batch) {
        batch.DeleteRange(db.handle(Family::kJournal), journal_key(0, 5), journal_end(0));
    });
    const Error error = refused(rig);
    CHECK(error.code == ErrorCode::kCorrupt);
    CHECK(says(error, "ticks 5 to 6 are missing"));
}

TEST_CASE("a journal that is gone whole is noticed") {
    RocksDbRig rig;
    rig.fill(3);
    rig.store.reset();
    std::filesystem::remove_all(rig.path() + "/db");
    const Error error = refused(rig);
    CHECK(error.code == ErrorCode::kCorrupt);
    CHECK(says(error, "ticks 1 to 3 are missing"));
}

TEST_CASE("a damaged log loses no acknowledged tick silently") {
    RocksDbRig rig;
    rig.fill(200);
    for (const int part : {2, 4, 8}) {
        RocksDbRig copy;  // the files as a kill at this instant would leave them
        std::filesystem::copy(rig.path(), copy.path(), std::filesystem::copy_options::recursive);
        std::string log;
        for (const auto& entry : std::filesystem::directory_iterator(copy.path() + "/db")) {
            if (entry.path().extension() == ".log" && entry.file_size() > 0) {
                log = entry.path().string();
            }
        }
        REQUIRE(!log.empty());
        std::fstream file(log, std::ios::in | std::ios::out | std::ios::binary);
        file.seekp(
            static_cast<std::streamoff>(std::filesystem::file_size(log) / static_cast<unsigned>(part)));
        file.write("damage", 6);
        file.close();
        const Error error = refused(copy);
        CHECK(error.code == ErrorCode::kCorrupt);
        CHECK(says(error, "to 200 are missing"));
        REQUIRE(repair_rocksdb_store(copy.options(), 0, true));
        REQUIRE(copy.open());
        CHECK(copy.state.last_tick == 200);
        CHECK(has(copy.state.quarantined, "all"));
    }
}

TEST_CASE("a mark that is missing, cut or damaged keeps the partition shut") {
    for (const std::string content : {"gone", "", "short", "sixteen bytes ok", "more than sixteen bytes"}) {
        RocksDbRig rig;
        rig.fill(2);
        rig.store.reset();
        if (content == "gone") {
            std::filesystem::remove(rig.mark_path());
        } else {
            std::ofstream(rig.mark_path(), std::ios::trunc) << content;
        }
        CHECK(refused(rig).code == ErrorCode::kCorrupt);
        const auto repaired = repair_rocksdb_store(rig.options(), 0, true);
        REQUIRE(repaired);
        CHECK(!repaired->damage.empty());
        CHECK(repaired->first_lost == 0);
        REQUIRE(rig.open());
        CHECK(rig.state.last_tick == 2);
        CHECK(has(rig.state.quarantined, "all"));
    }
}

TEST_CASE("a bad slice quarantines its run and leaves the tick") {
    RocksDbRig rig;
    rig.fill(3);
    flip(rig, 2, 0, true);
    REQUIRE(rig.open());
    CHECK(rig.state.last_tick == 3);
    const auto ticks = rig.store->journal(0, 0, 10);
    REQUIRE(ticks);
    REQUIRE(ticks->size() == 3);
    CHECK((*ticks)[1].bad_runs == std::vector<RunId>{RunId{"all"}});
    CHECK((*ticks)[1].runs.size() == 1);
    CHECK((*ticks)[2].bad_runs.empty());
    CHECK(rig.commit({}));
}

TEST_CASE("a bad directory keeps the partition shut, and its tick is named") {
    RocksDbRig rig;
    rig.fill(3);
    flip(rig, 2, 42, false);
    const Error error = refused(rig);
    CHECK(error.code == ErrorCode::kCorrupt);
    CHECK(says(error, "tick 2"));
    CHECK(says(error, "directory"));
}

TEST_CASE("a damaged state of the partition is told as such") {
    RocksDbRig rig;
    rig.fill(1);
    rig.damage([&](RocksDb& db, rocksdb::WriteBatch& batch) {
        batch.Put(db.handle(Family::kMeta), partition_key(0), "nonsense");
    });
    CHECK(refused(rig).code == ErrorCode::kCorrupt);
}

TEST_CASE("a repair looks first and changes nothing") {
    RocksDbRig rig;
    rig.fill(6);
    drop_tick(rig, 3);
    for (int i = 0; i < 2; ++i) {
        const auto report = repair_rocksdb_store(rig.options(), 0, false);
        REQUIRE(report);
        CHECK(report->damage.find("tick 3 is missing") != std::string::npos);
        CHECK(report->first_lost == 3);
        CHECK(report->last_lost == 6);
        CHECK(report->quarantined.size() == 6);
        CHECK(says(refused(rig), "tick 3 is missing"));
    }
}

TEST_CASE("a repair cuts the journal at the damage, quarantines and uses no tick twice") {
    RocksDbRig rig;
    rig.fill(6);
    Fold fold;
    fold.epoch = rig.state.epoch;
    fold.through_tick = 1;
    fold.checkpoints = {{RunId{"parked"}, 1, "s", "", false}, {RunId{"done"}, 1, "s", "", true}};
    REQUIRE(rig.store->fold(fold));
    drop_tick(rig, 4);
    REQUIRE(repair_rocksdb_store(rig.options(), 0, true));
    REQUIRE(rig.open());
    CHECK(rig.state.last_tick == 6);
    for (const char* run : {"all", "run-2", "run-3", "run-5", "run-6", "parked"}) {
        CHECK(has(rig.state.quarantined, run));
    }
    CHECK(!has(rig.state.quarantined, "done"));
    REQUIRE(rig.commit({{RunId{"next"}, "x"}}));
    REQUIRE(rig.open());
    CHECK(rig.state.last_tick == 7);
    const auto ticks = rig.store->journal(0, 1, 10);
    REQUIRE(ticks);
    REQUIRE(ticks->size() == 3);
    CHECK((*ticks)[1].tick == 3);
    CHECK((*ticks)[2].tick == 7);
    rig.store.reset();
    const auto again = repair_rocksdb_store(rig.options(), 0, true);
    REQUIRE(again);
    CHECK(again->damage.empty());
}

TEST_CASE("a fold passes a hole, and damage behind a hole is still found") {
    RocksDbRig rig;
    rig.fill(6);
    drop_tick(rig, 4);
    REQUIRE(repair_rocksdb_store(rig.options(), 0, true));
    REQUIRE(rig.open());
    REQUIRE(rig.commit({}));
    REQUIRE(rig.commit({}));
    drop_tick(rig, 7);
    CHECK(says(refused(rig), "tick 7 is missing"));
    REQUIRE(repair_rocksdb_store(rig.options(), 0, true));
    REQUIRE(rig.open());
    CHECK(rig.state.last_tick == 8);
    Fold fold;
    fold.epoch = rig.state.epoch;
    fold.through_tick = 8;
    REQUIRE(rig.store->fold(fold));
    REQUIRE(rig.commit({}));
    REQUIRE(rig.open());
    CHECK(rig.state.last_tick == 9);
}

TEST_CASE("a sound store and an empty one need no repair") {
    RocksDbRig rig;
    const auto empty = repair_rocksdb_store(rig.options(), 0, true);
    REQUIRE(empty);
    CHECK(empty->damage.empty());
    rig.fill(2);
    rig.store.reset();
    const auto sound = repair_rocksdb_store(rig.options(), 0, true);
    REQUIRE(sound);
    CHECK(sound->damage.empty());
    REQUIRE(rig.open());
    CHECK(rig.state.quarantined.empty());
}

}  // namespace
}  // namespace slipway::store
