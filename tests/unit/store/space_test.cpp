// What is erased gives its space back, and nobody waits long for it.
#include <chrono>
#include <random>

#include "tests/unit/store/rocksdb_rig.hpp"

namespace slipway::store {
namespace {

using std::chrono::steady_clock;

constexpr int kRuns = 3000;
constexpr int kAtOnce = 128;
constexpr std::size_t kHistoryBytes = 8000;

RunId run_of(int number) {
    return RunId("run-" + std::to_string(100'000 + number));
}

/// Nothing that could be compressed.
std::string noise(std::mt19937& random, std::size_t size) {
    std::string text(size, '\0');
    for (auto& c : text) {
        c = static_cast<char>(random() & 0xffU);
    }
    return text;
}

std::int64_t ms_since(steady_clock::time_point begin) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(steady_clock::now() - begin).count();
}

void fill(RocksDbRig& rig) {
    std::mt19937 random(1);
    for (int i = 0; i < kRuns; i += kAtOnce) {
        Fold fold;
        fold.epoch = rig.state.epoch;
        for (int n = i; n < std::min(kRuns, i + kAtOnce); ++n) {
            fold.checkpoints.push_back({run_of(n), 0, noise(random, 200), "", true});
            fold.history.push_back({run_of(n), 1, 9, noise(random, kHistoryBytes)});
        }
        REQUIRE(rig.store->fold(fold));
    }
    REQUIRE(rig.store->compact());
}

TEST_CASE("runs that are erased in slices give their space back") {
    RocksDbRig rig;
    REQUIRE(rig.open());
    fill(rig);
    const auto full = rig.store->stats().disk_bytes;
    CHECK(full > kRuns * kHistoryBytes);
    std::int64_t slowest = 0;
    for (int i = 0; i < kRuns - 10; i += kAtOnce) {
        Fold fold;
        fold.epoch = rig.state.epoch;
        for (int n = i; n < std::min(kRuns - 10, i + kAtOnce); ++n) {
            fold.erase.push_back(run_of(n));
        }
        const auto begin = steady_clock::now();
        REQUIRE(rig.store->fold(fold));
        slowest = std::max(slowest, ms_since(begin));
    }
    const auto begin = steady_clock::now();
    REQUIRE(rig.store->compact());
    const auto compacted = ms_since(begin);
    const auto left = rig.store->stats().disk_bytes;
    CHECK(left < full / 20);
    CHECK(rig.store->list(std::nullopt, 100, true)->size() == 10);
    CHECK(rig.store->history(run_of(kRuns - 1), 0, 10)->size() == 1);
    std::printf(
        "figures: %llu bytes before, %llu after, slowest slice of %d runs %lld ms, compaction %lld ms\n",
        static_cast<unsigned long long>(full), static_cast<unsigned long long>(left), kAtOnce,
        static_cast<long long>(slowest), static_cast<long long>(compacted));
}

}  // namespace
}  // namespace slipway::store
