// kill -9 at random instants, on a real store, under a mixed load: nothing acknowledged is lost, nothing
// recorded is repeated, no late report is accepted, every effect happens once, and all runs end.
#include <doctest/doctest.h>
#include <signal.h>
#include <sys/wait.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <random>
#include <sstream>
#include <thread>

#include "slipway/check.hpp"
#include "tests/crash/engine/load.hpp"

namespace slipway::crash {
namespace {

struct Directory {
    Directory()
        : path((std::filesystem::temp_directory_path() / ("slipway-kill-" + std::to_string(::getpid())))
                   .string()) {
        std::filesystem::remove_all(path);
        std::filesystem::create_directories(path);
    }
    ~Directory() { std::filesystem::remove_all(path); }
    std::string path;
};

/// True when it died of our signal.
bool kill_one(World& world, int generation, std::chrono::microseconds after) {
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        run_until_killed(world, generation);
    }
    std::this_thread::sleep_for(after);
    ::kill(child, SIGKILL);
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    if (!WIFSIGNALED(status)) {
        FAIL("the child ended by itself with code " << WEXITSTATUS(status));
    }
    return true;
}

/// What the world outside saw of each attempt, and how often.
struct Outside {
    explicit Outside(const World& world) {
        for (const auto& line : world.effects.lines()) {
            std::istringstream in(line);
            std::string word;
            in >> word;
            if (word == "start") {
                std::string run;
                std::string step;
                std::uint32_t round = 0;
                Fence fence = 0;
                in >> run >> step >> round >> fence;
                ++starts[run][{step, fence}];
            } else if (word == "effect") {
                in >> word;
                ++effects[word];
            } else if (word == "own" || word == "disown") {
                std::string lock;
                std::string run;
                in >> lock >> run;
                note_lock(word == "own", lock, run);
            } else {
                ++late;
            }
        }
        for (const auto& line : world.acknowledged.lines()) {
            (line.starts_with("run ") ? runs : gates).insert(line.substr(line.find(' ') + 1));
        }
    }

    void note_lock(bool own, const std::string& lock, const std::string& run) {
        auto& owner = owners[lock];
        shared += !owner.empty() && owner != run ? 1 : 0;
        owned += own && owner != run ? 1 : 0;
        owner = own ? run : std::string();
    }

    std::map<std::string, std::map<std::pair<std::string, Fence>, int>> starts;
    std::map<std::string, int> effects;
    std::map<std::string, std::string> owners;  ///< of locks
    int owned = 0;
    int shared = 0;  ///< a lock was touched while another run had it
    int late = 0;
    std::set<std::string> runs;
    std::set<std::string> gates;
};

void check_history(Engine& engine, const RunView& view,
                   const std::map<std::pair<std::string, Fence>, int>& starts) {
    const auto history = engine.history(view.summary.run, 1, 100'000);
    REQUIRE(history.has_value());
    std::set<StepIndex> succeeded;
    std::set<std::pair<std::string, Fence>> durable;
    for (const auto& event : *history) {
        if (const auto* started = std::get_if<AttemptStarted>(&event.body)) {
            CHECK_MESSAGE(!succeeded.contains(started->step),
                          "a recorded step was started again in " << view.summary.run.str());
            durable.insert({view.workflow.step(started->step).id.str(), started->fence});
        } else if (const auto* done = std::get_if<StepSucceeded>(&event.body)) {
            CHECK_MESSAGE(succeeded.insert(done->step).second,
                          "a step succeeded twice in " << view.summary.run.str());
        }
    }
    for (const auto& start : starts) {
        const auto& attempt = start.first;
        const int times = start.second;
        CHECK_MESSAGE(durable.contains(attempt),
                      "an attempt was started that is not in the record: " << attempt.first);
        CHECK_MESSAGE(times == 1, "one attempt was started twice: " << attempt.first);
    }
}

void check_run(Engine& engine, const Outside& outside, const std::string& run) {
    const auto view = engine.view(RunId{run});
    REQUIRE_MESSAGE(view.has_value(), "an acknowledged run is gone: " << run);
    CHECK_MESSAGE(view->summary.status == RunStatus::kSucceeded, run << ": " << view->summary.reason);
    for (const auto& step : view->steps) {
        if (step.kind == "late") {
            CHECK(step.output.bytes == "first");
        }
    }
    const auto starts = outside.starts.find(run);
    check_history(
        engine, *view,
        starts == outside.starts.end() ? std::map<std::pair<std::string, Fence>, int>{} : starts->second);
}

void finish_all(Engine& engine, World& world) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    RunQuery query;
    query.unfinished_only = true;
    while (!engine.list(query).value_or(std::vector<RunSummary>{}).empty() &&
           std::chrono::steady_clock::now() < until) {
        REQUIRE(answer_gates(engine, world));
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
}

int kills_wanted() {
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
    constexpr int kKills = 25;  // each of them takes ten times as long
#else
    constexpr int kKills = 100;
#endif
    const char* wanted = std::getenv("SLIPWAY_KILLS");
    return wanted != nullptr ? std::atoi(wanted) : kKills;
}

/// Of the instants of the kills; the load itself is at the mercy of the machine.
unsigned seed_of_kills() {
    const char* given = std::getenv("SLIPWAY_SEED");
    return given != nullptr ? static_cast<unsigned>(std::strtoul(given, nullptr, 10))
                            : std::random_device{}();
}

TEST_CASE("killed at random instants") {
    const int kills = kills_wanted();
    const Directory directory;
    World world(directory.path);
    const unsigned seed = seed_of_kills();
    MESSAGE("SLIPWAY_SEED=" << seed);
    std::mt19937 random(seed);
    // On a slow machine (a sanitizer, a full load) no child would get beyond its opening: three in a row that
    // acknowledge nothing double the window.
    int longest = 300'000;
    int fruitless = 0;
    std::size_t acknowledged = 0;
    for (int killed = 0; killed < kills; ++killed) {
        std::uniform_int_distribution<int> instant(2'000, longest);
        kill_one(world, killed, std::chrono::microseconds(instant(random)));
        const auto now = world.acknowledged.lines().size();
        fruitless = now == acknowledged ? fruitless + 1 : 0;
        acknowledged = now;
        if (fruitless == 3) {
            longest = std::min(longest * 2, 10'000'000);
            fruitless = 0;
        }
    }
    auto engine = open_engine(world, false);
    REQUIRE_MESSAGE(engine.has_value(), (engine ? std::string{} : engine.error().message));
    finish_all(**engine, world);
    const Outside outside(world);
    std::printf("figures: kills %d, runs acknowledged %zu, effects %zu\n", kills, outside.runs.size(),
                outside.effects.size());
    CHECK(outside.runs.size() >= static_cast<std::size_t>(kills) / 2);
    CHECK(outside.late == 0);
    std::printf("figures: locks taken %d\n", outside.owned);
    CHECK(outside.owned > 0);
    CHECK_MESSAGE(outside.shared == 0, "two runs had one lock at once");
    for (const auto& effect : outside.effects) {
        const int times = effect.second;
        CHECK_MESSAGE(times == 1, "an effect happened " << times << " times");
    }
    for (const auto& run : outside.runs) {
        check_run(**engine, outside, run);
    }
    CHECK((*engine)->store_stats().commits == (*engine)->store_stats().synced_commits);
    CHECK((*engine)->stop(StopMode::kGraceful).has_value());
    RocksDbStoreOptions store;
    store.directory = world.store;
    const auto closed = open_rocksdb_store(store);
    REQUIRE(closed.has_value());
    const auto checked = check_runs(**closed, nullptr);
    REQUIRE(checked.has_value());
    for (const auto& finding : checked->findings) {
        FAIL_CHECK(finding.run.str() << ": " << finding.what);
    }
    CHECK_MESSAGE(checked->places_held == 0, "a place was leaked");
    CHECK((!std::filesystem::exists(world.scratch) || std::filesystem::is_empty(world.scratch)));
}

}  // namespace
}  // namespace slipway::crash
