// What an open finds after a crash, and after a stop.
#include <doctest/doctest.h>

#include "tests/unit/runtime/kit.hpp"

namespace slipway::testkit {
namespace {

void hold_all(Bench& b) {
    b.executor->on_start = [&b](const std::shared_ptr<AttemptContext>& c) { b.executor->hold(c); };
}

TEST_CASE("an attempt that never started gets a new fence and attempt after a crash") {
    Bench b;
    hold_all(b);
    b.open();
    REQUIRE(b.engine->start(request("r", build(chain(2))), me()));
    const auto fence = view_of(*b.engine, "r", "s0").fence;
    b.executor->on_start = nullptr;
    b.crash();
    CHECK(*b.engine->wait(RunId{"r"}, kPatience) == RunStatus::kSucceeded);
    CHECK(view_of(*b.engine, "r", "s0").fence > fence);
    CHECK(b.executor->started().back() == "s1/1/1");
}

TEST_CASE(
    "a live attempt is attached with its fence and its evidence, and a report of the old context is "
    "refused") {
    Bench b;
    b.executor->on_start = [&](const std::shared_ptr<AttemptContext>& c) {
        b.executor->hold(c);
        c->record({"pid", {"42", false}}, [](const Result<void>&) {});
    };
    std::vector<Evidence> seen;
    Fence attached = 0;
    b.executor->on_reconcile = [](const std::shared_ptr<AttemptContext>& c, const std::vector<Evidence>&) {
        c->reconciled(StillRunning{});
    };
    b.executor->on_attach = [&](const std::shared_ptr<AttemptContext>& c,
                                const std::vector<Evidence>& evidence) {
        seen = evidence;
        attached = c->info().fence;
        c->finish(Succeeded{{"attached", false}});
    };
    b.open();
    REQUIRE(b.engine->start(request("r", build(chain(1))), me()));
    const auto fence = view_of(*b.engine, "r", "s0").fence;
    b.crash();
    CHECK(*b.engine->wait(RunId{"r"}, kPatience) == RunStatus::kSucceeded);
    CHECK(view_of(*b.engine, "r", "s0").output.bytes == "attached");
    CHECK(attached == fence);
    REQUIRE(seen.size() == 1);
    CHECK(seen[0].data.bytes == "42");
    b.executor->held().front()->finish(Succeeded{{"old", false}});
    CHECK(view_of(*b.engine, "r", "s0").output.bytes == "attached");
}

TEST_CASE("an executor that throws while it reconciles, or never answers, leaves its step in doubt") {
    Bench b;
    hold_all(b);
    b.executor->reconcile_timeout_ms = 1000;
    b.open();
    REQUIRE(b.engine->start(request("throws", build(chain(1))), me()));
    REQUIRE(b.engine->start(request("silent", build(chain(1))), me()));
    b.executor->on_reconcile = [&](const std::shared_ptr<AttemptContext>& c, const std::vector<Evidence>&) {
        if (c->info().run.str() == "throws") {
            throw std::runtime_error("no idea");
        }
        b.executor->hold(c);
    };
    b.crash();
    CHECK(b.engine->wait(RunId{"throws"}, kPatience, true).has_value());
    CHECK(view_of(*b.engine, "throws", "s0").status == StepStatus::kInDoubt);
    CHECK(view_of(*b.engine, "silent", "s0").status == StepStatus::kRunning);
    b.advance(2000);
    CHECK(view_of(*b.engine, "silent", "s0").status == StepStatus::kInDoubt);
}

TEST_CASE("an executor that throws while it takes a live attempt over leaves it in doubt, not failed") {
    Bench b;
    hold_all(b);
    b.open();
    REQUIRE(b.engine->start(request("r", build(chain(1))), me()));
    b.executor->on_reconcile = [](const std::shared_ptr<AttemptContext>& c, const std::vector<Evidence>&) {
        c->reconciled(StillRunning{});
    };
    b.executor->on_attach = [](const std::shared_ptr<AttemptContext>&, const std::vector<Evidence>&) {
        throw std::runtime_error("no idea");
    };
    b.crash();
    REQUIRE(b.engine->wait(RunId{"r"}, kPatience, true));
    CHECK(view_of(*b.engine, "r", "s0").status == StepStatus::kInDoubt);
}

TEST_CASE("a cancel is not escalated while the attempt is looked at after a restart") {
    Bench b;
    hold_all(b);
    b.open();
    REQUIRE(b.engine->start(request("r", build(chain(1))), me()));
    REQUIRE(b.engine->act(RunId{"r"}, CancelRun{}, me()));
    b.clock->advance(5'000);
    std::shared_ptr<AttemptContext> looking;
    b.executor->on_reconcile = [&](const std::shared_ptr<AttemptContext>& c, const std::vector<Evidence>&) {
        looking = c;
    };
    b.crash();
    for (int i = 0; i < 4; ++i) {
        b.advance(2'000);
        CHECK(view_of(*b.engine, "r", "s0").status == StepStatus::kRunning);
    }
    looking->reconciled(Finished{Succeeded{}});
    CHECK(b.engine->wait(RunId{"r"}, kPatience).has_value());
    CHECK(view_of(*b.engine, "r", "s0").status == StepStatus::kSucceeded);
}

TEST_CASE("a blocking executor without a check of its own is in doubt after a crash") {
    struct Plain final : BlockingExecutor {
        ExecutorTraits traits() const override {
            ExecutorTraits traits;
            traits.kind = "y";
            return traits;
        }
        Outcome run(AttemptContext&) override { return Succeeded{}; }
    };
    Bench b;
    hold_all(b);
    b.open();
    auto spec = chain(1);
    spec.steps[0].kind = "y";
    // The first process has an executor that hangs, the second the plain one.
    b.engine.reset();
    const auto hanging = std::make_shared<Scripted>("y");
    hanging->on_start = [](const std::shared_ptr<AttemptContext>&) {};
    auto options = b.options();
    options.executors = {hanging};
    b.open(std::move(options));
    REQUIRE(b.engine->start(request("r", build(spec)), me()));
    b.engine.reset();
    options = b.options();
    options.executors = {std::make_shared<Plain>()};
    b.open(std::move(options));
    CHECK(*b.engine->wait(RunId{"r"}, kPatience, true) == RunStatus::kBlocked);
    CHECK(view_of(*b.engine, "r", "s0").status == StepStatus::kInDoubt);
}

TEST_CASE(
    "a missing executor version blocks the run, is listed at open, and the run goes on once it is there") {
    Bench b;
    b.open();
    auto spec = chain(2);
    spec.steps[1].kind_version = 2;
    REQUIRE(b.engine->start(request("r", build(spec)), me()));
    CHECK(*b.engine->wait(RunId{"r"}, kPatience, true) == RunStatus::kBlocked);
    b.reopen();
    const auto missing = b.engine->missing();
    REQUIRE(missing.size() == 1);
    CHECK(missing[0].step.str() == "s1");
    CHECK(missing[0].version == 2);
    REQUIRE(b.engine->stop(StopMode::kGraceful));
    auto options = b.options();
    options.executors.push_back(std::make_shared<Scripted>("x", 2));
    b.open(std::move(options));
    CHECK(b.engine->missing().empty());
    CHECK(*b.engine->wait(RunId{"r"}, kPatience) == RunStatus::kSucceeded);
}

TEST_CASE("a running step whose executor is not there after a restart says so, and is looked at once it is") {
    Bench b;
    hold_all(b);
    b.open();
    REQUIRE(b.engine->start(request("r", build(chain(1))), me()));
    b.engine.reset();
    auto options = b.options();
    options.executors = {std::make_shared<Scripted>("y")};
    b.open(std::move(options));
    CHECK(*b.engine->wait(RunId{"r"}, kPatience, true) == RunStatus::kBlocked);
    const auto view = b.engine->view(RunId{"r"});
    REQUIRE(view.has_value());
    CHECK(view->summary.status == RunStatus::kBlocked);
    CHECK(view->summary.reason.find("\"x\" version 1") != std::string::npos);
    CHECK(view->steps[0].waker == WakerKind::kOperator);
    const auto listed = b.engine->list({});
    REQUIRE(listed->size() == 1);
    CHECK(listed->front().status == RunStatus::kBlocked);
    CHECK(b.engine->explain(RunId{"r"})->status == RunStatus::kBlocked);
    const auto explanation = b.engine->explain(RunId{"r"}, StepId{"s0"});
    REQUIRE(explanation.has_value());
    CHECK(explanation->waker == WakerKind::kOperator);
    CHECK(explanation->waits_for.find("\"x\" version 1") != std::string::npos);
    b.engine.reset();
    b.executor->on_start = nullptr;
    b.open();
    CHECK(*b.engine->wait(RunId{"r"}, kPatience) == RunStatus::kSucceeded);
}

WorkflowSpec gated(DurationMs expires_ms) {
    WorkflowSpec spec;
    spec.name = "gated";
    auto gate = step("gate");
    gate.type = StepType::kGate;
    gate.kind = "gate";
    gate.gate.expires_after_ms = expires_ms;
    spec.steps = {gate, step("after", {"gate"})};
    return spec;
}

GateAnswer approval(Engine& engine, const std::string& run) {
    const auto gate = view_of(engine, run, "gate").gate;
    REQUIRE(gate.has_value());
    GateAnswer answer;
    answer.step = StepId{"gate"};
    answer.round = gate->round;
    answer.shown = gate->shown;
    return answer;
}

TEST_CASE("a parked run is let go from memory, and comes back for an act and for its timer") {
    Bench b;
    b.open();
    REQUIRE(b.engine->start(request("a", build(gated(0))), me()));
    REQUIRE(b.engine->start(request("t", build(gated(60'000))), me()));
    REQUIRE(b.engine->wait(RunId{"a"}, kPatience, true));
    b.reopen();
    CHECK(b.engine->wait(RunId{"a"}, kPatience, true).has_value());
    REQUIRE(b.engine->act(RunId{"a"}, AnswerGate{approval(*b.engine, "a")}, me()));
    CHECK(*b.engine->wait(RunId{"a"}, kPatience) == RunStatus::kSucceeded);
    CHECK(view_of(*b.engine, "t", "gate").status == StepStatus::kWaiting);
    b.advance(61'000);
    b.advance(0);
    CHECK(view_of(*b.engine, "t", "gate").status == StepStatus::kFailed);
}

TEST_CASE("list, view and history see what is folded and what is not") {
    Bench b;
    b.open();
    const auto workflow = build(gated(0));
    for (const auto* id : {"b", "d"}) {
        auto start = request(id, workflow);
        start.labels["install"] = id;
        REQUIRE(b.engine->start(start, me()));
    }
    b.reopen();
    for (const auto* id : {"a", "c", "e"}) {
        REQUIRE(b.engine->start(request(id, workflow), me()));
    }
    REQUIRE(b.engine->act(RunId{"d"}, AnswerGate{approval(*b.engine, "d")}, me()));
    REQUIRE(b.engine->wait(RunId{"d"}, kPatience));
    std::string ids;
    const auto listed = *b.engine->list({});
    for (const auto& run : listed) {
        ids += run.run.str();
    }
    CHECK(ids == "abcde");
    RunQuery query;
    query.unfinished_only = true;
    query.after = RunId{"b"};
    query.limit = 1;
    REQUIRE(b.engine->list(query)->size() == 1);
    CHECK(b.engine->list(query)->front().run.str() == "c");
    query = {};
    query.labels["install"] = "d";
    REQUIRE(b.engine->list(query)->size() == 1);
    CHECK(b.engine->list(query)->front().status == RunStatus::kSucceeded);
    const auto all = b.engine->history(RunId{"d"});
    REQUIRE(all.has_value());
    for (std::size_t i = 0; i < all->size(); ++i) {
        CHECK((*all)[i].seq == i + 1);
    }
    CHECK(b.engine->history(RunId{"d"}, all->size(), 10)->size() == 1);
    CHECK(b.engine->history(RunId{"d"}, 2, 3)->size() == 3);
}

TEST_CASE("finished runs are kept by count, the oldest go with their history") {
    Bench b;
    auto options = b.options();
    options.retention.finished_runs_max = 3;
    b.open(std::move(options));
    const auto workflow = build(chain(1));
    for (int i = 0; i < 6; ++i) {
        REQUIRE(b.engine->start(request("r" + std::to_string(i), workflow), me()));
        b.clock->advance(10);
        REQUIRE(b.engine->wait(RunId{"r" + std::to_string(i)}, kPatience));
    }
    b.reopen();
    CHECK(b.engine->list({})->size() == 3);
    CHECK(b.engine->view(RunId{"r0"}).error().code == ErrorCode::kNotFound);
    CHECK(b.engine->history(RunId{"r0"}).error().code == ErrorCode::kNotFound);
    CHECK(b.engine->view(RunId{"r5"}).has_value());
}

TEST_CASE("observers hear every event in order, after durability, and again what was not folded") {
    Bench b;
    b.open();
    REQUIRE(b.engine->start(request("r", build(chain(3))), me()));
    REQUIRE(b.engine->wait(RunId{"r"}, kPatience));
    const auto count = b.engine->history(RunId{"r"})->size();
    b.recorder = std::make_shared<Recorder>();
    b.crash();
    REQUIRE(b.engine->stop(StopMode::kGraceful));
    const auto heard = b.recorder->events()["r"];
    REQUIRE(heard.size() == count);
    for (std::size_t i = 0; i < heard.size(); ++i) {
        CHECK(heard[i] == i + 1);
    }
}

TEST_CASE("a damaged slice quarantines its run alone, which keeps its place until it is released") {
    Bench b;
    hold_all(b);
    auto options = b.options();
    options.live_attempts_max = 1;
    b.open(std::move(options));
    REQUIRE(b.engine->start(request("bad", build(chain(1))), me()));
    REQUIRE(b.engine->start(request("good", build(chain(1))), me()));
    b.engine.reset();
    damage_slice(*b.image, "bad");
    b.executor->on_start = nullptr;
    options = b.options();
    options.live_attempts_max = 1;
    b.open(std::move(options));
    CHECK(b.engine->wait(RunId{"good"}, 50).error().code == ErrorCode::kTimeout);
    CHECK_FALSE(b.engine->act(RunId{"bad"}, CancelRun{}, me()));
    CHECK(b.engine->wait(RunId{"bad"}, kPatience).error().code == ErrorCode::kRefused);
    CHECK(b.engine->release_quarantined(RunId{"good"}, me()).error().code == ErrorCode::kRefused);
    REQUIRE(b.engine->release_quarantined(RunId{"bad"}, me()));
    CHECK(*b.engine->wait(RunId{"good"}, kPatience) == RunStatus::kSucceeded);
    b.reopen();
    CHECK(b.recorder->alarms().contains("quarantined"));  // delivered by the stop at the latest
    CHECK(b.engine->release_quarantined(RunId{"bad"}, me()).error().code == ErrorCode::kNotFound);
}

}  // namespace
}  // namespace slipway::testkit
