// Parents and child runs of which one, or both, are not in memory when something comes for them.
#include <future>

#include "tests/unit/runtime/away.hpp"

namespace slipway::testkit {
namespace {

TEST_CASE("a parent that was let go is woken by the end of its child run, also when that was let go") {
    Away a;
    a.open();
    a.start();
    a.send_all_away();
    for (const auto& key : a.keys) {
        REQUIRE(a.answer(Away::child_of(key)));
        CHECK(a.end_of(Away::child_of(key)) == RunStatus::kSucceeded);
    }
    CHECK(a.end_of(RunId("p")) == RunStatus::kSucceeded);
    CHECK(a.result() == "x:succeeded:made;y:succeeded:made;");
    CHECK(a.is_sound());
}

TEST_CASE("a parent that was let go is woken by its child run after a crash, too") {
    Away a;
    a.open();
    a.start();
    a.send_all_away();
    REQUIRE(a.answer(Away::child_of("x")));
    CHECK(a.end_of(Away::child_of("x")) == RunStatus::kSucceeded);
    a.send_all_away();
    a.crash();
    a.send_all_away();
    REQUIRE(a.answer(Away::child_of("y")));
    CHECK(a.end_of(RunId("p")) == RunStatus::kSucceeded);
    CHECK(a.result() == "x:succeeded:made;y:succeeded:made;");
    CHECK(a.is_sound());
}

TEST_CASE("a parent that the disk does not give back when its child run ends hears of it later") {
    Away a;
    a.keys = {"x"};
    a.open();
    a.start();
    a.send_all_away();
    const auto act = a.approval(Away::child_of("x"));
    a.store->before_load = [&](const RunId& run) { a.store->unreadable = run == Away::child_of("x"); };
    REQUIRE(a.engine().act(Away::child_of("x"), act, me()));
    CHECK(a.end_of(Away::child_of("x")) == RunStatus::kSucceeded);
    a.store->before_load = nullptr;
    a.store->unreadable = false;
    a.bench.advance(10'001);
    CHECK(a.end_of(RunId("p")) == RunStatus::kSucceeded);
    CHECK(a.result() == "x:succeeded:made;");
}

TEST_CASE("cancel and pause of a parent that was let go reach child runs that were let go") {
    Away a;
    a.open();
    a.start();
    a.send_all_away();
    REQUIRE(a.engine().act(RunId("p"), PauseRun{}, me()));
    CHECK(a.status(Away::child_of("x")) == RunStatus::kPaused);
    CHECK(a.status(Away::child_of("y")) == RunStatus::kPaused);
    REQUIRE(a.engine().act(RunId("p"), ResumeRun{}, me()));
    a.send_all_away();
    REQUIRE(a.engine().act(RunId("p"), CancelRun{}, me()));
    CHECK(a.end_of(RunId("p")) == RunStatus::kCancelled);
    CHECK(a.status(Away::child_of("x")) == RunStatus::kCancelled);
    CHECK(a.status(Away::child_of("y")) == RunStatus::kCancelled);
    CHECK(a.is_sound());
}

TEST_CASE("a child run that the disk does not give back when its parent is cancelled is cancelled later") {
    Away a;
    a.keys = {"x"};
    a.open();
    a.start();
    a.send_all_away();
    a.store->before_load = [&](const RunId& run) { a.store->unreadable = run == RunId("p"); };
    REQUIRE(a.engine().act(RunId("p"), CancelRun{}, me()));
    a.store->before_load = nullptr;
    a.store->unreadable = false;
    CHECK(a.status(Away::child_of("x")) == RunStatus::kRunning);
    a.send_away({RunId("p")});
    a.bench.advance(10'001);
    CHECK(a.end_of(RunId("p")) == RunStatus::kCancelled);
    CHECK(a.status(Away::child_of("x")) == RunStatus::kCancelled);
}

TEST_CASE("a parent of many child runs stays in memory: each that ends would bring it back") {
    Away a;
    a.keys.clear();
    for (int i = 0; i < 65; ++i) {
        a.keys.push_back("k" + std::to_string(i));
    }
    a.open();
    a.start();
    a.send_away({Away::child_of("k0")});
    CHECK(!a.is_away(RunId("p")));
}

TEST_CASE("what a parent holds that was let go covers its child runs") {
    Away a;
    a.parent.steps[0].claims.push_back({"install/x", 1, ClaimScope::kSection});
    a.child.steps[1].claims.push_back({"install/x", 1, ClaimScope::kStep});
    a.open();
    a.start();
    a.send_all_away();
    const auto loads = a.store->loads.load();
    for (const auto& key : a.keys) {
        REQUIRE(a.answer(Away::child_of(key)));
    }
    CHECK(a.end_of(RunId("p")) == RunStatus::kSucceeded);
    CHECK(a.result() == "x:succeeded:made;y:succeeded:made;");
    CHECK(a.store->loads.load() > loads);
    CHECK(a.is_sound());
}

TEST_CASE("a blocked child run that was let go shows in its parent's explanation") {
    Away a;
    a.keys = {"x"};
    a.child.steps[0].gate.expires_after_ms = 1000;
    a.open();
    a.start();
    a.bench.advance(1001);
    until([&] { return a.status(Away::child_of("x")) == RunStatus::kBlocked; });
    a.send_all_away();
    const auto told = a.engine().explain(RunId("p"), StepId("s0"));
    CHECK(told->waits_for.find("Child run \"p/s0/1/x\" is blocked") != std::string::npos);
}

TEST_CASE("whoever waits for a run to end or get stuck hears of it when all below it waits for people") {
    Away a;
    a.open();
    a.start();
    CHECK(*a.engine().wait(RunId("p"), kPatience, true) == RunStatus::kRunning);
    a.send_all_away();
    CHECK(*a.engine().wait(RunId("p"), kPatience, true) == RunStatus::kRunning);
    a.bench.executor->on_start = [&](const Context& c) { a.bench.executor->hold(c); };
    REQUIRE(a.answer(Away::child_of("x")));
    until([&] { return a.bench.executor->held().size() == 1; });
    CHECK(a.engine().wait(RunId("p"), 20, true).error().code == ErrorCode::kTimeout);
    auto waits = std::async(std::launch::async, [&] { return a.engine().wait(RunId("p"), kPatience, true); });
    a.bench.executor->held()[0]->finish(Succeeded{});
    CHECK(*waits.get() == RunStatus::kRunning);  // "y" waits for an answer, and nobody else does anything
}

TEST_CASE("a pause that a child run missed, as the disk did not give it back, is told when it does") {
    Away a;
    a.keys = {"x"};
    a.open();
    a.start();
    a.send_all_away();
    a.store->before_load = [&](const RunId& run) { a.store->unreadable = run == RunId("p"); };
    REQUIRE(a.engine().act(RunId("p"), PauseRun{}, me()));
    a.store->before_load = nullptr;
    a.store->unreadable = false;
    CHECK(a.status(Away::child_of("x")) == RunStatus::kRunning);
    a.bench.advance(10'001);
    until([&] { return a.status(Away::child_of("x")) == RunStatus::kPaused; });
    REQUIRE(a.engine().act(RunId("p"), ResumeRun{}, me()));
    CHECK(a.status(Away::child_of("x")) == RunStatus::kRunning);
}

TEST_CASE("a disk that refuses for a moment when a child run is to start makes no failure of it") {
    Away a;
    a.join.at_once_max = 1;
    a.open();
    a.start();
    a.send_away({RunId("p"), Away::child_of("x")});
    a.store->before_load = [&](const RunId& run) { a.store->unreadable = run == RunId("p"); };
    const auto act = a.approval(Away::child_of("x"));
    REQUIRE(a.engine().act(Away::child_of("x"), act, me()));
    CHECK(a.end_of(Away::child_of("x")) == RunStatus::kSucceeded);
    until([&] { return a.store->unreadable.load(); });
    a.store->before_load = nullptr;
    a.store->unreadable = false;
    a.bench.advance(10'001);
    until([&] { return a.engine().view(Away::child_of("y")).has_value(); });
    REQUIRE(a.answer(Away::child_of("y")));
    CHECK(a.end_of(RunId("p")) == RunStatus::kSucceeded);
    CHECK(a.result() == "x:succeeded:made;y:succeeded:made;");
}

TEST_CASE("what ended child runs put out, and the workflows of those to come, survive a collection") {
    Away a;
    a.join.at_once_max = 1;
    a.output = std::string(70'000, 'o');
    a.open();
    a.start();
    REQUIRE(a.answer(Away::child_of("x")));
    CHECK(a.end_of(Away::child_of("x")) == RunStatus::kSucceeded);
    a.send_away({RunId("p"), Away::child_of("y")});
    REQUIRE(a.engine().collect_blobs());
    a.crash();
    REQUIRE(a.engine().collect_blobs());
    REQUIRE(a.answer(Away::child_of("y")));
    CHECK(a.end_of(RunId("p")) == RunStatus::kSucceeded);
    CHECK(a.result().size() > 140'000);
    CHECK(a.is_sound());
}

TEST_CASE("a check of the store names a child run that is gone although its parent waits for it") {
    Away a;
    a.open();
    a.start();
    a.send_all_away();
    CHECK(a.is_sound());
    REQUIRE(a.engine().stop(StopMode::kGraceful));
    const auto copy = clone_memory_image(*a.bench.image);
    REQUIRE(copy->contents.runs.erase(Away::child_of("y")) == 1);
    const auto check = check_runs(*make_memory_store(copy), nullptr);
    REQUIRE(check);
    REQUIRE(check->findings.size() == 1);
    CHECK(check->findings[0].run == RunId("p"));
    CHECK(check->findings[0].what.find("waits for child run p/s0/1/y, which is gone") != std::string::npos);
}

}  // namespace
}  // namespace slipway::testkit
