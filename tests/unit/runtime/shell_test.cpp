// The shell's own promises: commit first, one commit a tick, a failing store, garbage, stop.
#include <doctest/doctest.h>

#include <thread>

#include "slipway/testing/faulty_store.hpp"
#include "tests/unit/runtime/kit.hpp"

namespace slipway::testkit {
namespace {

TEST_CASE("no command leaves before its commit returned, and a chain of n steps costs n + 1 commits") {
    Bench b;
    auto store = std::make_shared<SpyStore>(make_memory_store(b.image));
    std::atomic<bool> early{false};
    std::vector<std::uint64_t> committed_at;
    b.executor->on_start = [&](const std::shared_ptr<AttemptContext>& c) {
        early = early || store->commits != store->returned;
        committed_at.push_back(store->returned);
        c->finish(Succeeded{});
    };
    auto options = b.options();
    options.store = store;
    b.open(std::move(options));
    static_cast<void>(b.engine->list({}));
    const auto before = store->commits.load();
    REQUIRE(b.engine->start(request("r", build(chain(10))), me()));
    REQUIRE(b.engine->wait(RunId{"r"}, kPatience));
    CHECK(store->commits - before == 11);
    CHECK_FALSE(early.load());
    for (std::size_t i = 0; i < committed_at.size(); ++i) {
        CHECK(committed_at[i] == before + i + 1);
    }
    CHECK(b.engine->store_stats().synced_commits == b.engine->store_stats().commits);
}

// Starts three runs on a store that fails at write number `at`, reopens without faults, and looks for loss
// and repetition. True when the fault was never reached.
bool survive(std::uint64_t at, testing::FaultMoment moment) {
    Bench b;
    std::map<std::string, int> acknowledged;
    auto faulty = std::make_unique<testing::FaultyStore>(make_memory_store(b.image));
    auto* faults = faulty.get();
    faults->arm({at, moment, testing::FaultKind::kNoSpace, false});
    auto options = b.options();
    options.store = std::move(faulty);
    const auto workflow = build(fan(3));
    bool untouched = false;
    if (auto opened = Engine::open(std::move(options))) {
        b.engine = *std::move(opened);
        for (const auto* run : {"r0", "r1", "r2"}) {
            if (b.engine->start(request(run, workflow), me())) {
                acknowledged[run] = 1;
            }
        }
        int ended = 0;
        for (const auto& [run, one] : acknowledged) {
            ended += b.engine->wait(RunId{run}, kPatience).has_value() ? 1 : 0;
        }
        const auto stopped = b.engine->stop(StopMode::kGraceful);
        untouched = ended == 3 && stopped.has_value();
    }
    const auto started_before = b.executor->started().size();
    b.engine.reset();
    b.open();
    for (const auto& started : acknowledged) {
        const auto& run = started.first;
        const auto ended = b.engine->wait(RunId{run}, kPatience);
        REQUIRE_MESSAGE(ended.has_value(), "write " << at << ", run " << run);
        CHECK(*ended == RunStatus::kSucceeded);
        std::map<StepIndex, int> succeeded;
        std::map<StepIndex, int> started_after_success;
        const auto history = *b.engine->history(RunId{run});
        for (const auto& event : history) {
            if (const auto* s = std::get_if<StepSucceeded>(&event.body)) {
                ++succeeded[s->step];
            } else if (const auto* a = std::get_if<AttemptStarted>(&event.body)) {
                started_after_success[a->step] += succeeded.contains(a->step) ? 1 : 0;
            }
        }
        CHECK(succeeded.size() == 4);
        for (const auto& [step, times] : succeeded) {
            CHECK(times == 1);
            CHECK(started_after_success[step] == 0);
        }
    }
    CHECK((!untouched || b.executor->started().size() == started_before));
    return untouched;
}

TEST_CASE("a store that fails at any write: nothing acknowledged is lost, nothing recorded is repeated") {
    for (const auto moment : {testing::FaultMoment::kBeforeWrite, testing::FaultMoment::kAfterWrite}) {
        std::uint64_t at = 0;
        while (!survive(at, moment)) {
            REQUIRE(++at < 200);
        }
        CHECK(at > 4);
    }
}

TEST_CASE("once the store has failed every call says so and nothing is let out") {
    Bench b;
    auto faulty = std::make_unique<testing::FaultyStore>(make_memory_store(b.image));
    auto* faults = faulty.get();
    auto options = b.options();
    options.store = std::move(faulty);
    b.open(std::move(options));
    static_cast<void>(b.engine->list({}));
    faults->arm({0, testing::FaultMoment::kBeforeWrite, testing::FaultKind::kInputOutput, false});
    CHECK(b.engine->start(request("r", build(chain(1))), me()).error().code == ErrorCode::kIo);
    CHECK(b.executor->started().empty());
    CHECK(b.engine->start(request("q", build(chain(1))), me()).error().code == ErrorCode::kIo);
    CHECK(b.engine->view(RunId{"r"}).error().code == ErrorCode::kIo);
    CHECK(b.engine->list({}).error().code == ErrorCode::kIo);
    CHECK(b.engine->wait(RunId{"r"}, 1000).error().code == ErrorCode::kIo);
    static_cast<void>(b.engine->stop(StopMode::kGraceful));
    CHECK(b.recorder->alarms().contains("store_failed"));
}

TEST_CASE("an engine whose partition was taken over by another one stops working") {
    Bench b;
    b.open();
    auto first = std::move(b.engine);
    b.open();
    CHECK_FALSE(first->start(request("r", build(chain(1))), me()));
    CHECK(b.engine->start(request("r", build(chain(1))), me()));
    CHECK(*b.engine->wait(RunId{"r"}, kPatience) == RunStatus::kSucceeded);
}

TEST_CASE("garbage to every public function gives an error that names the place") {
    Bench b;
    b.open();
    auto& e = *b.engine;
    const auto workflow = build(chain(1));
    REQUIRE(e.start(request("r", workflow), me()));
    REQUIRE(e.wait(RunId{"r"}, kPatience));
    CHECK(e.start(request("", workflow), me()).error().code == ErrorCode::kInvalidArgument);
    CHECK(e.start(request("a b", workflow), me()).error().code == ErrorCode::kInvalidArgument);
    CHECK(e.start(request(std::string(300, 'a'), workflow), me()).error().code ==
          ErrorCode::kInvalidArgument);
    CHECK(e.start(request("x", Workflow{}), me()).error().code == ErrorCode::kInvalidArgument);
    CHECK(e.start(request("x", workflow), Principal{}).error().code == ErrorCode::kInvalidArgument);
    CHECK(e.start(request("x", workflow, std::string(17U << 20U, 'a')), me()).error().code ==
          ErrorCode::kLimit);
    auto odd = chain(1);
    odd.resolver = "nobody";
    CHECK(e.start(request("x", build(odd)), me()).error().code == ErrorCode::kInvalidArgument);
    CHECK(e.act(RunId{"nope"}, PauseRun{}, me()).error().code == ErrorCode::kNotFound);
    CHECK(e.act(RunId{"\x01"}, PauseRun{}, me()).error().code == ErrorCode::kInvalidArgument);
    CHECK_FALSE(e.act(RunId{"r"}, PauseRun{}, me()));
    CHECK(e.act(RunId{"r"}, RetryStep{StepId{"s0"}}, Principal{}).error().code ==
          ErrorCode::kInvalidArgument);
    CHECK_FALSE(e.act(RunId{"r"}, RetryStep{StepId{"nope"}}, me()));
    CHECK(e.view(RunId{"nope"}).error().code == ErrorCode::kNotFound);
    CHECK(e.history(RunId{"nope"}).error().code == ErrorCode::kNotFound);
    CHECK(e.history(RunId{"r"}, 1'000'000)->empty());
    CHECK(e.explain(RunId{"nope"}).error().code == ErrorCode::kNotFound);
    CHECK(e.explain(RunId{"r"}, StepId{"nope"}).error().code == ErrorCode::kNotFound);
    CHECK(e.reveal(RunId{"r"}, StepId{"nope"}, false).error().code == ErrorCode::kNotFound);
    CHECK(e.reveal(RunId{"r"}, StepId{"s0"}, true).error().code == ErrorCode::kRefused);
    CHECK(e.blob(sha256("nothing")).error().code == ErrorCode::kNotFound);
    CHECK(e.wait(RunId{"nope"}, 10).error().code == ErrorCode::kNotFound);
    CHECK(*e.wait(RunId{"r"}, -5) == RunStatus::kSucceeded);
    CHECK(e.release_quarantined(RunId{"nope"}, me()).error().code == ErrorCode::kNotFound);
    CHECK(e.release_quarantined(RunId{"r"}, Principal{}).error().code == ErrorCode::kInvalidArgument);
}

TEST_CASE("options that cannot be meant are refused at open") {
    Bench b;
    auto options = b.options();
    options.store = nullptr;
    CHECK(Engine::open(options).error().code == ErrorCode::kInvalidArgument);
    options = b.options();
    options.executors.push_back(nullptr);
    CHECK(Engine::open(options).error().code == ErrorCode::kInvalidArgument);
    options = b.options();
    options.executors.push_back(std::make_shared<Scripted>());
    CHECK(Engine::open(options).error().code == ErrorCode::kInvalidArgument);
    options = b.options();
    options.live_attempts_max = 0;
    CHECK(Engine::open(options).error().code == ErrorCode::kInvalidArgument);
}

TEST_CASE("the authorizer is asked before anything is queued") {
    struct Nobody final : Authorizer {
        Result<void> authorize(const Principal& who, const ActRequest& what) override {
            seen.push_back(what.act);
            return who.name == "root" ? Result<void>{} : usage_error(ErrorCode::kForbidden, "not you");
        }
        std::vector<std::string> seen;
    };
    Bench b;
    const auto guard = std::make_shared<Nobody>();
    auto options = b.options();
    options.authorizer = guard;
    b.open(std::move(options));
    CHECK(b.engine->start(request("r", build(chain(1))), me()).error().code == ErrorCode::kForbidden);
    CHECK(b.engine->act(RunId{"r"}, CancelRun{}, me()).error().code == ErrorCode::kForbidden);
    CHECK(b.engine->release_quarantined(RunId{"r"}, me()).error().code == ErrorCode::kForbidden);
    CHECK(b.engine->view(RunId{"r"}).error().code == ErrorCode::kNotFound);
    CHECK(b.engine->start(request("r", build(chain(1))), Principal{"root", {}}).has_value());
    CHECK(guard->seen == std::vector<std::string>{"start", "cancel", "release", "start"});
}

TEST_CASE("a graceful stop lets the pool end, keeps its reports, and starts nothing new") {
    Bench b;
    std::atomic<bool> go{false};
    b.executor->on_start = [&](const std::shared_ptr<AttemptContext>& c) {
        c->run_blocking([&, c] {
            while (!go) {
                std::this_thread::yield();
            }
            c->finish(Succeeded{});
        });
    };
    b.open();
    REQUIRE(b.engine->start(request("r", build(chain(2))), me()));
    std::thread stopper([&] { CHECK(b.engine->stop(StopMode::kGraceful)); });
    while (b.engine->explain(RunId{"r"}).has_value() && b.engine->store_stats().commits < 3) {
        std::this_thread::yield();
    }
    go = true;
    stopper.join();
    CHECK(b.engine->stop(StopMode::kImmediate).has_value());
    CHECK(b.engine->view(RunId{"r"}).error().code == ErrorCode::kStopped);
    CHECK(b.engine->start(request("q", build(chain(1))), me()).error().code == ErrorCode::kStopped);
    CHECK(b.executor->started().size() == 1);
    b.engine.reset();
    b.executor->on_start = nullptr;
    b.open();
    CHECK(*b.engine->wait(RunId{"r"}, kPatience) == RunStatus::kSucceeded);
    CHECK(b.executor->started() == std::vector<std::string>{"s0/1/1", "s1/1/1"});
}

TEST_CASE("sixteen threads start, act and look at once") {
    Bench b;
    b.open();
    const auto workflow = build(fan(4));
    std::vector<std::thread> threads;
    std::atomic<int> ended{0};
    for (int t = 0; t < 16; ++t) {
        threads.emplace_back([&, t] {
            for (int i = 0; i < 8; ++i) {
                const RunId run{"r" + std::to_string(t) + "." + std::to_string(i)};
                if (b.engine->start(request(run.str(), workflow), me()) && b.engine->view(run) &&
                    b.engine->wait(run, kPatience).value_or(RunStatus::kFailed) == RunStatus::kSucceeded) {
                    ++ended;
                }
            }
        });
    }
    for (auto& thread : threads) {
        thread.join();
    }
    CHECK(ended.load() == 16 * 8);
}

}  // namespace
}  // namespace slipway::testkit
