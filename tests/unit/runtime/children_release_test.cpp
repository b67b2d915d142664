// What parents hold, and what becomes of it and of their child runs when one of them is damaged.
#include "tests/unit/runtime/away.hpp"

namespace slipway::testkit {
namespace {

TEST_CASE("a damaged child run that is released tells a parent that was let go") {
    Away a;
    a.keys = {"x"};
    a.open();
    a.start();
    a.send_all_away();
    damage(a, Away::child_of("x"));
    REQUIRE(!a.engine().act(Away::child_of("x"), PauseRun{}, me()));
    REQUIRE(a.engine().release_quarantined(Away::child_of("x"), me()));
    CHECK(a.end_of(RunId("p")) == RunStatus::kSucceeded);
    CHECK(a.result() == "x:failed:;");
}

TEST_CASE("a damaged parent is released only when its child runs have ended, which are asked to") {
    Away a;
    a.keys = {"x"};
    a.finished_runs_max = 0;
    a.open();
    a.start();
    a.send_all_away();
    damage(a, RunId("p"));
    REQUIRE(!a.engine().act(RunId("p"), PauseRun{}, me()));
    REQUIRE(a.engine().release_quarantined(RunId("p"), me()));  // its child run waited: nothing hinders it
    until([&] {
        a.send_away({});
        return !a.engine().view(RunId("p")).has_value() && !a.engine().view(Away::child_of("x")).has_value();
    });
}

TEST_CASE("the lock of a damaged parent is not given away while a child run acts under it") {
    Away a;
    a.keys = {"x"};
    a.parent.steps[0].claims.push_back({"install/x", 1, ClaimScope::kSection});
    a.child.steps[1].claims.push_back({"install/x", 1, ClaimScope::kStep});
    a.open();
    a.start();
    a.bench.executor->on_start = [&](const Context& c) { a.bench.executor->hold(c); };
    auto other = chain(1);
    other.steps[0].claims.push_back({"install/x", 1, ClaimScope::kStep});
    REQUIRE(a.engine().start(request("other", build(other)), me()));
    a.send_all_away();
    REQUIRE(a.answer(Away::child_of("x")));
    until([&] { return a.bench.executor->held().size() == 1; });
    CHECK(a.bench.executor->held()[0]->info().run == Away::child_of("x"));
    damage(a, RunId("p"));
    REQUIRE(!a.engine().act(RunId("p"), PauseRun{}, me()));
    const auto early = a.engine().release_quarantined(RunId("p"), me());
    REQUIRE(!early);
    CHECK(early.error().message.find("\"p/s0/1/x\"") != std::string::npos);
    CHECK(a.bench.executor->held()[0]->cancelled());
    CHECK(a.bench.executor->held().size() == 1);
    a.bench.executor->held()[0]->finish(Failed{});
    CHECK(a.end_of(Away::child_of("x")) == RunStatus::kCancelled);
    REQUIRE(a.engine().release_quarantined(RunId("p"), me()));
    until([&] { return a.bench.executor->held().size() == 2; });
    CHECK(a.bench.executor->held()[1]->info().run == RunId("other"));
    CHECK(!a.bench.recorder->alarms().contains("audit"));
}

TEST_CASE(
    "an attempt of a damaged parent keeps its place until the child runs have ended and it is released") {
    Away a;
    a.keys = {"x"};
    a.parent.steps.push_back(step("own"));
    a.child = chain(1);
    a.live_attempts_max = 2;
    auto& executor = *a.bench.executor;
    const auto hold = [&](const Context& c) { executor.hold(c); };
    executor.on_start = [&](const Context& c) {
        c->info().step == StepId("s0") && c->info().run == RunId("p") ? a.begin(c) : hold(c);
    };
    executor.on_reconcile = [&](const Context& c, const std::vector<Evidence>&) { hold(c); };
    a.open();
    a.start();
    until([&] { return executor.held().size() == 2; });
    REQUIRE(a.engine().start(request("one", build(chain(1))), me()));
    REQUIRE(a.engine().start(request("two", build(chain(1))), me()));
    until([&] {
        const std::lock_guard lock(a.bench.image->mutex);
        return a.bench.image->contents.runs.contains(RunId("p"));
    });
    damage(a, RunId("p"));
    a.crash();
    REQUIRE(!a.engine().act(RunId("p"), PauseRun{}, me()));  // it is quarantined
    until([&] { return executor.held().size() == 3; });
    REQUIRE(executor.held()[2]->info().run == Away::child_of("x"));
    REQUIRE(!a.engine().release_quarantined(RunId("p"), me()));
    executor.held()[2]->reconciled(Finished{Failed{}});
    CHECK(a.end_of(Away::child_of("x")) == RunStatus::kCancelled);
    until([&] { return executor.held().size() == 4; });
    CHECK(executor.held()[3]->info().run == RunId("one"));
    CHECK(view_of(a.engine(), "two", "s0").status == StepStatus::kReady);  // the parent has not ended
    REQUIRE(a.engine().release_quarantined(RunId("p"), me()));
    until([&] { return executor.held().size() == 5; });
    CHECK(executor.held()[4]->info().run == RunId("two"));
}

TEST_CASE("child runs under one lock of their parent run side by side: a tree is one owner") {
    Away a;
    a.parent.steps[0].claims.push_back({"install/x", 1, ClaimScope::kSection});
    a.child = chain(2);
    a.child.steps[0].claims.push_back({"install/x", 1, ClaimScope::kStep});
    a.child.steps[1].claims.push_back({"install/x/files", 1, ClaimScope::kStep});  // keeps siblings apart
    a.bench.executor->on_start = [&](const Context& c) {
        c->info().run == RunId("p") ? a.begin(c) : a.bench.executor->hold(c);
    };
    a.open();
    REQUIRE(a.engine().start(request("p", build(a.parent)), me()));
    until([&] { return a.bench.executor->held().size() == 2; });
    a.bench.executor->held()[0]->finish(Succeeded{});
    a.bench.executor->held()[1]->finish(Succeeded{});
    until([&] { return a.bench.executor->held().size() == 3; });
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    CHECK(a.bench.executor->held().size() == 3);
    a.bench.executor->held()[2]->finish(Succeeded{{"made", false}});
    until([&] { return a.bench.executor->held().size() == 4; });
    a.bench.executor->held()[3]->finish(Succeeded{{"made", false}});
    CHECK(a.end_of(RunId("p")) == RunStatus::kSucceeded);
}

}  // namespace
}  // namespace slipway::testkit
