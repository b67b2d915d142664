// Undo: last first, never stranded, and what is left is listed (promise G6).
#include "tests/unit/core/undo_kit.hpp"

using namespace slipway;
using namespace slipway::test;

TEST_CASE("undo runs in reverse topological order, one behind the other, and ends unwound") {
    Driver d = chain_of_three();
    CHECK(!d.act(UndoRun{"wrong region"}));
    CHECK(d.state.status == RunStatus::kUnwinding);
    CHECK(d.status("open") == StepStatus::kCancelled);
    d.admit();
    for (const char* id : {"c", "b", "a"}) {
        CAPTURE(id);
        for (const char* other : {"a", "b", "c"}) {
            CHECK(core::has_attempt(d.at(other)) == (std::string(other) == id));
            CHECK(holds(d, other) == (std::string(other) == id));
        }
        d.report(id, Succeeded{});
        CHECK(d.status(id) == StepStatus::kUndone);
        d.admit();
    }
    CHECK(d.state.status == RunStatus::kUnwound);
    CHECK(d.state.reason == "unwound by ana: wrong region; 3 steps undone");
    CHECK(d.holders.empty());
}

TEST_CASE("a step is undone only after everything behind it, also behind steps that cannot be undone") {
    Driver d({undoable("a"), step("b", {"a"}), undoable("c", {"b"}), undoable("free"), gate("open")});
    for (const char* id : {"a", "b", "c", "free"}) {
        d.succeed(id);
    }
    CHECK(!d.act(UndoRun{}));
    d.admit();
    CHECK(core::has_attempt(d.at("c")));
    CHECK(core::has_attempt(d.at("free")));
    CHECK(d.status("a") == StepStatus::kSucceeded);
    CHECK(core::waker(d.workflow, d.state, d.index("a")) == WakerKind::kDependency);
    CHECK(core::explain_step(d.workflow, d.state, d.index("a")).waits_for ==
          "It will be undone after \"b\" (succeeded).");
    d.report("c", Succeeded{});
    d.admit();
    CHECK(core::has_attempt(d.at("a")));
    d.report("a", Succeeded{});
    d.report("free", Succeeded{});
    CHECK(d.state.status == RunStatus::kUnwound);
    CHECK(d.state.reason.find("not undone: \"b\" (it has no undo)") != std::string::npos);
    CHECK(standing(d, "b") == UndoStanding::kNoUndo);
    CHECK(standing(d, "open") == UndoStanding::kNothing);
}

TEST_CASE("what runs is ended and reconciled before anything is undone") {
    Driver d({undoable("a"), undoable("b", {"a"}), undoable("c", {"a"})});
    d.succeed("a");
    CHECK(d.status("b") == StepStatus::kRunning);
    CHECK(!d.act(UndoRun{}));
    CHECK(d.at("b").cancel.reason == CancelReason::kRunUnwound);
    CHECK(d.commanded<core::CancelAttempt>() == 2);
    CHECK(core::explain_run(d.workflow, d.state).sentence ==
          "The run is being unwound by ana; 2 steps have to end first.");
    d.report("b", Succeeded{{"after all", false}});
    CHECK_FALSE(d.state.unwind.begun);
    d.report("c", Failed{});
    d.admit();
    CHECK(d.status("c") == StepStatus::kCancelled);
    CHECK(core::has_attempt(d.at("b")));
    CHECK(d.at("a").status == StepStatus::kSucceeded);
    d.report("b", Succeeded{});
    d.admit();
    d.report("a", Succeeded{});
    CHECK(d.state.status == RunStatus::kUnwound);
}

TEST_CASE("a step in doubt must be settled before anything is undone") {
    Driver d({undoable("a"), undoable("b", {"a"})});
    d.succeed("a");
    d.report("b", InDoubt{"cannot tell", {}});
    CHECK(!d.act(UndoRun{}));
    CHECK(d.state.status == RunStatus::kBlocked);
    CHECK(d.status("a") == StepStatus::kSucceeded);
    CHECK(d.wanted.empty());
    CHECK(!d.act(SettleStep{StepId("b"), true, {"it is there", false}, ""}));
    CHECK(d.state.status == RunStatus::kUnwinding);
    d.admit();
    CHECK(core::has_attempt(d.at("b")));
    CHECK_FALSE(core::has_attempt(d.at("a")));
}

TEST_CASE("an undo has retries of its own, and its fence goes on growing") {
    StepSpec a = undoable("a");
    a.retry.attempts_max = 2;
    Driver d({a, gate("open")});
    d.fail("a", FailureClass::kTransient);
    d.pass_time(2000);
    d.succeed("a");
    CHECK(d.at("a").fence == 2);
    CHECK(!d.act(UndoRun{}));
    d.admit();
    CHECK(d.at("a").fence == 3);
    CHECK(d.at("a").undo.attempt == 1);
    d.report("a", Failed{{FailureClass::kTransient, "busy", "", 0, false}});
    CHECK(d.at("a").undo.phase == UndoPhase::kBackingOff);
    CHECK(core::waker(d.workflow, d.state, 0) == WakerKind::kTimer);
    CHECK(d.holders.empty());
    d.pass_time(2000);
    d.admit();
    CHECK(d.at("a").fence == 4);
    CHECK(d.feed(core::AttemptReported{0, 3, Succeeded{}, {}})->code == ErrorCode::kStaleFence);
    d.report("a", Failed{{FailureClass::kTransient, "busy still", "", 0, false}});
    CHECK(d.status("a") == StepStatus::kFailed);
    CHECK(d.at("a").failure.in_undo);
}

TEST_CASE("a failed undo blocks the run until somebody retries, settles or leaves it") {
    Driver d = chain_of_three();
    CHECK(!d.act(UndoRun{}));
    d.admit();
    d.report("c", Failed{{FailureClass::kPermanent, "locked", "", 0, false}});
    CHECK(d.state.status == RunStatus::kBlocked);
    CHECK(d.state.reason == "the undo of step \"c\" failed (permanent): locked");
    CHECK(core::waker(d.workflow, d.state, d.index("c")) == WakerKind::kOperator);
    CHECK(standing(d, "c") == UndoStanding::kFailed);
    SUBCASE("retried") {
        CHECK(!d.act(RetryStep{StepId("c")}));
        CHECK(d.state.status == RunStatus::kUnwinding);
        d.admit();
        d.report("c", Succeeded{});
        CHECK(d.status("c") == StepStatus::kUndone);
    }
    SUBCASE("settled as undone") {
        CHECK(!d.act(SettleStep{StepId("c"), true, {}, "by hand"}));
        CHECK(d.status("c") == StepStatus::kUndone);
    }
    SUBCASE("left as it is") {
        CHECK(!d.act(SkipStep{StepId("c"), SkipMode::kGoOn, "the customer keeps it"}));
        CHECK(d.status("c") == StepStatus::kSucceeded);
        CHECK(standing(d, "c") == UndoStanding::kLeft);
    }
    d.admit();
    d.report("b", Succeeded{});
    d.admit();
    d.report("a", Succeeded{});
    CHECK(d.state.status == RunStatus::kUnwound);
    const auto ledger = core::view_run(d.workflow, d.state).ledger;
    REQUIRE(ledger.size() == 4);
    CHECK(ledger[0].step == StepId("open"));
    CHECK(ledger[3].step == StepId("a"));
    if (standing(d, "c") == UndoStanding::kLeft) {
        CHECK(ledger[1].why == "left by ana: the customer keeps it");
        CHECK(d.state.reason ==
              "unwound by ana; 2 steps undone, not undone: \"c\" (left by ana: the customer keeps it)");
    }
}

TEST_CASE("a step may be left before its turn; what it depends on is undone all the same") {
    Driver d = chain_of_three();
    CHECK(!d.act(UndoRun{}));
    d.admit();
    CHECK(!d.act(SkipStep{StepId("b"), SkipMode::kGoOn, "keep"}));
    CHECK(d.act(SkipStep{StepId("b"), SkipMode::kGoOn, "keep"})->code == ErrorCode::kRefused);
    CHECK_FALSE(core::has_attempt(d.at("a")));
    d.report("c", Succeeded{});
    d.admit();
    CHECK(core::has_attempt(d.at("a")));
    d.report("a", Succeeded{});
    CHECK(d.state.status == RunStatus::kUnwound);
    CHECK(d.status("b") == StepStatus::kSucceeded);
}

TEST_CASE("an undo that outlives its time is cancelled, forced, and then in doubt") {
    StepSpec a = undoable("a");
    a.attempt_timeout_ms = 5000;
    Driver d({a, gate("open")});
    d.succeed("a");
    CHECK(!d.act(UndoRun{}));
    d.admit();
    d.pass_time(5000);
    CHECK(d.at("a").cancel.reason == CancelReason::kTimeout);
    d.pass_time(40'000);
    CHECK(d.status("a") == StepStatus::kInDoubt);
    CHECK(d.state.status == RunStatus::kBlocked);
    CHECK(d.act(SkipStep{StepId("a"), SkipMode::kGoOn, ""})->code == ErrorCode::kRefused);
    CHECK(!d.act(SettleStep{StepId("a"), false, {}, "still there"}));
    CHECK(d.status("a") == StepStatus::kFailed);
    CHECK(d.at("a").failure.in_undo);
    CHECK(!d.act(RetryStep{StepId("a")}));
    d.admit();
    d.report("a", Succeeded{});
    CHECK(d.state.status == RunStatus::kUnwound);
}

// omicron#10531: a saga that was unwinding at a crash could not be recovered at all.
TEST_CASE("a crash at any point of an unwinding: the undo is reconciled and goes on where it was") {
    Driver d = chain_of_three();
    CHECK(!d.act(UndoRun{}));
    d.crash();
    CHECK(d.wanted.count(d.index("c")) == 1);
    d.admit();
    d.crash();
    CHECK(d.commanded<core::ReconcileAttempt>() == 1);
    CHECK(!d.feed(core::AttemptReconciled{d.index("c"), d.at("c").fence, NotStarted{}, {}}));
    d.admit();
    CHECK(d.at("c").undo.attempt == 2);
    d.crash();
    CHECK(!d.feed(core::AttemptReconciled{d.index("c"), d.at("c").fence, Finished{Succeeded{}}, {}}));
    d.admit();
    d.crash();
    CHECK(!d.feed(core::AttemptReconciled{d.index("b"), d.at("b").fence, InDoubt{"cannot tell", {}}, {}}));
    d.crash();
    CHECK(d.state.status == RunStatus::kBlocked);
    CHECK(!d.act(SettleStep{StepId("b"), true, {}, ""}));
    d.admit();
    d.report("a", Succeeded{});
    CHECK(d.state.status == RunStatus::kUnwound);
}

// steno's Stuck: an undo that failed left the saga stuck for good.
TEST_CASE("an undo that was done in part is tried again where the policy says so") {
    StepSpec a = undoable("a");
    a.retry.attempts_max = 2;
    Driver d({a, gate("open")});
    d.succeed("a");
    CHECK(!d.act(UndoRun{}));
    d.admit();
    d.crash();
    CHECK(!d.feed(core::AttemptReconciled{0, d.at("a").fence, Partial{"half is gone"}, {}}));
    CHECK(d.at("a").undo.phase == UndoPhase::kBackingOff);
    d.pass_time(2000);
    d.admit();
    d.report("a", Succeeded{});
    CHECK(d.state.status == RunStatus::kUnwound);
}

TEST_CASE("the policy \"undo\" unwinds the run when a step has failed for good or is in doubt") {
    StepSpec b = undoable("b", {"a"});
    b.on_failure = FailurePolicy::kUndo;
    Driver d({undoable("a"), b});
    d.succeed("a");
    d.report("b", Failed{{FailureClass::kPermanent, "no", "", 0, false}});
    CHECK(d.state.status == RunStatus::kUnwinding);
    d.admit();
    d.report("a", Succeeded{});
    CHECK(d.state.status == RunStatus::kUnwound);
    CHECK(d.state.reason.find("unwound by engine: step \"b\" failed and its policy is to undo") == 0);
    CHECK(standing(d, "b") == UndoStanding::kNothing);
}

TEST_CASE("a run that is being unwound can be paused, not cancelled, and asks nobody twice") {
    Driver d = chain_of_three();
    CHECK(!d.act(UndoRun{}));
    CHECK(!d.act(PauseRun{}));
    CHECK(d.wanted.empty());
    CHECK(core::waker(d.workflow, d.state, d.index("c")) == WakerKind::kOperator);
    CHECK(core::explain_step(d.workflow, d.state, d.index("c")).waits_for ==
          "It is to be undone, but the run is paused.");
    for (const OperatorAct& act :
         std::vector<OperatorAct>{UndoRun{}, CancelRun{}, StopRun{}, RedoSection{StepId("a"), ""}}) {
        CHECK(d.act(act)->code == ErrorCode::kRefused);
    }
    CHECK(!d.act(ResumeRun{}));
    CHECK(d.state.status == RunStatus::kUnwinding);
    CHECK(d.wanted.count(d.index("c")) == 1);
}

TEST_CASE("a cancel that waits may become an undo; a run with nothing to undo is unwound at once") {
    Driver d({undoable("a"), undoable("b", {"a"})});
    d.succeed("a");
    CHECK(!d.act(CancelRun{}));
    CHECK(!d.act(UndoRun{"take it back"}));
    d.report("b", Failed{});
    d.admit();
    d.report("a", Succeeded{});
    CHECK(d.state.status == RunStatus::kUnwound);
    Driver e({undoable("a"), gate("g")});
    CHECK(!e.act(UndoRun{}));
    CHECK(e.state.status == RunStatus::kUnwound);
    CHECK(e.wanted.count(0) == 0);
}

TEST_CASE("every act that explain offers on a step of an unwinding run is carried out, and no other") {
    Driver d = chain_of_three();
    CHECK(!d.act(UndoRun{}));
    d.admit();
    d.report("c", Failed{{FailureClass::kPermanent, "no", "", 0, false}});
    for (StepIndex i = 0; i < d.workflow.size(); ++i) {
        const StepId id = d.workflow.step(i).id;
        const std::map<std::string, OperatorAct> acts{{"retry", RetryStep{id}},
                                                      {"skip", SkipStep{id, SkipMode::kGoOn, {}}},
                                                      {"settle", SettleStep{id, true, {}, {}}}};
        const auto offered = core::explain_step(d.workflow, d.state, i).next;
        for (const auto& entry : acts) {
            const std::string& name = entry.first;
            const OperatorAct& act = entry.second;
            CAPTURE(id.str());
            CAPTURE(name);
            const bool is_offered = std::find(offered.begin(), offered.end(), name) != offered.end();
            CHECK(core::decide(d.workflow, d.state, core::Operate{act, kAna}, d.moment).refused.has_value() !=
                  is_offered);
        }
    }
}

TEST_CASE("a wide run of 20,000 steps is unwound in time that grows with it alone") {
    std::vector<StepSpec> steps{undoable("root")};
    for (int i = 0; i < 20'000; ++i) {
        steps.push_back(undoable("s" + std::to_string(i), {"root"}));
    }
    Driver d(std::move(steps));
    core::RunState& s = d.state;
    for (StepIndex i = 0; i + 1 < s.steps.size(); ++i) {
        core::change_step(d.workflow, s, i, [](core::StepState& step) {
            step.status = StepStatus::kSucceeded;
            step.unmet = 0;
        });
    }
    s.steps.back().unmet = 0;
    auto decided = core::advance(d.workflow, s, core::Operate{UndoRun{}, kAna}, d.moment);
    REQUIRE(!decided.refused);
    CHECK(decided.commands.size() == 19'999);
}
