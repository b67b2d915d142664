// A secret's whole life on a real store: used by steps, sealed at rest, backed up, sealed anew after a
// rotation under kill -9, read with the new key alone, and in no file in clear at any time.
#include <doctest/doctest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <thread>

#include "slipway/engine.hpp"
#include "tests/conformance/store/temporary_directory.hpp"

namespace slipway::crash {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;

constexpr int kRuns = 40;
constexpr int kKills = 6;
constexpr std::uint64_t kForever = ~std::uint64_t{0};
constexpr DurationMs kPatience = 60'000;
const std::string kCanary = "canary-hunter2-canary";
const std::string kCanaryInBase64 = "Y2FuYXJ5LWh1bnRlcjItY2FuYXJ5";

std::string large_of(const RunId& run) {
    return run.str() + std::string(100'000, 'x');
}

/// Uses the secret and puts it wherever a step can put anything.
class Careless final : public BlockingExecutor {
public:
    ExecutorTraits traits() const override {
        ExecutorTraits traits;
        traits.kind = "careless";
        return traits;
    }
    Outcome run(AttemptContext& context) override {
        const auto secret = context.secret("secret://env/SLIPWAY_CANARY");
        if (!secret) {
            return Failed{};
        }
        context.log(LogLevel::kInfo, "logging in with " + *secret);
        if (!context.record_and_wait({"armed", {"with " + *secret, true}}) ||
            !context.put_blob({"kept " + *secret, false})) {
            return Failed{};
        }
        if (context.info().step.str() == "b") {
            return Succeeded{{*secret + large_of(context.info().run), false}};
        }
        return Succeeded{{"{\"password\":\"" + *secret + "\"}", true}};
    }
};

class Log final : public Observer {
public:
    explicit Log(const std::string& path) : out_(path, std::ios::app) {}
    void on_log(const RunId& run, const StepId&, std::uint32_t, std::uint32_t, LogLevel,
                std::string_view line) override {
        out_ << run.str() << ' ' << line << std::endl;
    }
    void on_alarm(std::string_view what, const RunId&, std::string_view detail) override {
        out_ << what << ' ' << detail << std::endl;
    }

private:
    std::ofstream out_;
};

struct World {
    testing::TemporaryDirectory folder;
    std::string keys() const { return folder.path() + "/keys"; }
    std::string store() const { return folder.path() + "/store"; }
    std::string backup() const { return folder.path() + "/backup"; }
    std::string restored() const { return folder.path() + "/restored"; }
};

RunId run_of(int number) {
    return RunId("run-" + std::to_string(number));
}

/// Of a child; exits with 3 when it does not open.
struct Host {
    std::shared_ptr<Store> store;
    std::unique_ptr<Engine> engine;

    explicit Host(const World& world, const std::string& directory) {
        EngineOptions options;
        RocksDbStoreOptions where;
        where.directory = directory;
        auto opened = open_rocksdb_store(where);
        auto keys = open_file_keys(world.keys());
        if (!opened || !keys) {
            ::_exit(3);
        }
        store = std::move(*opened);
        options.store = store;
        options.keys = *keys;
        options.executors = {std::make_shared<Careless>()};
        options.observers = {std::make_shared<Log>(world.folder.path() + "/log")};
        options.scratch_directory = world.folder.path() + "/scratch";
        auto running = Engine::open(std::move(options));
        if (!running) {
            ::_exit(3);
        }
        engine = std::move(*running);
    }
};

/// Databases live in children only: their threads do not survive a fork.
int in_child(const std::function<int()>& work) {
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        ::_exit(work());
    }
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

int fill(const World& world) {
    Host host(world, world.store());
    WorkflowSpec spec;
    spec.name = "careless";
    spec.steps.resize(2);
    spec.steps[0].id = StepId{"a"};
    spec.steps[1].id = StepId{"b"};
    spec.steps[1].depends_on = {{StepId{"a"}, DependencyKind::kOrder}};
    spec.steps[0].kind = spec.steps[1].kind = "careless";
    const auto workflow = Workflow::build(spec);
    for (int i = 0; i < kRuns; ++i) {
        StartRequest request;
        request.run = run_of(i);
        request.workflow = *workflow;
        request.input = {"started with " + kCanary, true};
        if (!host.engine->start(request, Principal{"me", {}})) {
            return 1;
        }
    }
    for (int i = 0; i < kRuns; ++i) {
        const auto ended = host.engine->wait(run_of(i), kPatience);
        if (!ended || *ended != RunStatus::kSucceeded) {
            return 2;
        }
    }
    return host.engine->stop(StopMode::kGraceful) ? 0 : 4;
}

/// Waits until all is sealed anew, or dies by itself once so many more things are.
int reseal(const World& world, std::uint64_t die_after) {
    Host host(world, world.store());
    std::uint64_t begun_at = kForever;
    while (true) {
        const auto progress = host.engine->reseal_progress();
        if (!progress || progress->unreadable > 0) {
            return 1;
        }
        if (progress->complete && progress->key == (*open_file_keys(world.keys()))->current()->id) {
            std::printf("figures: sealed anew %llu, runs %llu, blobs %llu\n",
                        static_cast<unsigned long long>(progress->resealed),
                        static_cast<unsigned long long>(progress->runs),
                        static_cast<unsigned long long>(progress->blobs));
            std::fflush(stdout);
            return host.engine->stop(StopMode::kGraceful) ? 0 : 4;
        }
        begun_at = std::min(begun_at, progress->complete ? 0 : progress->resealed);
        if (!progress->complete && progress->resealed - begun_at > die_after) {
            ::kill(::getpid(), SIGKILL);
        }
        std::this_thread::sleep_for(milliseconds(1));
    }
}

int read_all(const World& world, const std::string& directory) {
    Host host(world, directory);
    for (int i = 0; i < kRuns; ++i) {
        const auto a = host.engine->reveal(run_of(i), StepId{"a"}, false);
        const auto b = host.engine->reveal(run_of(i), StepId{"b"}, false);
        const auto events = host.engine->history(run_of(i), 1, 1000);
        if (!a || a->bytes != "{\"password\":\"" + kCanary + "\"}" || !b ||
            b->bytes != kCanary + large_of(run_of(i)) || !b->sensitive || !events || events->size() < 6 ||
            !host.engine->blob(sha256("kept " + kCanary))) {
            return 1;
        }
    }
    return host.engine->stop(StopMode::kGraceful) ? 0 : 4;
}

/// Files that hold the secret in clear, or in the form in which programs like to hide it.
std::string leaks(const World& world) {
    std::string found;
    for (const auto& entry : fs::recursive_directory_iterator(world.folder.path())) {
        if (!entry.is_regular_file()) {
            continue;
        }
        std::ifstream in(entry.path(), std::ios::binary);
        const std::string bytes{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
        if (bytes.find("hunter2") != std::string::npos || bytes.find(kCanaryInBase64) != std::string::npos) {
            found += entry.path().string() + "\n";
        }
    }
    return found;
}

int save(const World& world) {
    Host host(world, world.store());
    return host.store->backup(world.backup()) && host.engine->stop(StopMode::kGraceful) ? 0 : 1;
}

TEST_CASE(
    "a secret is in no file in clear, and readable after a rotation under kill -9 without the old key") {
    ::setenv("SLIPWAY_CANARY", kCanary.c_str(), 1);
    const World world;
    REQUIRE(in_child([&] { return fill(world); }) == 0);
    CHECK(leaks(world) == "");
    const auto old_key = (*open_file_keys(world.keys()))->current()->id;
    REQUIRE(rotate_file_keys(world.keys()));
    int kills = 0;
    int ended = -SIGKILL;
    for (int i = 0; i < kKills && ended != 0; ++i) {
        ended = in_child([&] { return reseal(world, static_cast<std::uint64_t>(4 + i)); });
        REQUIRE((ended == 0 || ended == -SIGKILL));
        kills += ended == -SIGKILL ? 1 : 0;
        REQUIRE(in_child([&] { return read_all(world, world.store()); }) == 0);
    }
    CHECK(kills > 0);
    REQUIRE(in_child([&] { return reseal(world, kForever); }) == 0);
    REQUIRE(in_child([&] { return save(world); }) == 0);
    REQUIRE(remove_file_key(world.keys(), old_key));
    CHECK(in_child([&] { return read_all(world, world.store()); }) == 0);
    REQUIRE(in_child([&] { return restore_rocksdb_store(world.backup(), world.restored()) ? 0 : 1; }) == 0);
    CHECK(in_child([&] { return read_all(world, world.restored()); }) == 0);
    CHECK(leaks(world) == "");
    std::printf("figures: kills during the rotation %d\n", kills);
}

TEST_CASE("the search for leaks finds one") {
    const World world;
    std::ofstream(world.folder.path() + "/letter") << "the password is " << kCanary;
    CHECK(leaks(world).find("letter") != std::string::npos);
}

}  // namespace
}  // namespace slipway::crash
