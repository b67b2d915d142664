// Gates: an approval releases exactly the round and digest that were shown (promise G7).
#include "tests/unit/core/driver.hpp"

using namespace slipway;
using namespace slipway::test;
using GateDecision = slipway::Decision;

namespace {

/// plan -> gate -> apply, one section; after: reads apply.
std::vector<StepSpec> change() {
    return {in_section(step("plan"), "s"), in_section(gate("gate", {"plan"}), "s"),
            in_section(step("apply", {"gate"}), "s"), step("after", {"apply"}), step("later", {}, {"apply"})};
}

Driver at_gate() {
    Driver d(change());
    d.succeed("plan");
    return d;
}

}  // namespace

TEST_CASE("a gate opens with what it shows and approves for exactly that") {
    Driver d = at_gate();
    CHECK(d.status("gate") == StepStatus::kWaiting);
    CHECK(core::waker(d.workflow, d.state, d.index("gate")) == WakerKind::kGate);
    CHECK(!d.answer("gate", GateDecision::kApprove));
    CHECK(d.status("gate") == StepStatus::kSucceeded);
    CHECK(d.at("gate").output.bytes == "brought");
    CHECK(d.status("apply") == StepStatus::kReady);
}

TEST_CASE("what a gate showed is not kept once it is decided, however it was; its digest is") {
    for (const auto decision : {GateDecision::kApprove, GateDecision::kDeny, GateDecision::kRetryPlan}) {
        Driver d(change());
        d.inputs[d.index("gate")] = {"a plan", false};
        d.succeed("plan");
        const Digest shown = d.at("gate").shown;
        CHECK(!d.at("gate").what.bytes.empty());
        CHECK(!d.answer("gate", decision));
        CHECK(d.at("gate").what.bytes.empty());
        CHECK((decision == GateDecision::kRetryPlan || d.at("gate").shown == shown));
    }
}

TEST_CASE("an answer for another digest or round is a conflict, and nothing moves") {
    Driver d = at_gate();
    GateAnswer a{StepId("gate"), 1, Digest{}, GateDecision::kApprove, {}, {}, {}};
    auto no = d.act(AnswerGate{a});
    REQUIRE(no);
    CHECK(no->code == ErrorCode::kConflict);
    a.shown = d.at("gate").shown;
    a.round = 2;
    no = d.act(AnswerGate{a});
    REQUIRE(no);
    CHECK(no->code == ErrorCode::kConflict);
    CHECK(d.status("gate") == StepStatus::kWaiting);
}

TEST_CASE("a second answer is refused") {
    Driver d = at_gate();
    CHECK(!d.answer("gate", GateDecision::kApprove));
    const auto no = d.answer("gate", GateDecision::kDeny);
    REQUIRE(no);
    CHECK(no->code == ErrorCode::kRefused);
    CHECK(no->message.find("decided already: approve") != std::string::npos);
}

TEST_CASE("deny and expiry fail the gate and are never retried by themselves") {
    std::vector<StepSpec> steps = change();
    steps[1].gate.expires_after_ms = 500;
    steps[1].retry.attempts_max = 5;
    steps[1].retry.retry_on = {FailureClass::kDenied, FailureClass::kExpired};
    Driver denied(steps);
    denied.succeed("plan");
    CHECK(!denied.answer("gate", GateDecision::kDeny));
    CHECK(denied.status("gate") == StepStatus::kFailed);
    CHECK(denied.at("gate").failure.failure_class == FailureClass::kDenied);
    CHECK(denied.state.status == RunStatus::kBlocked);
    Driver expired(steps);
    expired.succeed("plan");
    expired.pass_time(500);
    CHECK(expired.status("gate") == StepStatus::kFailed);
    CHECK(expired.at("gate").failure.failure_class == FailureClass::kExpired);
    CHECK(!expired.act(RetryStep{StepId("gate")}));
    expired.admit();
    CHECK(expired.status("gate") == StepStatus::kWaiting);
}

TEST_CASE("roles: the answer needs one that the gate names and the principal has") {
    std::vector<StepSpec> steps = change();
    steps[1].gate.roles = {"security", "lead"};
    Driver d(steps);
    d.succeed("plan");
    const auto no = d.answer("gate", GateDecision::kApprove, Principal{"bob", {"developer"}});
    REQUIRE(no);
    CHECK(no->code == ErrorCode::kForbidden);
    GateAnswer a{StepId("gate"), 1, d.at("gate").shown, GateDecision::kApprove, "security", {}, {}};
    CHECK(d.act(AnswerGate{a})->code == ErrorCode::kForbidden);
    CHECK(!d.answer("gate", GateDecision::kApprove));
    const auto& decided = std::get<GateDecided>((d.events.end() - 3)->body);
    CHECK(decided.role == "lead");
    CHECK(decided.by.name == "ana");
}

TEST_CASE("approve all gives open and future approvals, but not to who lacks the role") {
    Driver open = at_gate();
    CHECK(!open.act(SetApproveAll{true}));
    CHECK(open.status("gate") == StepStatus::kSucceeded);
    Driver future(change(), true);
    future.succeed("plan");
    CHECK(future.status("gate") == StepStatus::kSucceeded);
    CHECK(future.count("gate_decided") == 1);
    std::vector<StepSpec> steps = change();
    steps[1].gate.roles = {"security"};
    Driver guarded(steps, true);
    guarded.succeed("plan");
    CHECK(guarded.status("gate") == StepStatus::kWaiting);
}

TEST_CASE("nothing to approve passes as such and is never counted as approve all") {
    Driver d(change(), true);
    d.nothing_to_approve.insert(d.index("gate"));
    d.succeed("plan");
    CHECK(d.status("gate") == StepStatus::kSucceeded);
    CHECK(d.at("gate").decided == GateDecision::kNothingToApprove);
    std::vector<StepSpec> steps = change();
    steps[1].gate.pass_when_unchanged = false;
    Driver asks(steps);
    asks.nothing_to_approve.insert(asks.index("gate"));
    asks.succeed("plan");
    CHECK(asks.status("gate") == StepStatus::kWaiting);
    CHECK(asks.answer("gate", GateDecision::kNothingToApprove)->code == ErrorCode::kInvalidArgument);
}

TEST_CASE(
    "approve all leaves signals and call-backs alone; a signal brings its payload whatever digest it names") {
    StepSpec s = gate("go");
    s.gate.kind = GateKind::kSignal;
    Driver d({s}, true);
    d.admit();
    CHECK(d.status("go") == StepStatus::kWaiting);
    GateAnswer a{StepId("go"), 1, Digest{}, GateDecision::kApprove, {}, {}, {"payload", false}};
    CHECK(!d.act(AnswerGate{a}));
    CHECK(d.at("go").output.bytes == "payload");
    CHECK(d.state.status == RunStatus::kSucceeded);
}

TEST_CASE("retry plan opens the next round of the section") {
    Driver d = at_gate();
    CHECK(!d.answer("gate", GateDecision::kRetryPlan));
    CHECK(d.at("plan").round == 2);
    CHECK(d.at("gate").round == 2);
    CHECK(d.status("plan") == StepStatus::kReady);
    CHECK(d.status("gate") == StepStatus::kPending);
    CHECK(d.at("plan").fence == 1);
    const auto no = d.act(
        AnswerGate{GateAnswer{StepId("gate"), 1, Driver::shown(1), GateDecision::kApprove, {}, {}, {}}});
    REQUIRE(no);
    CHECK(no->code == ErrorCode::kConflict);
    d.succeed("plan");
    CHECK(d.status("gate") == StepStatus::kWaiting);
    CHECK(d.at("plan").fence == 2);
}

TEST_CASE("skip at the gate: the section is skipped, order edges go on, readers are skipped") {
    Driver d = at_gate();
    CHECK(!d.answer("gate", GateDecision::kSkip));
    CHECK(d.status("plan") == StepStatus::kSucceeded);
    CHECK(d.status("gate") == StepStatus::kSkipped);
    CHECK(d.status("apply") == StepStatus::kSkipped);
    CHECK(d.status("after") == StepStatus::kSkipped);
    CHECK(d.status("later") == StepStatus::kReady);
    d.succeed("later");
    CHECK(d.state.status == RunStatus::kSucceeded);
}

TEST_CASE("skip with dependents ends everything behind the gate") {
    Driver d = at_gate();
    CHECK(!d.answer("gate", GateDecision::kSkipWithDependents));
    CHECK(d.status("later") == StepStatus::kSkipped);
    CHECK(d.status("after") == StepStatus::kSkipped);
    CHECK(d.state.status == RunStatus::kSucceeded);
}

TEST_CASE("an approval can be taken back only while nothing behind it has started") {
    Driver d = at_gate();
    CHECK(!d.answer("gate", GateDecision::kApprove));
    CHECK(d.status("apply") == StepStatus::kReady);
    Driver late = d;
    CHECK(!d.answer("gate", GateDecision::kRevoke));
    CHECK(d.at("gate").round == 2);
    CHECK(d.at("apply").round == 2);
    CHECK(d.wanted == std::set<StepIndex>{d.index("plan")});
    late.admit();
    const auto no = late.answer("gate", GateDecision::kRevoke);
    REQUIRE(no);
    CHECK(no->code == ErrorCode::kRefused);
    CHECK(no->message.find("\"apply\" has started") != std::string::npos);
}

TEST_CASE("an attempt may wait at a gate: the answer reaches the next attempt and is no retry") {
    Driver d({step("a")});
    d.admit();
    d.report("a", WaitFor{WaitKind::kGate, 0, "drain", {"what", false}, 0});
    CHECK(d.status("a") == StepStatus::kWaiting);
    CHECK(d.holders.empty());
    CHECK(!d.answer("a", GateDecision::kApprove));
    d.admit();
    CHECK(d.status("a") == StepStatus::kRunning);
    CHECK(d.at("a").attempt == 2);
    CHECK(d.at("a").failures == 0);
    REQUIRE(d.at("a").resolutions.size() == 1);
    CHECK(d.at("a").resolutions[0].name == "drain");
}

TEST_CASE("gates can be answered while the run is paused or blocked") {
    Driver d = at_gate();
    CHECK(!d.act(PauseRun{}));
    CHECK(!d.answer("gate", GateDecision::kApprove));
    CHECK(d.status("apply") == StepStatus::kReady);
    CHECK(d.wanted.empty());
    CHECK(!d.act(ResumeRun{}));
    CHECK(d.wanted.size() == 1);
}

TEST_CASE("an approval cannot be passed over: no skip that goes on, and none settled as given") {
    for (const bool decided : {false, true}) {
        CAPTURE(decided);
        Driver d(change());
        if (decided) {
            d.succeed("plan");
            CHECK(!d.answer("gate", GateDecision::kDeny));
            REQUIRE(d.status("gate") == StepStatus::kFailed);
        }
        auto no = d.act(SkipStep{StepId("gate"), SkipMode::kGoOn, {}});
        REQUIRE(no);
        CHECK(no->code == ErrorCode::kRefused);
        no = d.act(SettleStep{StepId("gate"), true, {}, {}});
        REQUIRE(no);
        CHECK(no->code == ErrorCode::kRefused);
        CHECK(d.at("apply").attempt == 0);
        CHECK(!d.act(SkipStep{StepId("gate"), SkipMode::kSkip, {}}));
        CHECK(d.status("apply") == StepStatus::kSkipped);
    }
}
