// The plain way of a run: dependencies, outcomes, retries, failure policies, the end.
#include "tests/unit/core/driver.hpp"

using namespace slipway;
using namespace slipway::test;

TEST_CASE("a chain runs in order and the run succeeds") {
    Driver d({step("a"), step("b", {"a"}), step("c", {"b"})});
    CHECK(d.status("a") == StepStatus::kReady);
    CHECK(d.status("b") == StepStatus::kPending);
    d.succeed("a");
    CHECK(d.status("b") == StepStatus::kRunning);
    d.succeed("b");
    d.succeed("c");
    CHECK(d.state.status == RunStatus::kSucceeded);
    CHECK(d.holders.empty());
    CHECK(d.at("b").output.bytes == "out");
}

TEST_CASE("finishing a step and asking for its successors' places is one decision") {
    Driver d({step("a"), step("b", {"a"}), step("c", {"a"})});
    d.admit();
    d.report("a", Succeeded{});
    CHECK(d.commanded<core::RequestPlace>() == 2);
    CHECK(d.commanded<core::ReturnPlace>() == 1);
}

TEST_CASE("a transient failure is tried again after its delay, in the same round with a new fence") {
    StepSpec a = step("a");
    a.retry.attempts_max = 3;
    a.retry.jitter_percent = 0;
    Driver d({a});
    d.fail("a", FailureClass::kTransient);
    CHECK(d.status("a") == StepStatus::kBackingOff);
    CHECK(d.at("a").due_ms == 2000);
    CHECK(d.holders.empty());
    d.pass_time(1000);
    d.admit();
    CHECK(d.status("a") == StepStatus::kRunning);
    CHECK(d.at("a").attempt == 2);
    CHECK(d.at("a").fence == 2);
    d.fail("a", FailureClass::kTransient);
    CHECK(d.at("a").due_ms == 4000);
    d.pass_time(2000);
    d.fail("a", FailureClass::kTransient);
    CHECK(d.status("a") == StepStatus::kFailed);
    CHECK(d.state.status == RunStatus::kBlocked);
}

TEST_CASE("retry_after wins over the policy, and a permanent failure is never tried again") {
    StepSpec a = step("a");
    a.retry.attempts_max = 9;
    Driver d({a});
    d.admit();
    StepFailure f;
    f.failure_class = FailureClass::kTransient;
    f.retry_after_ms = 77'000;
    d.report("a", Failed{f});
    CHECK(d.at("a").due_ms == 78'000);
    d.pass_time(77'000);
    d.fail("a", FailureClass::kPermanent);
    CHECK(d.status("a") == StepStatus::kFailed);
}

TEST_CASE("block: nothing new starts until somebody acts, then everything goes on") {
    Driver d({step("a"), step("b"), step("c", {"b"})});
    d.admit();
    d.fail("a");
    CHECK(d.state.status == RunStatus::kBlocked);
    d.report("b", Succeeded{});
    CHECK(d.status("c") == StepStatus::kReady);
    CHECK(d.wanted.empty());
    CHECK(core::waker(d.workflow, d.state, d.index("c")) == WakerKind::kOperator);
    CHECK(!d.act(RetryStep{StepId("a")}));
    CHECK(d.state.status == RunStatus::kRunning);
    CHECK(d.wanted.size() == 2);
    d.succeed("a");
    d.succeed("c");
    CHECK(d.state.status == RunStatus::kSucceeded);
}

TEST_CASE("go on: independent branches continue, and the run is blocked when nothing else can move") {
    StepSpec a = step("a");
    a.on_failure = FailurePolicy::kGoOn;
    Driver d({a, step("x", {"a"}), step("b"), step("c", {"b"})});
    d.fail("a");
    CHECK(d.state.status == RunStatus::kRunning);
    d.succeed("b");
    CHECK(d.status("c") == StepStatus::kRunning);
    d.succeed("c");
    CHECK(d.state.status == RunStatus::kBlocked);
    CHECK(d.status("x") == StepStatus::kPending);
}

TEST_CASE("stop: the rest is cancelled and the run ends failed once nothing runs") {
    StepSpec a = step("a");
    a.on_failure = FailurePolicy::kStop;
    Driver d({a, step("b"), step("c", {"b"})});
    d.admit();
    d.fail("a");
    CHECK(d.status("c") == StepStatus::kCancelled);
    CHECK(d.at("b").cancel.reason == CancelReason::kRunStopped);
    CHECK(d.state.status == RunStatus::kRunning);
    d.report("b", Failed{});
    CHECK(d.state.status == RunStatus::kFailed);
    CHECK(d.status("b") == StepStatus::kCancelled);
    CHECK(d.status("a") == StepStatus::kFailed);
}

TEST_CASE("an input that cannot be resolved fails the step as authoring and gives the place back") {
    Driver d({step("a")});
    CHECK(!d.feed(core::StepAdmitted{0, authoring_error("no such output"), {}}));
    CHECK(d.status("a") == StepStatus::kFailed);
    CHECK(d.at("a").failure.failure_class == FailureClass::kAuthoring);
    CHECK(d.commanded<core::ReturnPlace>() == 1);
}
