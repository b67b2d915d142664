// What the store does with its disk: every acknowledgement is synced, and a disk that refuses is believed.
#include <filesystem>

#include "tests/unit/store/rocksdb_rig.hpp"
#include "tests/unit/store/spying_disk.hpp"

namespace slipway::store {
namespace {

struct SpiedRig : RocksDbRig {
    std::shared_ptr<SpyingDisk> disk = std::make_shared<SpyingDisk>();
    std::unique_ptr<rocksdb::Env> env = environment_on(disk);

    SpiedRig() { environment = env.get(); }
    ~SpiedRig() { store.reset(); }
    SpiedRig(const SpiedRig&) = delete;
    SpiedRig& operator=(const SpiedRig&) = delete;
};

TEST_CASE("every commit, fold and blob is synced before it is acknowledged") {
    SpiedRig rig;
    REQUIRE(rig.open());
    CHECK(rig.disk->unsynced_log_bytes == 0);
    for (int i = 0; i < 50; ++i) {
        const std::uint64_t before = rig.disk->log_syncs;
        REQUIRE(rig.commit({{RunId{"a"}, std::string(static_cast<std::size_t>(i) * 100, 'x')}}));
        CHECK(rig.disk->log_syncs == before + 1);
        CHECK(rig.disk->unsynced_log_bytes == 0);
    }
    REQUIRE(rig.store->put_blob({sha256("blob"), "blob"}));
    CHECK(rig.disk->unsynced_log_bytes == 0);
    Fold fold;
    fold.epoch = rig.state.epoch;
    fold.through_tick = 10;
    REQUIRE(rig.store->fold(fold));
    CHECK(rig.disk->unsynced_log_bytes == 0);
    CHECK(rig.store->stats().synced_commits == 50);
    CHECK(rig.disk->log_syncs >= 52);
}

TEST_CASE("a full disk stops the store, keeps what was acknowledged, and lets go once there is room") {
    SpiedRig rig;
    rig.fill(3);
    rig.disk->no_space = true;
    const auto failed = rig.commit({{RunId{"a"}, "lost"}});
    REQUIRE(!failed);
    CHECK(failed.error().code == ErrorCode::kIo);
    CHECK(failed.error().error_class == ErrorClass::kEnvironment);
    CHECK(failed.error().message.find("pace") != std::string::npos);
    rig.disk->no_space = false;
    const auto refused = rig.commit({});
    REQUIRE(!refused);
    CHECK(refused.error().code == ErrorCode::kIo);
    Fold fold;
    fold.epoch = rig.state.epoch;
    CHECK(!rig.store->fold(fold));
    CHECK(!rig.store->put_blob({sha256("b"), "b"}));
    CHECK(rig.store->journal(0, 0, 10)->size() == 3);
    REQUIRE(rig.open());
    CHECK(rig.state.last_tick == 3);
    CHECK(rig.commit({}));
}

TEST_CASE("a sync that fails acknowledges nothing, and the next open finds all or nothing of it") {
    SpiedRig rig;
    rig.fill(3);
    rig.disk->sync_fails = true;
    const auto failed = rig.commit({{RunId{"a"}, "1"}, {RunId{"b"}, "2"}});
    REQUIRE(!failed);
    CHECK(failed.error().code == ErrorCode::kIo);
    rig.disk->sync_fails = false;
    CHECK(!rig.commit({}));
    REQUIRE(rig.open());
    CHECK((rig.state.last_tick == 3 || rig.state.last_tick == 4));
    const auto ticks = rig.store->journal(0, 3, 10);
    REQUIRE(ticks);
    CHECK(ticks->size() == rig.state.last_tick - 3);
    for (const auto& tick : *ticks) {
        CHECK(tick.runs.size() == 2);
        CHECK(tick.bad_runs.empty());
    }
}

TEST_CASE("a fold that fails drops nothing") {
    SpiedRig rig;
    rig.fill(3);
    rig.disk->no_space = true;
    Fold fold;
    fold.epoch = rig.state.epoch;
    fold.through_tick = 3;
    fold.checkpoints = {{RunId{"all"}, 3, "state", "", false}};
    CHECK(!rig.store->fold(fold));
    rig.disk->no_space = false;
    REQUIRE(rig.open());
    CHECK(rig.state.folded_through == 0);
    CHECK(rig.state.last_tick == 3);
    CHECK(!rig.store->load(RunId{"all"})->has_value());
}

std::uintmax_t log_bytes(const std::string& path) {
    std::uintmax_t bytes = 0;
    for (const auto& entry : std::filesystem::directory_iterator(path + "/db")) {
        bytes += entry.path().extension() == ".log" ? entry.file_size() : 0;
    }
    return bytes;
}

TEST_CASE("a close flushes, so that the next open has no log to replay") {
    SpiedRig rig;
    rig.fill(20);
    CHECK(log_bytes(rig.path()) > 1000);
    REQUIRE(rig.store->close());
    CHECK(log_bytes(rig.path()) == 0);
    REQUIRE(rig.open());
    CHECK(rig.store->journal(0, 0, 100)->size() == 20);
}

}  // namespace
}  // namespace slipway::store
