// Runs that wait are let go above the memory budget, and come back for whatever comes for them.
#include <doctest/doctest.h>

#include <future>
#include <thread>

#include "engine/runtime/memory_budget.hpp"
#include "engine/runtime/shell.hpp"
#include "engine/store/memory_image.hpp"
#include "tests/unit/runtime/kit.hpp"

namespace slipway::testkit {
namespace {

using std::chrono::milliseconds;

RunId run_of(int number) {
    return RunId("r" + std::to_string(number));
}

/// A step with a large output, then a wait, then a step.
Workflow waiting(StepType type, DurationMs timer_ms = 0) {
    auto spec = chain(3);
    spec.steps[1].type = type;
    spec.steps[1].kind = type == StepType::kGate ? "gate" : "timer";
    spec.steps[1].timer_delay_ms = timer_ms;
    return build(spec);
}

/// A bench whose store is watched, and whose engine keeps nothing that it may let go.
struct Small {
    Bench bench;
    SpyStore* store = nullptr;

    Small() {
        bench.executor->on_start = [](const std::shared_ptr<AttemptContext>& c) {
            c->finish(Succeeded{{std::string(60'000, 'x'), false}});
        };
        open();
    }
    void open(std::uint64_t budget = 0) {
        auto options = bench.options();
        auto spy = std::make_unique<SpyStore>(make_memory_store(bench.image));
        store = spy.get();
        options.store = std::move(spy);
        options.memory_bytes_max = budget;
        bench.open(std::move(options));
    }
    void reopen(std::uint64_t budget = 0) {
        REQUIRE(bench.engine->stop(StopMode::kGraceful));
        bench.engine.reset();
        open(budget);
    }
    bool is_away(const RunId& run) const {
        const auto before = store->loads.load();
        REQUIRE(bench.engine->view(run));
        return store->loads.load() != before;
    }
    Result<void> answer(const RunId& run) const {
        const auto view = view_of(*bench.engine, run.str(), "s1");
        REQUIRE(view.gate);
        GateAnswer answer;
        answer.step = StepId{"s1"};
        answer.round = view.gate->round;
        answer.shown = view.gate->shown;
        return bench.engine->act(run, AnswerGate{answer}, me());
    }
};

void until(const std::function<bool()>& holds) {
    const auto end = std::chrono::steady_clock::now() + milliseconds(kPatience);
    while (!holds() && std::chrono::steady_clock::now() < end) {
        std::this_thread::sleep_for(milliseconds(1));
    }
    REQUIRE(holds());
}

constexpr int kMany = 40;

TEST_CASE("runs that wait are let go above the budget, and an answer or a timer brings them back") {
    Small small;
    auto& engine = *small.bench.engine;
    const auto gated = waiting(StepType::kGate);
    const auto timed = waiting(StepType::kTimer, 3'600'000);
    for (int i = 0; i < kMany; ++i) {
        REQUIRE(engine.start(request(run_of(i).str(), i % 2 == 0 ? gated : timed), me()));
    }
    until([&] { return small.is_away(run_of(0)) && small.is_away(run_of(1)); });
    CHECK(view_of(engine, "r0", "s1").status == StepStatus::kWaiting);
    CHECK(engine.explain(RunId{"r0"})->status == RunStatus::kRunning);
    CHECK(engine.history(RunId{"r0"})->size() > 3);
    CHECK(*engine.wait(RunId{"r0"}, 0, true) == RunStatus::kRunning);
    CHECK(engine.list({})->size() == kMany);
    REQUIRE(engine.act(RunId{"r2"}, PauseRun{}, me()));
    CHECK(engine.view(RunId{"r2"})->summary.status == RunStatus::kPaused);
    REQUIRE(engine.act(RunId{"r2"}, ResumeRun{}, me()));
    for (int i = 0; i < kMany; i += 2) {
        REQUIRE(small.answer(run_of(i)));
    }
    small.bench.advance(3'600'001);
    for (int i = 0; i < kMany; ++i) {
        CHECK(*engine.wait(run_of(i), kPatience) == RunStatus::kSucceeded);
    }
    CHECK(small.bench.recorder->alarms().empty());
}

TEST_CASE("below the budget nothing is let go") {
    Small small;
    small.reopen(1ULL << 30U);
    for (int i = 0; i < kMany; ++i) {
        REQUIRE(small.bench.engine->start(request(run_of(i).str(), waiting(StepType::kGate)), me()));
        REQUIRE(small.bench.engine->wait(run_of(i), kPatience, true));
    }
    for (int i = 0; i < kMany; ++i) {
        CHECK(!small.is_away(run_of(i)));
    }
}

TEST_CASE("what comes for a run that is being loaded waits in order, and the others go on") {
    Small small;
    REQUIRE(small.bench.engine->start(request("away", waiting(StepType::kGate)), me()));
    REQUIRE(small.bench.engine->wait(RunId{"away"}, kPatience, true));
    small.reopen();
    std::promise<void> asked;
    std::promise<void> let;
    auto may_load = let.get_future().share();
    std::atomic<bool> first{true};
    small.store->before_load = [&](const RunId& run) {
        if (run.str() == "away" && first.exchange(false)) {
            asked.set_value();
            may_load.wait();
        }
    };
    auto& engine = *small.bench.engine;
    auto paused = std::async(std::launch::async, [&] { return engine.act(RunId{"away"}, PauseRun{}, me()); });
    asked.get_future().wait();
    auto again = std::async(std::launch::async,
                            [&] { return engine.start(request("away", waiting(StepType::kGate)), me()); });
    REQUIRE(engine.start(request("other", build(chain(2))), me()));
    CHECK(*engine.wait(RunId{"other"}, kPatience) == RunStatus::kSucceeded);
    CHECK(paused.wait_for(milliseconds(0)) == std::future_status::timeout);
    auto resumed =
        std::async(std::launch::async, [&] { return engine.act(RunId{"away"}, ResumeRun{}, me()); });
    std::this_thread::sleep_for(milliseconds(20));
    let.set_value();
    CHECK(paused.get());
    CHECK(again.get());
    CHECK(resumed.get());  // refused, had it come before the pause
    CHECK(engine.view(RunId{"away"})->summary.status == RunStatus::kRunning);
}

TEST_CASE("a checkpoint that does not decode quarantines its run when something comes for it, and no other") {
    Small small;
    for (const char* run : {"bad", "good"}) {
        REQUIRE(small.bench.engine->start(request(run, waiting(StepType::kGate)), me()));
        REQUIRE(small.bench.engine->wait(RunId{run}, kPatience, true));
    }
    small.reopen();
    {
        const std::lock_guard lock(small.bench.image->mutex);
        auto& state = small.bench.image->contents.runs.at(RunId{"bad"}).state;
        state.resize(state.size() / 2);
    }
    const auto refused = small.bench.engine->act(RunId{"bad"}, PauseRun{}, me());
    REQUIRE(!refused);
    CHECK(refused.error().message.find("quarantined") != std::string::npos);
    REQUIRE(small.answer(RunId{"good"}));
    CHECK(*small.bench.engine->wait(RunId{"good"}, kPatience) == RunStatus::kSucceeded);
    small.bench.engine.reset();
    CHECK(small.bench.recorder->alarms().contains("quarantined"));
}

TEST_CASE("whoever waits for a run to be loaded is told when the engine stops") {
    Small small;
    REQUIRE(small.bench.engine->start(request("away", waiting(StepType::kGate)), me()));
    REQUIRE(small.bench.engine->wait(RunId{"away"}, kPatience, true));
    small.reopen();
    std::promise<void> asked;
    std::promise<void> let;
    small.store->before_load = [&](const RunId&) {
        asked.set_value();
        let.get_future().wait();
    };
    auto& engine = *small.bench.engine;
    auto paused = std::async(std::launch::async, [&] { return engine.act(RunId{"away"}, PauseRun{}, me()); });
    asked.get_future().wait();
    REQUIRE(engine.stop(StopMode::kImmediate));
    const auto answer = paused.get();
    REQUIRE(!answer);
    CHECK(answer.error().code == ErrorCode::kStopped);
    let.set_value();
}

TEST_CASE("the timer of a run that moved just before a crash is not lost among many") {
    Small small;
    constexpr int kCrowd = 1'100;
    const auto gate = [](DurationMs expires) {
        auto spec = chain(1);
        spec.steps[0].type = StepType::kGate;
        spec.steps[0].kind = "gate";
        spec.steps[0].gate.expires_after_ms = expires;
        return build(spec);
    };
    const auto early = gate(3'600'000);
    const auto late = gate(36'000'000);
    for (int i = 0; i < kCrowd; ++i) {
        REQUIRE(small.bench.engine->start(request(run_of(i).str(), i == 0 ? early : late), me()));
    }
    small.reopen();
    REQUIRE(small.bench.engine->act(run_of(0), PauseRun{}, me()));
    REQUIRE(small.bench.engine->act(run_of(0), ResumeRun{}, me()));
    small.bench.engine.reset();  // nothing of it is folded
    small.open();
    for (int i = kCrowd; i < kCrowd + 40; ++i) {  // a fold comes, and runs are let go
        REQUIRE(small.bench.engine->start(request(run_of(i).str(), waiting(StepType::kGate)), me()));
    }
    until([&] { return small.is_away(run_of(0)); });
    small.bench.advance(3'600'001);
    until([&] { return view_of(*small.bench.engine, "r0", "s0").status == StepStatus::kFailed; });
}

TEST_CASE("runs that were loaded at open and only wait for a place are let go again") {
    Small small;
    small.bench.executor->on_start = [&](const std::shared_ptr<AttemptContext>& c) {
        small.bench.executor->hold(c);
    };
    const auto open = [&] {
        small.bench.engine.reset();
        auto options = small.bench.options();
        auto spy = std::make_unique<SpyStore>(make_memory_store(small.bench.image));
        small.store = spy.get();
        options.store = std::move(spy);
        options.memory_bytes_max = 1;
        options.live_attempts_max = 1;
        small.bench.open(std::move(options));
    };
    open();
    for (int i = 0; i < 60; ++i) {
        REQUIRE(small.bench.engine->start(request(run_of(i).str(), build(chain(4))), me()));
    }
    REQUIRE(small.bench.engine->stop(StopMode::kGraceful));
    open();
    until([&] { return small.is_away(run_of(50)); });
}

struct Table {
    runtime::AttemptServices services;
    runtime::Registry registry;
    runtime::RunTable runs{services, registry};
    runtime::RunEntry& add(const char* id) {
        auto& run = runs.add(RunId{id});
        run.loaded = std::make_unique<runtime::LoadedRun>();
        return run;
    }
};

TEST_CASE("the least recently used run goes first, and one that moved again does not") {
    Table table;
    runtime::MemoryBudget budget(250);
    for (const char* id : {"a", "b", "c", "d"}) {
        auto& run = table.add(id);
        budget.count(run, 100);
        budget.rest(run);
    }
    budget.rest(*table.runs.find(RunId{"a"}));
    table.runs.find(RunId{"b"})->dirty = true;
    auto* first = budget.take_excess(table.runs);
    REQUIRE(first != nullptr);
    CHECK(first->id == RunId{"c"});
    budget.forget(*first);
    first->loaded.reset();
    auto* second = budget.take_excess(table.runs);
    REQUIRE(second != nullptr);
    CHECK(second->id == RunId{"d"});
    budget.forget(*second);
    second->loaded.reset();
    CHECK(budget.used() == 200);
    CHECK(budget.take_excess(table.runs) == nullptr);
}

TEST_CASE("timers that mean nothing any more are thrown out, each that does is kept once") {
    runtime::Timers timers;
    for (int i = 0; i < 3000; ++i) {
        timers.arm({i % 100, run_of(i % 100), core::TimerFired{0, core::TimerKind::kBackOff, i % 100}});
    }
    CHECK(timers.wants_tidying());
    timers.tidy([](const runtime::Due& due) { return due.due_ms % 2 == 1; });
    CHECK(timers.size() == 50);
    CHECK(!timers.wants_tidying());
    CHECK(*timers.next() == 1);
    TimeMs last = 0;
    while (const auto due = timers.pop(1000)) {
        CHECK(due->due_ms > last);
        last = due->due_ms;
    }
    CHECK(last == 99);
}

}  // namespace
}  // namespace slipway::testkit
