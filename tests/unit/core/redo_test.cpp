// Sections and rounds: the closure of a redo, what it waits for, how often it may be.
#include "tests/unit/core/driver.hpp"

using namespace slipway;
using namespace slipway::test;

namespace {

/// One change (plan -> apply) and two that depend on it or do not.
std::vector<StepSpec> two_changes() {
    return {in_section(step("plan"), "s"),          in_section(step("apply", {"plan"}), "s"),
            in_section(step("p2", {"apply"}), "t"), in_section(step("a2", {"p2"}), "t"),
            in_section(step("side"), "t"),          step("other")};
}

StepSpec used_once(StepSpec s, std::uint32_t attempts = 1) {
    s.retry_mode = RetryMode::kNewRound;
    s.retry.attempts_max = attempts;
    return s;
}

}  // namespace

TEST_CASE("redo takes the section and whole every section that depends on it, and nothing else") {
    Driver d(two_changes());
    d.succeed("plan");
    d.succeed("apply");
    d.succeed("p2");
    CHECK(!d.act(RedoSection{StepId("plan"), "again"}));
    CHECK(d.state.redo_root != kNoStep);
    CHECK(d.at("side").cancel.reason == CancelReason::kRedo);
    CHECK(d.at("other").cancel.reason == CancelReason::kNone);
    d.report("side", Failed{});
    CHECK(d.status("side") == StepStatus::kCancelled);
    d.report("a2", Succeeded{});
    CHECK(d.count("round_opened") == 1);
    for (const char* id : {"plan", "apply", "p2", "a2", "side"}) {
        CHECK(d.at(id).round == 2);
        CHECK(d.at(id).attempt == 0);
    }
    CHECK(d.at("other").round == 1);
    CHECK(d.status("side") == StepStatus::kReady);
    CHECK(d.status("a2") == StepStatus::kPending);
    CHECK(d.at("a2").fence == 1);
}

TEST_CASE("late reports of an older round are refused by their fence") {
    Driver d(two_changes());
    d.succeed("plan");
    CHECK(!d.act(RedoSection{StepId("plan"), {}}));
    d.report("apply", Failed{});
    d.report("side", Failed{});
    d.admit();
    CHECK(d.at("plan").fence == 2);
    const auto no = d.feed(core::AttemptReported{d.index("plan"), 1, Succeeded{}, {}});
    REQUIRE(no);
    CHECK(no->code == ErrorCode::kStaleFence);
    CHECK(d.feed(core::EvidenceReported{d.index("plan"), 1, {}})->code == ErrorCode::kStaleFence);
}

TEST_CASE("nothing of the closure starts while the redo waits, everything else does") {
    Driver d({in_section(step("a"), "s"), in_section(step("b"), "s"), step("c", {"a"}), step("free"),
              step("free2", {"free"})});
    d.admit_one(0);
    CHECK(!d.act(RedoSection{StepId("a"), {}}));
    CHECK(d.wanted.count(d.index("b")) == 0);
    d.succeed("free");
    CHECK(d.status("free2") == StepStatus::kRunning);
    CHECK(d.status("b") == StepStatus::kReady);
    CHECK(core::waker(d.workflow, d.state, d.index("b")) == WakerKind::kAttempt);
    d.report("a", Succeeded{});
    CHECK(d.at("b").round == 2);
    CHECK(d.wanted.count(d.index("b")) == 1);
}

TEST_CASE("an in-doubt step refuses an operator's redo and blocks an automatic one until it is settled") {
    Driver d({in_section(step("a"), "s"), in_section(step("b"), "s")});
    d.admit();
    d.report("a", InDoubt{"no witness", {}});
    const auto no = d.act(RedoSection{StepId("b"), {}});
    REQUIRE(no);
    CHECK(no->hint == "settle it first");
    d.report("b", Redo{"plan is stale"});
    CHECK(d.state.redo_root == d.index("b"));
    CHECK(d.state.status == RunStatus::kBlocked);
    CHECK(core::waker(d.workflow, d.state, d.index("a")) == WakerKind::kOperator);
    CHECK(!d.act(SettleStep{StepId("a"), false, {}, {}}));
    CHECK(d.at("a").round == 2);
    CHECK(d.state.status == RunStatus::kRunning);
}

TEST_CASE("a kind whose plan is used once is retried by redo, as often as its policy says") {
    Driver d({in_section(step("plan"), "s"), in_section(used_once(step("apply", {"plan"}), 3), "s")});
    for (std::uint32_t round = 1; round <= 2; ++round) {
        d.succeed("plan");
        d.fail("apply", FailureClass::kTransient);
        CHECK(d.at("apply").round == round + 1);
        CHECK(d.at("apply").failures == round);
    }
    d.succeed("plan");
    d.fail("apply", FailureClass::kTransient);
    CHECK(d.status("apply") == StepStatus::kFailed);
    CHECK(d.state.status == RunStatus::kBlocked);
    CHECK(!d.act(RetryStep{StepId("apply")}));
    CHECK(d.at("plan").round == 4);
    CHECK(d.at("apply").failures == 0);
    CHECK(d.state.auto_rounds[0] == 2);
}

TEST_CASE("rounds that executors ask for are limited per section, then the step fails") {
    Driver d(build({in_section(step("plan"), "s"), in_section(step("apply", {"plan"}), "s")}, 0, 2));
    for (int i = 0; i < 2; ++i) {
        d.succeed("plan");
        d.report("apply", Redo{"drifted"});
        d.admit();
    }
    CHECK(d.at("plan").round == 3);
    d.succeed("plan");
    d.report("apply", Redo{"drifted"});
    CHECK(d.status("apply") == StepStatus::kFailed);
    CHECK(d.state.status == RunStatus::kBlocked);
    CHECK(!d.act(RedoSection{StepId("apply"), "I looked at it"}));
    CHECK(d.at("plan").round == 4);
}

TEST_CASE("cancel wins over a redo that waits") {
    Driver d({in_section(step("a"), "s"), in_section(step("b"), "s")});
    d.admit();
    CHECK(!d.act(RedoSection{StepId("a"), {}}));
    CHECK(!d.act(CancelRun{}));
    CHECK(d.state.redo_root == kNoStep);
    d.report("a", Failed{});
    d.report("b", Succeeded{});
    CHECK(d.state.status == RunStatus::kCancelled);
    CHECK(d.count("round_opened") == 0);
}

TEST_CASE("a second redo joins the one that waits, and one round opens for both") {
    Driver d({step("a"), step("b"), step("c", {"b"})});
    d.admit();
    CHECK(!d.act(RedoSection{StepId("a"), "one"}));
    CHECK(!d.act(RedoSection{StepId("b"), "two"}));
    d.report("a", Failed{});
    CHECK(d.at("a").round == 1);
    d.report("b", Failed{});
    CHECK(d.at("a").round == 2);
    CHECK(d.at("c").round == 2);
    CHECK(d.count("round_opened") == 1);
}

TEST_CASE("a reader of something skipped outside its section is skipped again in the next round") {
    Driver d({step("x"), in_section(step("a"), "s"), in_section(step("b", {"a"}, {}), "s")});
    StepSpec reader = step("r", {"x", "a"});
    Driver e({step("x"), in_section(step("a"), "s"), in_section(reader, "s")});
    CHECK(!e.act(SkipStep{StepId("x"), SkipMode::kGoOn, {}}));
    CHECK(e.status("r") == StepStatus::kSkipped);
    e.admit();
    e.report("a", Redo{"again"});
    CHECK(e.at("r").round == 2);
    CHECK(e.status("r") == StepStatus::kSkipped);
    e.succeed("a");
    CHECK(e.state.status == RunStatus::kSucceeded);
}

TEST_CASE("partial after a crash: redo of the section, or in doubt where there is none") {
    Driver d({in_section(step("a"), "s"), step("b")});
    d.admit();
    d.crash();
    CHECK(!d.feed(core::AttemptReconciled{0, 1, Partial{"half"}, {}}));
    CHECK(d.at("a").round == 2);
    CHECK(!d.feed(core::AttemptReconciled{1, 1, Partial{"half"}, {}}));
    CHECK(d.status("b") == StepStatus::kInDoubt);
}

TEST_CASE(
    "partial after a crash, and the executor goes on: another attempt of the same round, gates stay "
    "answered") {
    StepSpec gate = in_section(step("g"), "s");
    gate.type = StepType::kGate;
    gate.kind = "gate";
    Driver d({gate, in_section(step("a", {"g"}), "s"), step("b")});
    d.admit();
    CHECK(!d.answer("g", slipway::Decision::kApprove));
    d.admit();
    const auto fence = d.at("a").fence;
    d.crash();
    CHECK(!d.feed(core::AttemptReconciled{1, fence, Partial{"half", true}, {}}));
    CHECK(d.at("a").round == 1);
    CHECK(d.status("g") == StepStatus::kSucceeded);
    CHECK(d.status("a") == StepStatus::kReady);
    CHECK(!d.feed(core::AttemptReconciled{2, d.at("b").fence, Partial{"half", true}, {}}));
    CHECK(d.status("b") == StepStatus::kReady);
    d.admit();
    CHECK(d.at("a").fence > fence);
    d.succeed("a");
    d.succeed("b");
    CHECK(d.state.status == RunStatus::kSucceeded);
}

TEST_CASE("partial after a crash, and the run was cancelled: it ends there, whatever the executor would do") {
    Driver d({in_section(step("a"), "s")});
    d.admit();
    CHECK(!d.act(CancelRun{}));
    d.crash();
    CHECK(!d.feed(core::AttemptReconciled{0, d.at("a").fence, Partial{"half", true}, {}}));
    CHECK(d.status("a") == StepStatus::kFailed);
}
