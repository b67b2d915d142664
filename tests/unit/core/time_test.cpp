// Time-outs, cancellation and its escalation, timers, and what is stale.
#include "tests/unit/core/driver.hpp"

using namespace slipway;
using namespace slipway::test;

TEST_CASE("a timer step waits its time without a place") {
    Driver d({timer("t", 5000), step("a", {"t"})});
    CHECK(d.commanded<core::RequestPlace>() == 0);
    d.admit();
    CHECK(d.status("t") == StepStatus::kWaiting);
    d.pass_time(4999);
    CHECK(d.status("t") == StepStatus::kWaiting);
    d.pass_time(1);
    CHECK(d.status("t") == StepStatus::kSucceeded);
    CHECK(d.status("a") == StepStatus::kReady);
}

TEST_CASE("an attempt's timer wait leads to the next attempt of the round") {
    Driver d({step("a")});
    d.admit();
    d.report("a", WaitFor{WaitKind::kTimer, 100, {}, {}, 0});
    CHECK(core::waker(d.workflow, d.state, 0) == WakerKind::kTimer);
    CHECK(d.feed(core::AttemptReported{0, 1, Succeeded{}, {}})->code == ErrorCode::kStaleFence);
    d.pass_time(100);
    d.admit();
    CHECK(d.at("a").attempt == 2);
    CHECK(d.at("a").resolutions.size() == 1);
}

TEST_CASE("attempt time-out: cancel, then force, then in doubt with the fence closed") {
    StepSpec a = step("a");
    a.attempt_timeout_ms = 1000;
    Driver d({a});
    d.admit();
    d.pass_time(1000);
    CHECK(d.at("a").cancel.reason == CancelReason::kTimeout);
    CHECK(d.commanded<core::CancelAttempt>() == 1);
    d.pass_time(30'000);
    CHECK(d.at("a").cancel.forced);
    d.pass_time(10'000);
    CHECK(d.status("a") == StepStatus::kInDoubt);
    CHECK(d.state.status == RunStatus::kBlocked);
    CHECK(d.holders.empty());
    CHECK(d.feed(core::AttemptReported{0, 1, Succeeded{}, {}})->code == ErrorCode::kStaleFence);
    CHECK(!d.act(SettleStep{StepId("a"), true, {"found it", false}, "looked"}));
    CHECK(d.state.status == RunStatus::kSucceeded);
}

TEST_CASE(
    "a timed-out attempt that fails is a time-out and follows the retry policy; one that succeeds has "
    "succeeded") {
    StepSpec a = step("a");
    a.attempt_timeout_ms = 1000;
    a.retry.attempts_max = 2;
    Driver d({a});
    d.admit();
    d.pass_time(1000);
    Driver well = d;
    d.report("a", Failed{});
    CHECK(d.status("a") == StepStatus::kBackingOff);
    CHECK(d.at("a").failure.failure_class == FailureClass::kTimeout);
    well.report("a", Succeeded{});
    CHECK(well.state.status == RunStatus::kSucceeded);
}

TEST_CASE("step time-out spans retries and waits, and leaves no retry") {
    StepSpec a = step("a");
    a.step_timeout_ms = 5000;
    a.retry.attempts_max = 100;
    a.retry.jitter_percent = 0;
    Driver running({a});
    running.admit();
    running.pass_time(5000);
    running.report("a", Failed{});
    CHECK(running.status("a") == StepStatus::kFailed);
    CHECK(running.at("a").failure.failure_class == FailureClass::kTimeout);
    Driver backing({a});
    for (int i = 0; i < 2; ++i) {
        backing.fail("a", FailureClass::kTransient);
        backing.pass_time(i == 0 ? 1000 : 2000);
    }
    backing.fail("a", FailureClass::kTransient);
    backing.pass_time(2000);
    CHECK(backing.status("a") == StepStatus::kFailed);
    CHECK(!backing.act(RetryStep{StepId("a")}));
    CHECK(backing.at("a").step_deadline_ms == backing.moment.now_ms + 5000);
}

TEST_CASE("run deadline stops the run") {
    Driver d(build({step("a"), step("b", {"a"})}, 10'000));
    d.admit();
    d.pass_time(10'000);
    CHECK(d.status("b") == StepStatus::kCancelled);
    d.report("a", Failed{});
    CHECK(d.state.status == RunStatus::kFailed);
    CHECK(d.state.reason.find("deadline") != std::string::npos);
}

TEST_CASE("a run ends once: what comes after it decides nothing") {
    Driver d(build({step("a")}, 10'000));
    d.succeed("a");
    CHECK(d.count("run_finished") == 1);
    CHECK(!d.feed(core::TimerFired{kNoStep, core::TimerKind::kRunDeadline, 11'000}));
    CHECK(d.last_commands.empty());
    CHECK(!d.feed(core::StepAdmitted{0, ResolvedInput{}, {}}));
    CHECK(d.commanded<core::ReturnPlace>() == 1);
    CHECK(d.last_commands.size() == 1);
    CHECK(core::resume(d.workflow, d.state).empty());
}

TEST_CASE("stale timers decide nothing") {
    Driver d({step("a")});
    d.admit();
    const auto seq = d.state.seq;
    for (std::uint8_t kind = 1; kind <= 7; ++kind) {
        for (const TimeMs due : {TimeMs{0}, TimeMs{1}, TimeMs{1000}}) {
            CHECK(!d.feed(core::TimerFired{0, static_cast<core::TimerKind>(kind), due}));
        }
    }
    CHECK(d.state.seq == seq);
}

TEST_CASE("cancel: waiting and pending steps at once, running ones cooperatively, succeeded ones stay") {
    Driver d({step("a"), step("b", {"a"}), gate("g"), timer("t", 1000), step("x"), step("y", {"x"})});
    d.succeed("a");
    d.admit();
    CHECK(!d.act(CancelRun{"enough"}));
    CHECK(d.status("a") == StepStatus::kSucceeded);
    CHECK(d.status("g") == StepStatus::kCancelled);
    CHECK(d.status("t") == StepStatus::kCancelled);
    CHECK(d.status("y") == StepStatus::kCancelled);
    CHECK(d.state.status == RunStatus::kRunning);
    d.report("b", Succeeded{});
    d.report("x", Failed{});
    CHECK(d.status("b") == StepStatus::kSucceeded);
    CHECK(d.status("x") == StepStatus::kCancelled);
    CHECK(d.state.status == RunStatus::kCancelled);
    CHECK(d.state.reason == "cancelled by ana: enough");
    CHECK(d.commanded<core::EndRun>() == 1);
}

TEST_CASE("a cancelled run with an in-doubt step ends only once that is settled") {
    Driver d({step("a"), step("b")});
    d.admit();
    d.report("a", InDoubt{"who knows", {"log", false}});
    CHECK(d.at("a").evidence.size() == 1);
    CHECK(!d.act(CancelRun{}));
    d.report("b", Failed{});
    CHECK(d.state.status == RunStatus::kBlocked);
    CHECK(d.act(CancelRun{})->code == ErrorCode::kRefused);
    CHECK(!d.act(SettleStep{StepId("a"), false, {}, {}}));
    CHECK(d.state.status == RunStatus::kCancelled);
}

TEST_CASE("pause: tickets go back, running steps go on, timers make ready only") {
    Driver d({step("a"), step("b"), step("c", {"a"}), timer("t", 100), step("u", {"t"})});
    d.admit_one(d.index("a"));
    d.admit_one(d.index("t"));
    CHECK(!d.act(PauseRun{}));
    CHECK(d.wanted.empty());
    CHECK(d.state.status == RunStatus::kPaused);
    d.report("a", Succeeded{});
    d.pass_time(100);
    CHECK(d.status("c") == StepStatus::kReady);
    CHECK(d.status("u") == StepStatus::kReady);
    CHECK(d.wanted.empty());
    CHECK(core::waker(d.workflow, d.state, d.index("u")) == WakerKind::kOperator);
    CHECK(!d.act(ResumeRun{}));
    CHECK(d.wanted.size() == 3);
}
