// Undo of steps in unusual standings: no executor, earlier rounds, no attempt at all (promise G6).
#include "tests/unit/core/undo_kit.hpp"

using namespace slipway;
using namespace slipway::test;

TEST_CASE("an executor that is not there holds an undo up, and says so") {
    Driver d = chain_of_three();
    CHECK(!d.act(UndoRun{}));
    CHECK(!d.feed(core::ExecutorMissing{d.index("c")}));
    CHECK(d.state.status == RunStatus::kBlocked);
    CHECK(core::waker(d.workflow, d.state, d.index("c")) == WakerKind::kOperator);
    CHECK(!d.act(RetryStep{StepId("c")}));
    CHECK(d.state.status == RunStatus::kUnwinding);
    d.admit();
    CHECK(core::has_attempt(d.at("c")));
}

TEST_CASE("an undo whose executor is not there can be left, so that the run ends") {
    Driver d({undoable("a"), gate("open")});
    d.succeed("a");
    CHECK(!d.act(UndoRun{}));
    CHECK(!d.feed(core::ExecutorMissing{0}));
    const auto offered = core::explain_step(d.workflow, d.state, 0).next;
    CHECK(std::find(offered.begin(), offered.end(), "skip") != offered.end());
    CHECK(!d.act(SkipStep{StepId("a"), SkipMode::kGoOn, "gone for good"}));
    CHECK(d.state.status == RunStatus::kUnwound);
    CHECK(standing(d, "a") == UndoStanding::kLeft);
}

TEST_CASE("what an earlier round did is listed as not undone, not as nothing") {
    StepSpec plan = in_section(step("plan"), "s");
    StepSpec apply = in_section(undoable("apply", {"plan"}), "s");
    Driver d({plan, apply, gate("open", {"apply"})});
    d.succeed("plan");
    d.succeed("apply");
    CHECK(!d.act(RedoSection{StepId("plan"), "again"}));
    d.admit();
    CHECK(!d.act(UndoRun{}));
    d.report("plan", Failed{});
    CHECK(d.state.status == RunStatus::kUnwound);
    CHECK(standing(d, "apply") == UndoStanding::kNoUndo);
    CHECK(d.state.reason.find("an earlier round of it succeeded") != std::string::npos);
}

TEST_CASE("a step that was settled without ever having had an attempt can be undone, also over a crash") {
    Driver d({undoable("a"), gate("open")});
    Result<ResolvedInput> bad = authoring_error("no such input");
    CHECK(!d.feed(core::StepAdmitted{0, std::move(bad), {}}));
    CHECK(d.status("a") == StepStatus::kFailed);
    CHECK(!d.act(SettleStep{StepId("a"), true, {"by hand", false}, ""}));
    CHECK(!d.act(UndoRun{}));
    d.admit();
    CHECK(core::has_attempt(d.at("a")));
    CHECK(!core::check_invariants(d.workflow, d.state));
    d.crash();
    CHECK(!core::check_invariants(d.workflow, d.state));
    CHECK(!d.feed(core::AttemptReconciled{0, d.at("a").fence, Finished{Succeeded{}}, {}}));
    CHECK(d.state.status == RunStatus::kUnwound);
}
