// kill -9 during backups and restores: a backup is complete or none, a restored directory is a whole store or
// cannot be opened, and the next restore there succeeds.
#include <doctest/doctest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <random>
#include <thread>

#include "slipway/store.hpp"
#include "tests/conformance/store/temporary_directory.hpp"

namespace slipway {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kTicks = 400;

/// Databases live in children only: their threads do not survive a fork.
int in_child(const std::function<int()>& work, int kill_after_us = 0) {
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        ::_exit(work());
    }
    if (kill_after_us > 0) {
        std::this_thread::sleep_for(std::chrono::microseconds(kill_after_us));
        ::kill(child, SIGKILL);
    }
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

RocksDbStoreOptions at(const std::string& directory) {
    RocksDbStoreOptions options;
    options.directory = directory;
    return options;
}

int fill(const std::string& directory) {
    auto store = open_rocksdb_store(at(directory));
    const auto state = store ? (*store)->open_partition(0) : Result<PartitionState>(store.error());
    for (std::uint64_t tick = 0; state && tick < kTicks; ++tick) {
        Commit commit;
        commit.expected_tick = tick;
        commit.epoch = state->epoch;
        commit.runs = {{RunId{"run"}, std::to_string(tick) + std::string(5000, 'x')}};
        if (!(*store)->commit(commit)) {
            return 1;
        }
    }
    return state ? 0 : 1;
}

int backup(const std::string& directory, const std::string& to) {
    auto store = open_rocksdb_store(at(directory));
    return store && (*store)->open_partition(0) && (*store)->backup(to) ? 0 : 1;
}

/// 0: a whole store; 1: refused as an unfinished restore; 2: anything else.
int look(const std::string& directory) {
    auto store = open_rocksdb_store(at(directory));
    if (!store) {
        return store.error().message.find("restore that was interrupted") != std::string::npos ? 1 : 2;
    }
    const auto state = (*store)->open_partition(0);
    const auto ticks = (*store)->journal(0, 0, 10000);
    const bool whole = state && state->last_tick == kTicks && ticks && ticks->size() == kTicks;
    return whole ? 0 : 2;
}

int kills_wanted() {
    const char* text = std::getenv("SLIPWAY_RESTORE_KILLS");
    return text == nullptr ? 15 : std::max(1, std::atoi(text));
}

/// How long the work takes when nobody kills it.
int duration_us(const std::function<int()>& work) {
    const auto begin = std::chrono::steady_clock::now();
    REQUIRE(in_child(work) == 0);
    return static_cast<int>(
        std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - begin)
            .count());
}

TEST_CASE("a killed restore leaves no store, and the next one there succeeds") {
    const testing::TemporaryDirectory folder;
    const std::string store = folder.path() + "/store";
    const std::string saved = folder.path() + "/backup";
    const std::string target = folder.path() + "/restored";
    REQUIRE(in_child([&] { return fill(store); }) == 0);
    REQUIRE(in_child([&] { return backup(store, saved); }) == 0);
    const auto restore = [&] { return restore_rocksdb_store(saved, target) ? 0 : 1; };
    const int whole = duration_us(restore);
    std::mt19937 random(20261122);
    int unfinished = 0;
    for (int kill = 0; kill < kills_wanted(); ++kill) {
        fs::remove_all(target);
        const int ended = in_child(restore, 1 + static_cast<int>(random() % static_cast<unsigned>(whole)));
        INFO("kill " << kill << ", the restore ended with " << ended);
        if (fs::exists(target + "/format") || fs::exists(target + "/restoring")) {
            const int found = in_child([&] { return look(target); });
            REQUIRE(found != 2);
            unfinished += found;
            REQUIRE((found == 1 || in_child(restore) == 1));  // a whole store is not overwritten
        }
        if (fs::exists(target + "/restoring") || !fs::exists(target + "/format")) {
            REQUIRE(in_child(restore) == 0);
        }
        REQUIRE(in_child([&] { return look(target); }) == 0);
    }
    std::printf("figures: restores killed %d, of them unfinished %d\n", kills_wanted(), unfinished);
}

TEST_CASE("a killed backup is complete or none, and the store goes on") {
    const testing::TemporaryDirectory folder;
    const std::string store = folder.path() + "/store";
    const std::string saved = folder.path() + "/backup";
    const std::string target = folder.path() + "/restored";
    REQUIRE(in_child([&] { return fill(store); }) == 0);
    const auto save = [&] { return backup(store, saved); };
    const int whole = duration_us(save);
    std::mt19937 random(20261123);
    int complete = 0;
    for (int kill = 0; kill < kills_wanted(); ++kill) {
        fs::remove_all(saved);
        fs::remove_all(target);
        in_child(save, 1 + static_cast<int>(random() % static_cast<unsigned>(2 * whole)));
        const bool claims = fs::exists(saved + "/backup");
        const int restored = in_child([&] { return restore_rocksdb_store(saved, target) ? 0 : 1; });
        INFO("kill " << kill);
        REQUIRE((restored == 0) == claims);
        REQUIRE((restored != 0 || in_child([&] { return look(target); }) == 0));
        complete += claims ? 1 : 0;
        REQUIRE(in_child([&] { return look(store); }) == 0);
        REQUIRE(!fs::exists(store + "/backup-staging"));
    }
    std::printf("figures: backups killed %d, of them complete %d\n", kills_wanted(), complete);
}

}  // namespace
}  // namespace slipway
