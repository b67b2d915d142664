#include <doctest/doctest.h>

#include "engine/store/memory_image.hpp"
#include "slipway/testing/faulty_store.hpp"

namespace slipway::testing {
namespace {

struct Rig {
    std::shared_ptr<MemoryImage> image = make_memory_image();
    FaultyStore store{make_memory_store(image)};
    PartitionState state;

    Rig() { reopen(); }
    bool reopen() {
        auto opened = store.open_partition(0);
        if (opened) {
            state = *opened;
        }
        return opened.has_value();
    }
    Result<void> commit() {
        Commit commit;
        commit.expected_tick = state.last_tick;
        commit.epoch = state.epoch;
        auto done = store.commit(commit);
        state.last_tick += done ? 1 : 0;
        return done;
    }
};

TEST_CASE("a fault strikes after its countdown, before the write") {
    Rig rig;
    rig.store.arm({2, FaultMoment::kBeforeWrite, FaultKind::kNoSpace, false});
    CHECK(rig.commit());
    CHECK(rig.commit());
    const auto failed = rig.commit();
    REQUIRE(!failed);
    CHECK(failed.error().code == ErrorCode::kIo);
    CHECK(failed.error().message.find("no space") != std::string::npos);
    REQUIRE(rig.reopen());
    CHECK(rig.state.last_tick == 2);
}

TEST_CASE("a fault after the write leaves a tick that nobody acknowledged") {
    Rig rig;
    rig.store.arm({0, FaultMoment::kAfterWrite, FaultKind::kInputOutput, false});
    CHECK(!rig.commit());
    REQUIRE(rig.reopen());
    CHECK(rig.state.last_tick == 1);
    CHECK(rig.commit());
}

TEST_CASE("after a fault every write is refused until the store is opened again") {
    Rig rig;
    rig.store.arm({});
    CHECK(!rig.commit());
    CHECK(!rig.commit());
    CHECK(!rig.store.put_blob({}));
    CHECK(!rig.store.fold({}));
    CHECK(rig.store.get_blob({}));
    REQUIRE(rig.reopen());
    CHECK(rig.commit());
}

TEST_CASE("a lasting fault also fails the reopening, until it is disarmed") {
    Rig rig;
    rig.store.arm({0, FaultMoment::kBeforeWrite, FaultKind::kNoSpace, true});
    CHECK(!rig.commit());
    CHECK(!rig.reopen());
    rig.store.disarm();
    REQUIRE(rig.reopen());
    CHECK(rig.commit());
}

TEST_CASE("operations are counted and observed") {
    Rig rig;
    std::uint64_t seen = 0;
    rig.store.on_operation([&](std::uint64_t number) { seen = number; });
    CHECK(rig.commit());
    CHECK(rig.commit());
    CHECK(seen == 2);
    CHECK(rig.store.operations() == 3);
}

TEST_CASE("a bad slice in a memory image quarantines its run and nobody else") {
    Rig rig;
    Commit commit;
    commit.epoch = rig.state.epoch;
    commit.runs = {{RunId{"good"}, "good"}, {RunId{"bad"}, "bad"}};
    REQUIRE(rig.store.commit(commit));
    std::string& record = rig.image->contents.partitions[0].journal.at(1);
    record.back() = '!';
    REQUIRE(rig.reopen());
    const auto ticks = rig.store.journal(0, 0, 10);
    REQUIRE(ticks);
    REQUIRE(ticks->size() == 1);
    CHECK(ticks->front().bad_runs == std::vector<RunId>{RunId{"bad"}});
    CHECK(ticks->front().runs.size() == 1);
    rig.image->contents.partitions[0].journal.erase(1);
    const auto missing = rig.store.open_partition(0);
    REQUIRE(!missing);
    CHECK(missing.error().code == ErrorCode::kCorrupt);
    CHECK(missing.error().message.find("tick 1") != std::string::npos);
}

TEST_CASE("a cloned image is a moment that stays") {
    Rig rig;
    REQUIRE(rig.commit());
    const auto moment = clone_memory_image(*rig.image);
    REQUIRE(rig.commit());
    CHECK(make_memory_store(moment)->open_partition(0)->last_tick == 1);
    REQUIRE(rig.reopen());
    CHECK(rig.state.last_tick == 2);
}

}  // namespace
}  // namespace slipway::testing
