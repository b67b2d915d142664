// kill -9 against the RocksDB store: a child commits as fast as it can and notes what was acknowledged in
// shared memory; after each kill everything acknowledged has to be there, whole, and at most the one commit
// in flight besides.
#include <doctest/doctest.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <new>
#include <random>
#include <thread>

#include "slipway/store.hpp"
#include "tests/conformance/store/temporary_directory.hpp"

namespace slipway {
namespace {

/// Shared with the child; outlives it.
struct Shared {
    std::atomic<std::uint64_t> acknowledged{0};  ///< last tick whose commit returned
    std::atomic<std::uint64_t> folded{0};        ///< last fold that returned
    std::atomic<std::uint64_t> blobs{0};         ///< blobs 1..n were acknowledged
    std::atomic<bool> failed{false};
    char finding[1024] = {};  ///< what the check after the kill found; empty when all is well
};

struct SharedMemory {
    Shared* shared = nullptr;
    SharedMemory() {
        void* place =
            ::mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        REQUIRE(place != MAP_FAILED);
        shared = new (place) Shared;
    }
    ~SharedMemory() { ::munmap(shared, sizeof(Shared)); }
    SharedMemory(const SharedMemory&) = delete;
    SharedMemory& operator=(const SharedMemory&) = delete;
};

/// What tick `tick` holds is a function of its number, so that a torn or mixed one shows.
std::vector<RunSlice> slices_of(std::uint64_t tick) {
    std::vector<RunSlice> slices;
    for (std::uint64_t i = 0; i < 1 + tick % 5; ++i) {
        const std::uint64_t size = (tick * 31 + i * 97) % (tick % 50 == 0 ? 60000 : 600);
        slices.push_back({RunId{"run-" + std::to_string((tick + i) % 17)},
                          std::to_string(tick) + "/" + std::to_string(i) +
                              std::string(size, static_cast<char>('a' + tick % 26))});
    }
    return slices;
}

std::string admission_of(std::uint64_t tick) {
    return tick % 3 == 0 ? "admission " + std::to_string(tick) : "";
}
Digest blob_digest(std::uint64_t number) {
    return sha256("blob " + std::to_string(number));
}

Result<void> fold_behind(Store& store, const PartitionState& state, std::uint64_t tick) {
    Fold fold;
    fold.epoch = state.epoch;
    fold.through_tick = tick;
    fold.admission = "folded " + std::to_string(tick);
    fold.checkpoints.push_back({RunId{"folded"}, tick, "state " + std::to_string(tick), "summary", false});
    fold.history.push_back({RunId{"folded"}, tick, tick, "block " + std::to_string(tick)});
    return store.fold(fold);
}

/// Every other time so small a log that flushes happen all the time.
RocksDbStoreOptions options_for(const std::string& directory, int kill) {
    RocksDbStoreOptions options;
    options.directory = directory;
    options.wal_bytes_max = kill % 2 == 0 ? 64U << 10U : options.wal_bytes_max;
    return options;
}

/// The child: never returns.
[[noreturn]] void commit_until_killed(const RocksDbStoreOptions& options, Shared& shared) {
    auto store = open_rocksdb_store(options);
    auto state = store ? (*store)->open_partition(0) : Result<PartitionState>(store.error());
    bool sound = state.has_value();
    if (sound && state->last_tick > shared.acknowledged) {
        // The process that was killed before had committed this tick and not said so yet.
        shared.acknowledged = state->last_tick;
    }
    for (std::uint64_t tick = sound ? state->last_tick + 1 : 0; sound; ++tick) {
        Commit commit;
        commit.expected_tick = tick - 1;
        commit.epoch = state->epoch;
        commit.runs = slices_of(tick);
        commit.admission = admission_of(tick);
        if (tick % 7 == 0) {
            commit.blobs.push_back({blob_digest(tick / 7), "blob " + std::to_string(tick / 7)});
        }
        sound = (*store)->commit(commit).has_value();
        if (sound) {
            shared.acknowledged = tick;
            shared.blobs = tick / 7;
        }
        if (sound && tick % 40 == 0) {
            sound = fold_behind(**store, *state, tick - 10).has_value();
            shared.folded = tick - 10;
        }
    }
    shared.failed = true;
    for (;;) {
        ::pause();
    }
}

std::string check_tick(const TickRecord& tick, std::uint64_t number) {
    const std::string name = "tick " + std::to_string(number);
    const auto slices = slices_of(number);
    if (tick.tick != number || !tick.bad_runs.empty() || tick.admission != admission_of(number) ||
        tick.runs.size() != slices.size()) {
        return name + " is not what was committed";
    }
    for (std::size_t i = 0; i < slices.size(); ++i) {
        if (tick.runs[i].run != slices[i].run || tick.runs[i].bytes != slices[i].bytes) {
            return name + " has a slice that is not what was committed";
        }
    }
    return "";
}

std::string check_ticks(Store& store, const PartitionState& state, const Shared& shared) {
    if (state.last_tick < shared.acknowledged || state.last_tick > shared.acknowledged + 1) {
        return "tick " + std::to_string(shared.acknowledged) + " was acknowledged, the last one is " +
               std::to_string(state.last_tick);
    }
    const auto ticks = store.journal(0, state.folded_through, 1000000);
    if (!ticks) {
        return ticks.error().message;
    }
    std::string found;
    std::uint64_t number = state.folded_through;
    for (const auto& tick : *ticks) {
        found += check_tick(tick, ++number);
    }
    return number == state.last_tick ? found : found + "the journal is not complete";
}

std::string check_folds(Store& store, const PartitionState& state, const Shared& shared) {
    if (state.folded_through < shared.folded) {
        return "the fold through " + std::to_string(shared.folded) + " is lost";
    }
    if (state.folded_through == 0) {
        return "";
    }
    const auto run = store.load(RunId{"folded"});
    const auto blocks = store.history(RunId{"folded"}, 0, 1000000);
    // A kill between a tick and its fold leaves a fold out; the last one is the one that counts.
    const std::string last = std::to_string(state.folded_through);
    const bool whole = state.admission == "folded " + last && run && run->has_value() &&
                       (*run)->state == "state " + last && blocks && !blocks->empty() &&
                       blocks->back().last_seq == state.folded_through &&
                       blocks->back().bytes == "block " + last;
    return whole ? "" : "the fold through " + std::to_string(state.folded_through) + " is torn";
}

std::string check_blobs(Store& store, const Shared& shared) {
    for (std::uint64_t number = 1; number <= shared.blobs; ++number) {
        const auto blob = store.get_blob(blob_digest(number));
        if (!blob || blob->value_or("") != "blob " + std::to_string(number)) {
            return "blob " + std::to_string(number) + " is lost";
        }
    }
    return "";
}

std::string check_after_kill(const RocksDbStoreOptions& options, const Shared& shared) {
    auto store = open_rocksdb_store(options);
    if (!store) {
        return store.error().message;
    }
    const auto state = (*store)->open_partition(0);
    if (!state) {
        return state.error().message;
    }
    return check_ticks(**store, *state, shared) + check_folds(**store, *state, shared) +
           check_blobs(**store, shared);
}

/// In a process of its own: the threads of a database do not survive a fork, so the parent never opens one.
void check_in_child(const RocksDbStoreOptions& options, Shared& shared) {
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        const std::string found = check_after_kill(options, shared);
        found.copy(shared.finding, sizeof(shared.finding) - 1);
        ::_exit(found.empty() ? 0 : 1);
    }
    int status = -1;
    REQUIRE(::waitpid(child, &status, 0) == child);
    REQUIRE_MESSAGE(status == 0, shared.finding);
}

int kills_wanted() {
    const char* text = std::getenv("SLIPWAY_STORE_KILLS");
    return text == nullptr ? 30 : std::max(1, std::atoi(text));
}

TEST_CASE("kill -9 loses no acknowledged tick and leaves none torn") {
    const testing::TemporaryDirectory folder;
    const std::string directory = folder.path() + "/store";
    const SharedMemory memory;
    std::mt19937 random(20261121);
    const int kills = kills_wanted();
    for (int kill = 0; kill < kills; ++kill) {
        const RocksDbStoreOptions options = options_for(directory, kill);
        const pid_t child = ::fork();
        REQUIRE(child >= 0);
        if (child == 0) {
            commit_until_killed(options, *memory.shared);
        }
        // Now and then during the open itself, otherwise somewhere in the commits behind it.
        const bool in_open = kill % 6 == 5;
        const std::uint64_t enough = memory.shared->acknowledged + 1 + random() % 30;
        const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(20);
        while (!in_open && memory.shared->acknowledged < enough && !memory.shared->failed &&
               std::chrono::steady_clock::now() < give_up) {
            std::this_thread::sleep_for(std::chrono::microseconds(200));
        }
        std::this_thread::sleep_for(std::chrono::microseconds(random() % (in_open ? 30000 : 2000)));
        ::kill(child, SIGKILL);
        ::waitpid(child, nullptr, 0);
        REQUIRE(!memory.shared->failed);
        INFO("kill " << kill);
        check_in_child(options, *memory.shared);
    }
    CHECK(memory.shared->acknowledged > static_cast<std::uint64_t>(kills));
    std::printf("figures: kills %d, ticks acknowledged %llu\n", kills,
                static_cast<unsigned long long>(memory.shared->acknowledged.load()));
}

}  // namespace
}  // namespace slipway
