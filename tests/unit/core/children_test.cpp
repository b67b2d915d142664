// Child runs as their parent sees them: asked for, started, ended, joined, cancelled; never forgotten.
#include "engine/core/explain.hpp"
#include "engine/core/ledger.hpp"
#include "engine/core/view.hpp"
#include "tests/unit/core/driver.hpp"

using namespace slipway;
using namespace slipway::test;

namespace {

Workflow small_workflow() {
    return build({step("only")});
}

WaitFor children(const std::vector<std::string>& keys, Join join = {}) {
    static const Workflow kWorkflow = small_workflow();
    WaitFor wait;
    wait.kind = WaitKind::kChildRuns;
    wait.join = join;
    for (const auto& key : keys) {
        wait.children.push_back(
            {key, kWorkflow, {"in " + key, false}, {{"k", key}}, StepId("only"), RunId("r/a/1/" + key)});
    }
    return wait;
}

/// "a" waits for these; "b" comes behind it.
Driver waiting(const std::vector<std::string>& keys, Join join = {}, DurationMs step_timeout = 0) {
    StepSpec a = step("a");
    a.step_timeout_ms = step_timeout;
    Driver d({a, step("b", {"a"})});
    d.admit();
    d.report("a", children(keys, join));
    return d;
}

const core::ChildrenState& of_a(const Driver& d) {
    return d.at("a").children;
}

std::optional<Error> child_ends(Driver& d, std::uint32_t child, RunStatus status = RunStatus::kSucceeded) {
    const auto& list = of_a(d).list;
    const RunId run = child < list.size() ? list[child].spec.run : RunId("nobody");
    return d.feed(core::ChildReported{d.index("a"), child, run, status, "why", {"out", false}});
}

std::vector<std::uint32_t> starts(const Driver& d) {
    std::vector<std::uint32_t> numbers;
    for (const auto& command : d.last_commands) {
        if (const auto* start = std::get_if<core::StartChild>(&command)) {
            numbers.push_back(start->child);
        }
    }
    return numbers;
}

}  // namespace

TEST_CASE("all: the step waits until every child run has ended, and failures come up as data") {
    Driver d = waiting({"x", "y", "z"});
    CHECK(starts(d) == std::vector<std::uint32_t>{0, 1, 2});
    CHECK(d.status("a") == StepStatus::kWaiting);
    CHECK(d.holders.empty());
    CHECK(core::waker(d.workflow, d.state, 0) == WakerKind::kChildRun);
    CHECK(!child_ends(d, 2));
    CHECK(!child_ends(d, 0, RunStatus::kFailed));
    CHECK(core::explain_step(d.workflow, d.state, 0).waits_for ==
          "It waits for child runs: 2 of 3 have ended, 1 of them not well, 1 are under way.");
    CHECK(core::view_step(d.workflow, d.state, 0).children.size() == 3);
    CHECK(!child_ends(d, 1, RunStatus::kCancelled));
    CHECK(d.status("a") == StepStatus::kReady);
    REQUIRE(d.at("a").resolutions.size() == 1);
    const auto& results = d.at("a").resolutions[0].children;
    REQUIRE(results.size() == 3);
    CHECK(results[0] == ChildResult{"x", RunId("r/a/1/x"), RunStatus::kFailed, "why", {"out", false}});
    CHECK(results[1].status == RunStatus::kCancelled);
    CHECK(results[2].output.bytes == "out");
    CHECK(d.at("a").children == core::ChildrenState{});
    d.succeed("a");
    d.succeed("b");
    CHECK(d.state.status == RunStatus::kSucceeded);
}

TEST_CASE("any: the first that succeeds decides, the others are cancelled and waited for") {
    Driver d = waiting({"x", "y", "z"}, {JoinMode::kAny, 0, 0});
    CHECK(!child_ends(d, 0, RunStatus::kFailed));
    CHECK(of_a(d).cancel == CancelReason::kNone);
    CHECK(!child_ends(d, 1));
    CHECK(of_a(d).cancel == CancelReason::kJoined);
    CHECK(d.commanded<core::CancelChildren>() == 1);
    CHECK(d.status("a") == StepStatus::kWaiting);
    CHECK(!child_ends(d, 2, RunStatus::kCancelled));
    CHECK(d.status("a") == StepStatus::kReady);
}

TEST_CASE("any: where none succeeds the step goes on with all the failures") {
    Driver d = waiting({"x", "y"}, {JoinMode::kAny, 0, 0});
    CHECK(!child_ends(d, 0, RunStatus::kFailed));
    CHECK(!child_ends(d, 1, RunStatus::kFailed));
    CHECK(d.status("a") == StepStatus::kReady);
}

TEST_CASE("a quota of failures: one too many, and no more are started") {
    Driver d = waiting({"1", "2", "3", "4", "5"}, {JoinMode::kQuota, 1, 2});
    CHECK(starts(d) == std::vector<std::uint32_t>{0, 1});
    CHECK(!child_ends(d, 0, RunStatus::kFailed));
    CHECK(starts(d) == std::vector<std::uint32_t>{2});
    CHECK(!child_ends(d, 1, RunStatus::kFailed));
    CHECK(starts(d).empty());
    CHECK(d.commanded<core::CancelChildren>() == 1);
    CHECK(!child_ends(d, 2, RunStatus::kCancelled));
    const auto& results = d.at("a").resolutions[0].children;
    REQUIRE(results.size() == 5);
    CHECK(results[4].status == RunStatus::kCancelled);
    CHECK(results[4].reason == "it was not started any more");
}

TEST_CASE("no more run at once than were asked for") {
    Driver d = waiting({"1", "2", "3"}, {JoinMode::kAll, 0, 1});
    for (std::uint32_t i = 0; i < 3; ++i) {
        CHECK(of_a(d).live() == 1);
        CHECK(!child_ends(d, i));
    }
    CHECK(d.status("a") == StepStatus::kReady);
}

TEST_CASE("a report of a child run that is not waited for is refused and changes nothing") {
    Driver d = waiting({"x", "y"}, {JoinMode::kAll, 0, 1});
    CHECK(child_ends(d, 1)->code == ErrorCode::kRefused);  // was not started yet
    CHECK(child_ends(d, 7)->code == ErrorCode::kRefused);
    CHECK(child_ends(d, 0, RunStatus::kRunning)->code == ErrorCode::kRefused);
    CHECK(d.feed(core::ChildReported{0, 0, RunId("another"), RunStatus::kSucceeded, "", {}})->code ==
          ErrorCode::kRefused);
    CHECK(!child_ends(d, 0));
    CHECK(child_ends(d, 0)->code == ErrorCode::kRefused);  // twice
    CHECK(d.feed(core::ChildReported{9, 0, RunId("r"), RunStatus::kSucceeded, "", {}})->code ==
          ErrorCode::kNotFound);
}

// Temporal: a parent that was closed while its children ran left them behind; Argo: a cancel that got stuck.
TEST_CASE("cancel goes down: the run ends only once its child runs have ended") {
    for (const bool stop : {false, true}) {
        Driver d = waiting({"x", "y"});
        CHECK(!(stop ? d.act(StopRun{}) : d.act(CancelRun{})));
        CHECK(d.commanded<core::CancelChildren>() == 1);
        CHECK(d.status("b") == StepStatus::kCancelled);
        CHECK(d.status("a") == StepStatus::kWaiting);
        CHECK_FALSE(is_final(d.state.status));
        CHECK(!child_ends(d, 0, RunStatus::kCancelled));
        CHECK(!child_ends(d, 1, RunStatus::kSucceeded));
        CHECK(d.status("a") == StepStatus::kCancelled);
        CHECK(d.state.status == (stop ? RunStatus::kFailed : RunStatus::kCancelled));
    }
}

TEST_CASE("an undo of the parent waits for its child runs too") {
    Driver d = waiting({"x"});
    CHECK(!d.act(UndoRun{}));
    CHECK(of_a(d).cancel == CancelReason::kRunUnwound);
    CHECK_FALSE(d.state.unwind.begun);
    CHECK(!child_ends(d, 0, RunStatus::kUnwound));
    CHECK(d.state.status == RunStatus::kUnwound);
}

TEST_CASE("a redo cancels the child runs and opens the round once they have ended") {
    Driver d = waiting({"x", "y"}, {JoinMode::kAll, 0, 1});
    CHECK(!d.act(RedoSection{StepId("a"), "again"}));
    CHECK(d.at("a").held);
    CHECK(core::waker(d.workflow, d.state, 0) == WakerKind::kChildRun);
    CHECK(!child_ends(d, 0, RunStatus::kCancelled));
    CHECK(d.at("a").round == 2);
    CHECK(d.status("a") == StepStatus::kReady);
}

TEST_CASE("the step's time runs while it waits: its child runs are cancelled, then it has failed") {
    Driver d = waiting({"x"}, {}, 5000);
    d.pass_time(5000);
    CHECK(of_a(d).cancel == CancelReason::kTimeout);
    CHECK(!child_ends(d, 0, RunStatus::kCancelled));
    CHECK(d.status("a") == StepStatus::kFailed);
    CHECK(d.at("a").failure.failure_class == FailureClass::kTimeout);
}

TEST_CASE("pause goes down, and nothing new is started before the run goes on") {
    Driver d = waiting({"x", "y"}, {JoinMode::kAll, 0, 1});
    CHECK(!d.act(PauseRun{}));
    CHECK(d.commanded<core::PauseChildren>() == 1);
    CHECK(!child_ends(d, 0));
    CHECK(starts(d).empty());
    CHECK(core::waker(d.workflow, d.state, 0) == WakerKind::kOperator);
    CHECK(!d.feed(core::ChildrenDue{0}));
    CHECK(d.last_commands.empty());
    CHECK(!d.act(ResumeRun{}));
    CHECK(d.commanded<core::GoOnChildren>() == 1);
    CHECK(!d.feed(core::ChildrenDue{0}));
    CHECK(starts(d) == std::vector<std::uint32_t>{1});
}

// Restate#5196, Temporal#11869: a wait whose wake-up was lost in a crash.
TEST_CASE("after a crash a step that waits for child runs asks what has become of them") {
    Driver d = waiting({"x", "y"});
    d.crash();
    CHECK(d.commanded<core::CheckChildren>() == 1);
    CHECK(!child_ends(d, 0));
    d.crash();
    CHECK(of_a(d).live() == 1);
    CHECK(!child_ends(d, 1));
    d.crash();
    CHECK(d.wanted.count(0) == 1);
    CHECK(d.at("a").resolutions[0].children.size() == 2);
}

TEST_CASE("child runs that cannot be: the attempt has failed, and says why") {
    const auto fails = [](const WaitFor& wait, const std::string& why) {
        Driver d({step("a")});
        d.admit();
        d.report("a", wait);
        CHECK(d.status("a") == StepStatus::kFailed);
        CHECK(d.at("a").failure.message.find(why) != std::string::npos);
    };
    fails(children({"x", "x"}), "used twice");
    fails(children({"no good"}), "is none");
    WaitFor empty = children({"x"});
    empty.children[0].workflow = {};
    fails(empty, "has no workflow");
    fails(children({"x"}, {static_cast<JoinMode>(9), 0, 0}), "unknown way");
}

TEST_CASE("no child runs at all: the step goes on at once; skip is refused while there are some") {
    Driver d = waiting({});
    CHECK(d.status("a") == StepStatus::kReady);
    CHECK(d.at("a").resolutions[0].kind == WaitKind::kChildRuns);
    Driver e = waiting({"x"});
    CHECK(e.act(SkipStep{StepId("a"), SkipMode::kGoOn, ""})->code == ErrorCode::kRefused);
}

TEST_CASE("100,000 child runs are started in slices, and joined in time that grows with them alone") {
    std::vector<std::string> keys;
    for (int i = 0; i < 100'000; ++i) {
        keys.push_back("k" + std::to_string(i));
    }
    WaitFor wait = children(keys);
    Workflow w = build({step("a")});
    core::RunState s;
    core::StartRun start;
    start.request.run = RunId("r");
    start.by = kAna;
    const core::Moment moment{1000, 0, 30'000, 10'000, {}};
    REQUIRE(!core::begin(w, start, moment, s).refused);
    REQUIRE(!core::advance(w, s, core::StepAdmitted{0, ResolvedInput{}, {}}, moment).refused);
    auto d = core::advance(w, s, core::AttemptReported{0, 1, std::move(wait), {}}, moment);
    REQUIRE(!d.refused);
    CHECK(s.steps[0].children.next == 1000);
    while (s.steps[0].children.next < keys.size()) {
        REQUIRE(!core::advance(w, s, core::ChildrenDue{0}, moment).refused);
    }
    for (std::uint32_t i = 0; i < keys.size(); ++i) {
        const RunId run = s.steps[0].children.list[i].spec.run;
        REQUIRE(!core::advance(w, s, core::ChildReported{0, i, run, RunStatus::kSucceeded, "", {}}, moment)
                     .refused);
    }
    CHECK(s.steps[0].status == StepStatus::kReady);
    CHECK(s.steps[0].resolutions[0].children.size() == keys.size());
    CHECK(!core::check_invariants(w, s));
}

TEST_CASE("one child run that ends lets one start, however many wait: a tick is never flooded") {
    std::vector<std::string> keys;
    for (int i = 0; i < 5000; ++i) {
        keys.push_back("k" + std::to_string(i));
    }
    Driver d = waiting(keys);
    CHECK(starts(d).size() == 1000);
    CHECK(d.commanded<core::GoOnChildren>() == 1);
    CHECK(!child_ends(d, 0));
    CHECK(starts(d).size() == 1);
    const auto& spec = of_a(d).list[1].spec;
    CHECK(!d.feed(core::ChildReported{0, 1, spec.run, RunStatus::kFailed, "cannot be", {}, false}));
    CHECK(starts(d).empty());
    CHECK(d.commanded<core::GoOnChildren>() == 1);
}

TEST_CASE("child runs whose inputs would not fit into one commit are refused") {
    WaitFor wait = children({});
    const auto one = children({"k"}).children[0];
    for (int i = 0; i < 1000; ++i) {
        wait.children.push_back(one);
        wait.children.back().key = "k" + std::to_string(i);
        wait.children.back().input.bytes = std::string(60'000, 'i');
    }
    Driver d({step("a")});
    d.admit();
    d.report("a", wait);
    CHECK(d.status("a") == StepStatus::kFailed);
    CHECK(d.at("a").failure.failure_class == FailureClass::kAuthoring);
    CHECK(d.at("a").failure.message.find("put what is large into blobs") != std::string::npos);
}

TEST_CASE("what ended child runs did is listed when the run is unwound while its step waits") {
    Driver d = waiting({"x", "y"});
    CHECK(!child_ends(d, 0));
    CHECK(!d.act(UndoRun{}));
    CHECK(!child_ends(d, 1, RunStatus::kUnwound));
    CHECK(d.state.status == RunStatus::kUnwound);
    CHECK(core::ledger_entry(d.workflow, d.state, 0).standing == UndoStanding::kNoUndo);
    CHECK(d.state.reason.find("\"a\" (its child runs have ended") != std::string::npos);
}

TEST_CASE("what child runs of an earlier round did is listed when the run is unwound") {
    Driver d = waiting({"x"});
    CHECK(!child_ends(d, 0));
    d.admit();
    d.report("a", Failed{});
    CHECK(!d.act(RedoSection{StepId("a"), "again"}));
    CHECK(d.at("a").round == 2);
    CHECK(!d.act(UndoRun{}));
    CHECK(core::ledger_entry(d.workflow, d.state, 0).standing == UndoStanding::kNoUndo);
}

TEST_CASE("a time-out does not overrule why child runs were asked to end") {
    Driver d = waiting({"x"}, {}, 5000);
    CHECK(!d.act(UndoRun{}));
    d.pass_time(5000);
    CHECK(of_a(d).cancel == CancelReason::kRunUnwound);
    d.crash();
    CHECK(d.commanded<core::CheckChildren>() == 1);
    CHECK(!child_ends(d, 0, RunStatus::kUnwound));
    CHECK(d.state.status == RunStatus::kUnwound);
    Driver e = waiting({"x", "y"}, {JoinMode::kAny}, 5000);
    CHECK(!child_ends(e, 0));
    e.pass_time(5000);
    CHECK(!child_ends(e, 1, RunStatus::kCancelled));
    CHECK(e.status("a") == StepStatus::kReady);  // it was decided in time
}

TEST_CASE(
    "retry of a step whose child runs have not ended well is a new round: the same keys mean the same runs") {
    Driver d = waiting({"x"}, {}, 5000);
    d.pass_time(5000);
    CHECK(!child_ends(d, 0, RunStatus::kCancelled));
    CHECK(!d.act(RetryStep{StepId("a")}));
    CHECK(d.at("a").round == 2);
    CHECK(d.status("a") == StepStatus::kReady);
}
