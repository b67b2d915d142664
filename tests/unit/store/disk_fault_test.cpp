// Every single operation of the disk under RocksDB fails once: what was acknowledged stays, what was not is
// there whole or not at all, and the store says so instead of going on.
#include <cstdlib>

#include "tests/unit/store/faulty_disk.hpp"
#include "tests/unit/store/rocksdb_rig.hpp"

namespace slipway::store {
namespace {

constexpr std::uint64_t kCommits = 14;
constexpr std::uint64_t kFoldEvery = 5;

std::string content(std::uint64_t tick) {
    return std::to_string(tick) + std::string(3000, static_cast<char>('a' + tick % 26));
}

struct FaultRig : RocksDbRig {
    std::shared_ptr<FaultyDisk> disk = std::make_shared<FaultyDisk>();
    std::unique_ptr<rocksdb::Env> env = rocksdb::NewCompositeEnv(disk);
    std::uint64_t acknowledged = 0;
    std::uint64_t folded = 0;
    bool refused = false;  // some call failed
    bool wrong = false;    // and one behind it did not

    FaultRig() { environment = env.get(); }
    ~FaultRig() { store.reset(); }
    FaultRig(const FaultRig&) = delete;
    FaultRig& operator=(const FaultRig&) = delete;

    /// Once a write has failed, none may succeed any more.
    bool note(const Result<void>& result) {
        wrong = wrong || (refused && result);
        refused = refused || !result;
        return result.has_value();
    }
    Result<void> open_small() {
        store.reset();
        auto small = options();
        small.wal_bytes_max = 16U << 10U;  // so that files are flushed and compacted all the time
        SLIPWAY_TRY(store, open_rocksdb_store_on(small, environment));
        SLIPWAY_TRY(state, store->open_partition(0));
        return {};
    }
    void one_fold(std::uint64_t through) {
        Fold fold;
        fold.epoch = state.epoch;
        fold.through_tick = through;
        fold.checkpoints = {{RunId{"run"}, through, content(through), "", false}};
        folded = note(store->fold(fold)) ? through : folded;
    }
    /// Commits, blobs, folds, a compaction and a close, with whatever fails on the way.
    void work() {
        if (!note(open_small())) {
            return;
        }
        for (std::uint64_t tick = 1; tick <= kCommits; ++tick) {
            Commit commit;
            commit.expected_tick = acknowledged;
            commit.epoch = state.epoch;
            commit.runs = {{RunId{"run"}, content(tick)}};
            commit.blobs = {{sha256(content(tick)), content(tick)}};
            acknowledged = note(store->commit(commit)) ? tick : acknowledged;
            if (tick % kFoldEvery == 0 && acknowledged == tick) {
                one_fold(tick - 1);
            }
        }
        const bool compacted = store->compact().has_value();
        const bool closed = store->close().has_value();
        refused = refused || !compacted || !closed;
    }
    std::string look() {
        disk->heal();
        if (const auto opened = open(); !opened) {
            return "does not open: " + opened.error().message;
        }
        if (state.last_tick < acknowledged || state.last_tick > acknowledged + 1 ||
            state.folded_through < folded) {
            return "stands at tick " + std::to_string(state.last_tick);
        }
        const auto records = store->journal(0, state.folded_through, 1000);
        if (!records || records->size() != state.last_tick - state.folded_through) {
            return "the journal is not whole";
        }
        for (const auto& record : *records) {
            if (record.runs.size() != 1 || record.runs[0].bytes != content(record.tick)) {
                return "tick " + std::to_string(record.tick) + " is not what was committed";
            }
        }
        for (std::uint64_t tick = 1; tick <= state.last_tick; ++tick) {
            if (store->get_blob(sha256(content(tick))).value_or(std::nullopt).value_or("") != content(tick)) {
                return "the blob of tick " + std::to_string(tick) + " is gone";
            }
        }
        const auto run = store->load(RunId{"run"});
        if (state.folded_through > 0 && (!run || !*run || (*run)->state != content(state.folded_through))) {
            return "the checkpoint is not that of tick " + std::to_string(state.folded_through);
        }
        return commit({}) ? "" : "takes no more work";
    }
};

/// Odd, so that both kinds of fault come up.
int stride() {
    const char* text = std::getenv("SLIPWAY_DISK_FAULT_STRIDE");
    return text == nullptr ? 5 : std::max(1, std::atoi(text));
}

TEST_CASE("a fault at every operation of the disk loses nothing that was acknowledged") {
    int struck = 0;
    int unnoticed = 0;
    std::uint64_t number = 0;
    for (bool untouched = false; !untouched; number += static_cast<std::uint64_t>(stride())) {
        const auto kind = number % 2 == 0 ? DiskFault::kNoSpace : DiskFault::kInputOutput;
        FaultRig rig;
        rig.disk->arm(number, kind, number % 4 < 2);
        rig.work();
        untouched = !rig.disk->has_struck();
        struck += untouched ? 0 : 1;
        unnoticed += !untouched && !rig.refused ? 1 : 0;
        INFO("operation " << number << ", " << (kind == DiskFault::kNoSpace ? "ENOSPC" : "EIO")
                          << ", acknowledged " << rig.acknowledged);
        CHECK(!rig.wrong);
        const std::string found = rig.look();
        CHECK_MESSAGE(found.empty(), found);
        REQUIRE(number < 5000);
    }
    CHECK(struck > 20);
    std::printf("figures: disk operations failed %d of %llu, without harm to any call %d\n", struck,
                static_cast<unsigned long long>(number), unnoticed);
}

TEST_CASE("a full disk is told in plain words, at open too") {
    FaultRig rig;
    rig.disk->arm(0, DiskFault::kNoSpace, true);
    const auto opened = rig.open_small();
    REQUIRE(!opened);
    CHECK(opened.error().code == ErrorCode::kIo);
    CHECK(opened.error().error_class == ErrorClass::kEnvironment);
    rig.disk->heal();
    CHECK(rig.open_small());
}

}  // namespace
}  // namespace slipway::store
