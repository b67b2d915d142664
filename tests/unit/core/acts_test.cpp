// Every operator's act on a step in every status: carried out, or refused with a reason; never ignored.
#include "engine/core/counters.hpp"
#include "tests/unit/core/driver.hpp"

using namespace slipway;
using namespace slipway::test;

namespace {

/// "m" is undoing or undone: so its run is being unwound.
void unwind(Driver& d, StepIndex m) {
    d.state.unwind.asked = d.state.unwind.begun = d.state.cancel_asked = true;
    for (const char* other : {"before", "after"}) {
        core::change_step(d.workflow, d.state, d.index(other), [&](core::StepState& s) {
            s.status = StepStatus::kCancelled;
            s.undo.through = std::string(other) == "after";
        });
    }
    core::change_step(d.workflow, d.state, m, [](core::StepState& s) {
        s.undo.begun = true;
        s.undo.through = s.status == StepStatus::kUndone;
        s.undo.phase = s.undo.through ? UndoPhase::kNone : UndoPhase::kRunning;
    });
}

/// A run of three steps whose middle one, "m", has the status; built from plain data, so that also undoing
/// and undone are there.
Driver with_status(StepStatus status) {
    Driver d({step("before"), status == StepStatus::kWaiting ? gate("m") : step("m"), step("after", {"m"})});
    const StepIndex m = d.index("m");
    core::change_step(d.workflow, d.state, m, [&](core::StepState& s) {
        s.status = status;
        s.fence = 1;
        s.attempt = 1;
        s.wait_kind = WaitKind::kGate;
    });
    if (status == StepStatus::kUndoing || status == StepStatus::kUndone) {
        unwind(d, m);
    }
    if (status == StepStatus::kSucceeded || status == StepStatus::kSkipped) {
        d.state.steps[d.index("after")].unmet = 0;
    }
    return d;
}

const StepId kM("m");

/// By act: the statuses in which it is carried out.
struct Row {
    const char* name;
    OperatorAct act;
    std::set<StepStatus> carried_out;
};

std::vector<Row> rows() {
    using S = StepStatus;
    GateAnswer approve;
    approve.step = kM;
    approve.round = 1;
    GateAnswer deny = approve;
    deny.decision = slipway::Decision::kDeny;
    GateAnswer replan = approve;
    replan.decision = slipway::Decision::kRetryPlan;
    GateAnswer skip = approve;
    skip.decision = slipway::Decision::kSkip;
    GateAnswer revoke = approve;
    revoke.decision = slipway::Decision::kRevoke;
    const std::set<S> all{S::kPending, S::kReady,   S::kRunning,   S::kBackingOff, S::kWaiting, S::kSucceeded,
                          S::kFailed,  S::kSkipped, S::kCancelled, S::kInDoubt,    S::kUndoing, S::kUndone};
    std::set<S> redo = all;
    redo.erase(S::kInDoubt);
    redo.erase(S::kUndoing);
    redo.erase(S::kUndone);
    std::set<S> not_unwinding = redo;
    not_unwinding.insert(S::kInDoubt);
    return {
        {"approve", AnswerGate{approve}, {S::kWaiting}},
        {"deny", AnswerGate{deny}, {S::kWaiting}},
        {"retry plan", AnswerGate{replan}, {S::kWaiting}},
        {"skip at the gate", AnswerGate{skip}, {S::kWaiting}},
        {"revoke", AnswerGate{revoke}, {}},
        {"retry", RetryStep{kM}, {S::kBackingOff, S::kFailed}},
        {"skip", SkipStep{kM, SkipMode::kGoOn, {}}, {S::kPending, S::kReady, S::kBackingOff, S::kFailed}},
        {"skip with dependents",
         SkipStep{kM, SkipMode::kSkip, {}},
         {S::kPending, S::kReady, S::kBackingOff, S::kFailed}},
        {"settle as succeeded", SettleStep{kM, true, {}, {}}, {S::kFailed, S::kInDoubt}},
        {"settle as failed", SettleStep{kM, false, {}, {}}, {S::kInDoubt}},
        {"redo", RedoSection{kM, "why"}, redo},
        {"approve all", SetApproveAll{true}, all},
        {"pause", PauseRun{}, all},
        {"resume", ResumeRun{}, {}},
        {"cancel", CancelRun{}, not_unwinding},
        {"stop", StopRun{}, not_unwinding},
        {"undo", UndoRun{}, not_unwinding},
    };
}

}  // namespace

TEST_CASE("every operator's act in every status") {
    for (const Row& row : rows()) {
        for (std::uint8_t n = 1; n <= kStepStatusCount; ++n) {
            const auto status = static_cast<StepStatus>(n);
            CAPTURE(row.name);
            CAPTURE(to_string(status));
            Driver d = with_status(status);
            const core::Decision decided =
                core::decide(d.workflow, d.state, core::Operate{row.act, kAna}, d.moment);
            if (row.carried_out.count(status) != 0) {
                CHECK_MESSAGE(!decided.refused, (decided.refused ? decided.refused->message : std::string()));
                CHECK_FALSE(decided.events.empty());
            } else {
                REQUIRE(decided.refused);
                CHECK(decided.refused->error_class == ErrorClass::kUsage);
                CHECK(decided.refused->message.find("run \"r\"") != std::string::npos);
                CHECK(decided.events.empty());
                CHECK(decided.commands.empty());
            }
        }
    }
}

TEST_CASE("a run that has ended refuses every act with how it ended") {
    Driver d({step("m")});
    d.succeed("m");
    for (const Row& row : rows()) {
        CAPTURE(row.name);
        const auto no = d.act(row.act);
        REQUIRE(no);
        CHECK(no->code == ErrorCode::kRefused);
        CHECK(no->message.find("the run has ended: succeeded") != std::string::npos);
    }
}

TEST_CASE("unknown steps and nameless principals") {
    Driver d({step("a")});
    const StepId none("nowhere");
    GateAnswer answer;
    answer.step = none;
    for (const OperatorAct& act :
         std::vector<OperatorAct>{AnswerGate{answer}, RetryStep{none}, SkipStep{none, SkipMode::kGoOn, {}},
                                  SettleStep{none, true, {}, {}}, RedoSection{none, {}}}) {
        const auto no = d.act(act);
        REQUIRE(no);
        CHECK(no->code == ErrorCode::kNotFound);
        CHECK(no->message.find("\"nowhere\"") != std::string::npos);
    }
    CHECK(d.act(PauseRun{}, Principal{})->code == ErrorCode::kInvalidArgument);
    CHECK(d.act(SkipStep{StepId("a"), static_cast<SkipMode>(9), {}})->code == ErrorCode::kInvalidArgument);
}

TEST_CASE("garbage input: unknown steps, fences and repeated admissions leave the state as it is") {
    Driver d({step("a"), gate("g")});
    d.admit();
    const auto refused = [&](const core::Input& input, ErrorCode code) {
        const auto no = d.feed(input);
        REQUIRE(no);
        CHECK(no->code == code);
    };
    refused(core::AttemptReported{7, 1, Succeeded{}, {}}, ErrorCode::kNotFound);
    refused(core::StepAdmitted{kNoStep, ResolvedInput{}, {}}, ErrorCode::kNotFound);
    refused(core::TimerFired{7, core::TimerKind::kWait, 5}, ErrorCode::kNotFound);
    refused(core::ExecutorMissing{7}, ErrorCode::kNotFound);
    refused(core::ExecutorMissing{1}, ErrorCode::kRefused);
    refused(core::AttemptReported{0, 9, Succeeded{}, {}}, ErrorCode::kStaleFence);
    refused(core::AttemptReported{1, 0, Succeeded{}, {}}, ErrorCode::kStaleFence);
    refused(core::StepAdmitted{0, ResolvedInput{}, {}}, ErrorCode::kRefused);
    CHECK(!d.feed(core::StepAdmitted{1, ResolvedInput{}, {}}));
    CHECK(d.last_commands.empty());
}

TEST_CASE("skip: order edges go on, readers are skipped, transitively; or everything behind it") {
    Driver d({step("a"), step("reads", {"a"}), step("reads2", {"reads"}), step("ordered", {}, {"a"}),
              step("o2", {}, {"reads"})});
    CHECK(!d.act(SkipStep{StepId("a"), SkipMode::kGoOn, "not needed"}));
    CHECK(d.status("reads") == StepStatus::kSkipped);
    CHECK(d.status("reads2") == StepStatus::kSkipped);
    CHECK(d.status("ordered") == StepStatus::kReady);
    CHECK(d.status("o2") == StepStatus::kReady);
    Driver e({step("a"), step("ordered", {}, {"a"}), step("o2", {}, {"ordered"}), step("free")});
    CHECK(!e.act(SkipStep{StepId("a"), SkipMode::kSkip, {}}));
    CHECK(e.status("ordered") == StepStatus::kSkipped);
    CHECK(e.status("o2") == StepStatus::kSkipped);
    CHECK(e.status("free") == StepStatus::kReady);
}

TEST_CASE("a step that may not be skipped says so") {
    StepSpec a = step("a");
    a.skippable = false;
    Driver d({a});
    d.fail("a");
    CHECK(d.act(SkipStep{StepId("a"), SkipMode::kGoOn, {}})->code == ErrorCode::kRefused);
}

TEST_CASE("settling a failed step as succeeded frees its dependents and the run") {
    Driver d({step("a"), step("b", {"a"})});
    d.fail("a");
    CHECK(!d.act(SettleStep{StepId("a"), true, {"by hand", false}, "did it"}));
    CHECK(d.state.status == RunStatus::kRunning);
    CHECK(d.at("a").output.bytes == "by hand");
    d.succeed("b");
    CHECK(d.state.status == RunStatus::kSucceeded);
}

TEST_CASE("while blocked, the reason follows what still needs somebody") {
    Driver d({step("a"), step("b")});
    d.admit();
    d.fail("a");
    d.report("b", Failed{});
    CHECK(d.state.reason.find("\"a\"") != std::string::npos);
    CHECK(!d.act(SettleStep{StepId("a"), true, {}, {}}));
    CHECK(d.state.status == RunStatus::kBlocked);
    CHECK(d.state.reason.find("\"b\"") != std::string::npos);
}
