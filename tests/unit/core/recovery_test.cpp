// After a crash: the fold of the events is the live state, and resume() owes exactly what is owed.
#include "engine/codec/run_codec.hpp"
#include "tests/unit/core/driver.hpp"

using namespace slipway;
using namespace slipway::test;

TEST_CASE("resume: live attempts are reconciled, tickets asked for again, timers armed by absolute time") {
    StepSpec slow = step("slow");
    slow.retry.attempts_max = 2;
    slow.retry.jitter_percent = 0;
    Driver d({step("live"), step("ready"), slow, timer("t", 60'000), gate("g")});
    d.admit_one(0);
    d.admit_one(3);
    d.admit_one(4);
    d.admit_one(2);
    StepFailure failure;
    failure.failure_class = FailureClass::kTransient;
    d.report("slow", Failed{failure});
    d.crash();
    CHECK(d.commanded<core::ReconcileAttempt>() == 1);
    CHECK(d.wanted == std::set<StepIndex>{1});
    CHECK(d.timers.count(2000) == 1);
    CHECK(d.timers.count(61'000) == 1);
}

TEST_CASE("reconcile: finished, not started, still running, in doubt") {
    Driver d({step("a"), step("b"), step("c"), step("e")});
    d.admit();
    d.crash();
    CHECK(!d.feed(core::AttemptReconciled{0, 1, Finished{Succeeded{{"found", false}}}, {}}));
    CHECK(d.status("a") == StepStatus::kSucceeded);
    CHECK(!d.feed(core::AttemptReconciled{1, 1, NotStarted{}, {}}));
    CHECK(d.status("b") == StepStatus::kReady);
    CHECK(d.at("b").failures == 0);
    d.admit();
    CHECK(d.at("b").fence == 2);
    CHECK(d.at("b").attempt == 2);
    const auto seq = d.state.seq;
    CHECK(!d.feed(core::AttemptReconciled{2, 1, StillRunning{}, {}}));
    CHECK(d.state.seq == seq);
    CHECK(!d.feed(core::AttemptReconciled{3, 1, InDoubt{"no witness", {}}, {}}));
    CHECK(d.status("e") == StepStatus::kInDoubt);
    CHECK(d.feed(core::AttemptReconciled{3, 1, NotStarted{}, {}})->code == ErrorCode::kStaleFence);
}

TEST_CASE("a cancel that was asked for before the crash is asked for again when the attempt still runs") {
    Driver d({step("a")});
    d.admit();
    CHECK(!d.act(CancelRun{}));
    d.crash();
    CHECK(d.timers.size() == 1);
    CHECK(!d.feed(core::AttemptReconciled{0, 1, StillRunning{}, {}}));
    CHECK(d.commanded<core::CancelAttempt>() == 1);
    CHECK(!d.feed(core::AttemptReconciled{0, 1, NotStarted{}, {}}));
    CHECK(d.state.status == RunStatus::kCancelled);
}

TEST_CASE("an attempt that still runs when its grace ran out during the outage gets it anew") {
    Driver d({step("a")});
    d.admit();
    CHECK(!d.act(CancelRun{}));
    d.moment.now_ms += 60'000;
    d.crash();
    CHECK(!d.feed(core::AttemptReconciled{0, 1, StillRunning{}, {}}));
    CHECK(d.commanded<core::CancelAttempt>() == 1);
    CHECK(d.at("a").cancel.due_ms == d.moment.now_ms + 30'000);
    CHECK(!d.at("a").cancel.forced);
}

TEST_CASE("a missing executor blocks the run with the operator as waker; with it back the step starts") {
    Driver d({step("a")});
    CHECK(!d.feed(core::ExecutorMissing{0}));
    CHECK(d.commanded<core::ReturnPlace>() == 1);
    CHECK(d.state.status == RunStatus::kBlocked);
    CHECK(d.state.reason.find("\"work\" version 1") != std::string::npos);
    CHECK(core::waker(d.workflow, d.state, 0) == WakerKind::kOperator);
    Driver again = d;
    d.crash();
    d.admit();
    CHECK(d.status("a") == StepStatus::kRunning);
    CHECK(d.state.status == RunStatus::kRunning);
    CHECK(!again.act(RetryStep{StepId("a")}));
    CHECK(again.wanted.size() == 1);
    CHECK(again.state.status == RunStatus::kRunning);
}

TEST_CASE("a gate whose resolver is missing blocks the run; with it back the gate opens") {
    Driver d({gate("g")});
    CHECK(!d.feed(core::ExecutorMissing{0}));
    CHECK(d.state.status == RunStatus::kBlocked);
    CHECK(core::waker(d.workflow, d.state, 0) == WakerKind::kOperator);
    CHECK(!d.act(RetryStep{StepId("g")}));
    d.admit();
    CHECK(d.status("g") == StepStatus::kWaiting);
    CHECK(d.state.status == RunStatus::kRunning);
}

TEST_CASE(
    "replaying an event twice, out of order, or one that does not fit is corruption that names run and seq") {
    Driver d({step("a")});
    d.admit();
    d.report("a", Succeeded{});
    core::RunState state;
    REQUIRE(core::apply(d.workflow, state, d.events[0]));
    auto no = core::apply(d.workflow, state, d.events[0]);
    REQUIRE_FALSE(no);
    CHECK(no.error().code == ErrorCode::kCorrupt);
    CHECK_FALSE(core::apply(d.workflow, state, d.events[2]));
    Event wrong{state.seq + 1, 0, StepSucceeded{0, {}}};
    no = core::apply(d.workflow, state, wrong);
    REQUIRE_FALSE(no);
    CHECK(no.error().message.find("run \"r\": event 2 (step_succeeded)") != std::string::npos);
    wrong.body = StepReady{99};
    CHECK_FALSE(core::apply(d.workflow, state, wrong));
    CHECK(state.seq == 1);
}
