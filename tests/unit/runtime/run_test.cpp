// Runs from start to end on the engine: order, gates, timers, retries, admission.
#include <doctest/doctest.h>

#include "tests/unit/runtime/kit.hpp"

namespace slipway::testkit {
namespace {

TEST_CASE("a chain runs in order and ends succeeded") {
    Bench b;
    b.open();
    const auto workflow = build(chain(5));
    REQUIRE(b.engine->start(request("r", workflow), me()));
    const auto ended = b.engine->wait(RunId{"r"}, kPatience);
    REQUIRE(ended.has_value());
    CHECK(*ended == RunStatus::kSucceeded);
    CHECK(b.executor->started() ==
          std::vector<std::string>{"s0/1/1", "s1/1/1", "s2/1/1", "s3/1/1", "s4/1/1"});
    CHECK(view_of(*b.engine, "r", "s4").output.bytes == "out:s4");
}

TEST_CASE("starting the same run twice is a success that does nothing, with other content a conflict") {
    Bench b;
    b.open();
    const auto workflow = build(chain(1));
    REQUIRE(b.engine->start(request("r", workflow, "in"), me()));
    REQUIRE(b.engine->start(request("r", workflow, "in"), me()));
    CHECK(b.engine->start(request("r", workflow, "other"), me()).error().code == ErrorCode::kConflict);
    CHECK(b.engine->start(request("r", build(chain(2)), "in"), me()).error().code == ErrorCode::kConflict);
    REQUIRE(b.engine->wait(RunId{"r"}, kPatience));
    b.reopen();
    REQUIRE(b.engine->start(request("r", workflow, "in"), me()));
    CHECK(b.engine->start(request("r", workflow, "other"), me()).error().code == ErrorCode::kConflict);
    CHECK(b.executor->started().size() == 1);
}

TEST_CASE("never more live attempts than the limit, and all of a fan's steps get their place") {
    Bench b;
    std::atomic<int> live{0};
    std::atomic<int> most{0};
    b.executor->on_start = [&](const std::shared_ptr<AttemptContext>& c) {
        c->run_blocking([&, c] {
            const int now = ++live;
            int seen = most.load();
            while (now > seen && !most.compare_exchange_weak(seen, now)) {
            }
            --live;
            c->finish(Succeeded{});
        });
    };
    auto options = b.options();
    options.live_attempts_max = 2;
    options.pool_threads = 4;
    b.open(std::move(options));
    REQUIRE(b.engine->start(request("r", build(fan(40))), me()));
    CHECK(*b.engine->wait(RunId{"r"}, kPatience) == RunStatus::kSucceeded);
    CHECK(most.load() <= 2);
    CHECK(b.executor->started().size() == 41);
}

TEST_CASE("a gate releases exactly the digest that it showed") {
    Bench b;
    b.open();
    WorkflowSpec spec;
    spec.name = "gated";
    auto gate = step("gate", {"plan"});
    gate.type = StepType::kGate;
    gate.kind = "gate";
    spec.steps = {step("plan"), gate, step("apply", {"gate"})};
    REQUIRE(b.engine->start(request("r", build(spec)), me()));
    CHECK(b.engine->wait(RunId{"r"}, kPatience, true).has_value());
    const auto shown = view_of(*b.engine, "r", "gate").gate;
    REQUIRE(shown.has_value());
    CHECK(shown->shown == sha256("out:plan"));
    CHECK(b.engine->reveal(RunId{"r"}, StepId{"gate"}, true)->bytes == "out:plan");
    GateAnswer answer;
    answer.step = StepId{"gate"};
    answer.round = shown->round;
    answer.shown = sha256("something else");
    CHECK(b.engine->act(RunId{"r"}, AnswerGate{answer}, me()).error().code == ErrorCode::kConflict);
    CHECK(view_of(*b.engine, "r", "gate").status == StepStatus::kWaiting);
    answer.shown = shown->shown;
    REQUIRE(b.engine->act(RunId{"r"}, AnswerGate{answer}, me()));
    CHECK(*b.engine->wait(RunId{"r"}, kPatience) == RunStatus::kSucceeded);
}

TEST_CASE("a timer step and a back-off move by the clock alone") {
    Bench b;
    std::atomic<int> tries{0};
    b.executor->on_start = [&](const std::shared_ptr<AttemptContext>& c) {
        if (++tries == 1) {
            StepFailure failure;
            failure.failure_class = FailureClass::kTransient;
            c->finish(Failed{failure});
        } else {
            c->finish(Succeeded{});
        }
    };
    b.open();
    WorkflowSpec spec;
    spec.name = "timed";
    auto timer = step("wait");
    timer.type = StepType::kTimer;
    timer.kind = "timer";
    timer.timer_delay_ms = 60'000;
    auto flaky = step("flaky", {"wait"});
    flaky.retry.attempts_max = 3;
    flaky.retry.initial_ms = 10'000;
    spec.steps = {timer, flaky};
    REQUIRE(b.engine->start(request("r", build(spec)), me()));
    b.advance(59'000);
    CHECK(view_of(*b.engine, "r", "wait").status == StepStatus::kWaiting);
    b.advance(2'000);
    CHECK(view_of(*b.engine, "r", "wait").status == StepStatus::kSucceeded);
    CHECK(view_of(*b.engine, "r", "flaky").status == StepStatus::kBackingOff);
    b.advance(20'000);
    CHECK(*b.engine->wait(RunId{"r"}, kPatience) == RunStatus::kSucceeded);
    CHECK(b.executor->started() == std::vector<std::string>{"flaky/1/1", "flaky/1/2"});
}

TEST_CASE("a wait of an attempt ends it, and its next attempt starts with the resolution") {
    Bench b;
    std::vector<std::size_t> seen;
    b.executor->on_start = [&](const std::shared_ptr<AttemptContext>& c) {
        seen.push_back(c->info().resolutions.size());
        if (c->info().resolutions.empty()) {
            WaitFor wait;
            wait.kind = WaitKind::kTimer;
            wait.delay_ms = 5000;
            c->finish(wait);
        } else {
            c->finish(Succeeded{});
        }
    };
    b.open();
    REQUIRE(b.engine->start(request("r", build(chain(1))), me()));
    b.advance(0);  // the attempt's report is in
    b.advance(6'000);
    CHECK(*b.engine->wait(RunId{"r"}, kPatience) == RunStatus::kSucceeded);
    CHECK(seen == std::vector<std::size_t>{0, 1});
}

TEST_CASE("large and small payloads come through a crash unchanged") {
    Bench b;
    const std::string large(300'000, 'q');
    b.executor->on_start = [&](const std::shared_ptr<AttemptContext>& c) {
        c->finish(Succeeded{{large, false}});
    };
    b.open();
    REQUIRE(b.engine->start(request("r", build(chain(2)), large), me()));
    REQUIRE(b.engine->wait(RunId{"r"}, kPatience));
    b.crash();
    CHECK(b.engine->view(RunId{"r"})->input.bytes == large);
    b.reopen();
    CHECK(view_of(*b.engine, "r", "s1").output.bytes == large);
    CHECK(b.engine->blob(sha256(large))->bytes == large);
}

}  // namespace
}  // namespace slipway::testkit
