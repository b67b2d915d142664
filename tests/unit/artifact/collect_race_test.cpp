// Builders of old versions beside collections, in threads: whoever was told that its artifact is there keeps
// it as long as it is referred to.
#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <thread>

#include "slipway/lifecycle/artifact.hpp"
#include "tests/unit/artifact/temp_folder.hpp"

using namespace slipway;
using namespace slipway::lifecycle;
using slipway::test::TempFolder;

namespace {

constexpr int kBuilders = 3;
constexpr int kRounds = 40;

struct World {
    TempFolder folder;
    std::shared_ptr<ArtifactStore> store = *ArtifactStore::open(folder.path("artifacts"));
    std::mutex mutex;
    std::map<int, Digest> referred;  ///< what a host would read from its registry of installs
    std::atomic<int> building{kBuilders};
    std::atomic<int> lost{0};
    std::atomic<int> collections{0};

    Result<CollectKeep> keep() {
        const std::scoped_lock lock(mutex);
        CollectKeep out{.records = 0, .artifacts = {}};
        for (const auto& [who, artifact] : referred) {
            out.artifacts.insert(artifact);
        }
        return out;
    }

    /// Builds unless it is built, as an executor does, and refers to it before anything can go.
    Result<OciDescriptor> build(int who, const std::string& text) {
        SLIPWAY_TRY(const auto hold, store->hold());
        const BuildCause cause{{{"key n", text}}, {}};
        SLIPWAY_TRY(const auto found, store->find("shop", "web", cause.key()));
        OciDescriptor artifact;
        if (found) {
            artifact = found->artifact;
        } else {
            SLIPWAY_TRY(artifact, build_manifests(*store, text, {}));
            SLIPWAY_CHECK(store->record({"shop", "web", cause, artifact, "", 1}));
        }
        const std::scoped_lock lock(mutex);
        referred[who] = artifact.digest;
        return artifact;
    }

    void builder(int who) {
        for (int round = 0; round < kRounds; ++round) {
            // The others build the same at the same time: one build's record is the next one's find.
            const auto artifact = build(who, "kind: N" + std::to_string(round % 4) + "\n");
            std::this_thread::yield();
            if (!artifact || !store->verify(*artifact)) {
                ++lost;
            }
            const std::scoped_lock lock(mutex);
            referred.erase(who);
        }
        --building;
    }

    void collector() {
        while (building > 0) {
            collections += store->collect([this] { return keep(); }).has_value() ? 1 : 0;
            std::this_thread::yield();
        }
    }
};

}  // namespace

TEST_CASE("the set to keep is taken when nobody can begin or end a build") {
    World world;
    const auto artifact = world.build(1, "kind: Old\n");
    REQUIRE(artifact);
    std::thread late;
    std::atomic<bool> taken{false};
    const auto report = world.store->collect([&]() -> Result<CollectKeep> {
        late = std::thread([&] {
            const auto again = world.build(2, "kind: Late\n");
            taken = again.has_value();
        });
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
        CHECK_FALSE(taken);
        return world.keep();
    });
    late.join();
    REQUIRE(report);
    CHECK(taken);
    CHECK(world.store->verify(*artifact));
    CHECK(world.store->records("shop", "web").size() == 2);
}

TEST_CASE("an artifact that is referred to outlives every collection beside its build") {
    World world;
    std::vector<std::thread> threads;
    threads.emplace_back([&] { world.collector(); });
    for (int i = 0; i < kBuilders; ++i) {
        threads.emplace_back([&world, i] { world.builder(i); });
    }
    for (auto& thread : threads) {
        thread.join();
    }
    CHECK(world.lost == 0);
    CHECK(world.collections > 0);
}

TEST_CASE(
    "collections one after the other let a builder in between: it waits for the one at work, not for all") {
    World world;
    REQUIRE(world.build(1, "kind: A\n"));
    std::atomic<bool> over{false};
    std::atomic<int> at_work{0};
    std::vector<std::thread> collectors;
    for (int i = 0; i < 2; ++i) {
        collectors.emplace_back([&] {
            while (!over) {
                const auto slow = [&]() -> Result<CollectKeep> {
                    ++at_work;
                    std::this_thread::sleep_for(std::chrono::milliseconds(5));
                    return world.keep();
                };
                world.collections += world.store->collect(slow).has_value() ? 1 : 0;
            }
        });
    }
    int longest = 0;
    for (int i = 0; i < 30; ++i) {
        // Nobody begins to collect beside a hold, so without one there soon is a collection to wait for.
        for (const int seen = at_work; at_work == seen;) {
            std::this_thread::yield();
        }
        const int before = world.collections;
        const auto hold = world.store->hold();
        REQUIRE(hold);
        longest = std::max(longest, world.collections - before);
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    over = true;
    for (auto& one : collectors) {
        one.join();
    }
    CHECK(world.collections > 0);
    CHECK(longest <= 5);
}
