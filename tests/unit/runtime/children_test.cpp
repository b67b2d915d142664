// Child runs through the whole engine: started, joined, cancelled, found again after a crash.
#include <doctest/doctest.h>

#include <thread>

#include "engine/runtime/finished_runs.hpp"
#include "engine/store/memory_image.hpp"
#include "tests/unit/runtime/kit.hpp"

namespace slipway::testkit {
namespace {

/// The parent's step "s0" asks for these at its first attempt, and puts out what became of them.
struct Fan {
    Bench b;
    std::vector<std::string> keys{"x", "y", "z"};
    Join join;
    Workflow child = build(chain(1));
    std::function<void(const std::shared_ptr<AttemptContext>&)> on_child;

    void open() {
        b.executor->on_start = [this](const std::shared_ptr<AttemptContext>& c) { start(c); };
        b.open();
    }
    void start(const std::shared_ptr<AttemptContext>& c) {
        if (c->info().run != RunId("p")) {
            on_child ? on_child(c)
                     : c->finish(Succeeded{{"out of " + c->info().labels.at("run.key"), false}});
            return;
        }
        if (!c->info().resolutions.empty()) {
            std::string text;
            for (const auto& one : c->info().resolutions.back().children) {
                text += one.key + ":" + std::string(to_string(one.status)) + ":" + one.output.bytes + ";";
            }
            c->finish(Succeeded{{text, false}});
            return;
        }
        WaitFor wait;
        wait.kind = WaitKind::kChildRuns;
        wait.join = join;
        for (const auto& key : keys) {
            wait.children.push_back({key, child, {"in", false}, {{"key", key}}, StepId("s0")});
        }
        c->finish(std::move(wait));
    }
    void start_parent(int length = 1) { REQUIRE(b.engine->start(request("p", build(chain(length))), me())); }
    RunStatus child_status(const std::string& key) {
        return b.engine->view(RunId("p/s0/1/" + key))->summary.status;
    }
    std::string result() { return view_of(*b.engine, "p", "s0").output.bytes; }
};

TEST_CASE("a step starts child runs, and gets what became of each with its output") {
    Fan f;
    f.on_child = [](const std::shared_ptr<AttemptContext>& c) {
        if (c->info().labels.at("run.key") == "y") {
            c->finish(Failed{{FailureClass::kPermanent, "no", "", 0, false}});
        } else {
            c->finish(Succeeded{{"made", false}});
        }
    };
    WorkflowSpec spec = chain(1);
    spec.steps[0].on_failure = FailurePolicy::kStop;
    f.child = build(spec);
    f.open();
    f.start_parent();
    CHECK(*f.b.engine->wait(RunId("p"), kPatience) == RunStatus::kSucceeded);
    CHECK(f.result() == "x:succeeded:made;y:failed:;z:succeeded:made;");
    RunQuery query;
    query.parent = RunId("p");
    const auto found = *f.b.engine->list(query);
    REQUIRE(found.size() == 3);
    CHECK(found[0].run == RunId("p/s0/1/x"));
    f.b.reopen();
    CHECK(f.b.engine->list(query)->size() == 3);
    CHECK(f.b.recorder->alarms().empty());
}

// Temporal#11869, Restate#5196: a wait that nothing would end any more.
TEST_CASE("no wake-up between a child run and its parent is lost, wherever the process dies") {
    for (const bool folded : {false, true}) {
        CAPTURE(folded);
        Fan f;
        f.on_child = [&](const std::shared_ptr<AttemptContext>& c) { f.b.executor->hold(c); };
        f.open();
        f.start_parent();
        while (f.b.executor->held().size() < 3) {
            std::this_thread::yield();
        }
        f.b.executor->held()[0]->finish(Succeeded{{"first", false}});
        REQUIRE(f.b.engine->wait(RunId("p/s0/1/x"), kPatience));
        if (folded) {
            f.b.reopen();
        } else {
            f.b.crash();
        }
        CHECK(f.child_status("x") == RunStatus::kSucceeded);
        f.on_child = nullptr;
        f.b.crash();
        CHECK(*f.b.engine->wait(RunId("p"), kPatience) == RunStatus::kSucceeded);
        CHECK(f.result() == "x:succeeded:first;y:succeeded:out of y;z:succeeded:out of z;");
        CHECK(f.b.recorder->alarms().empty());
    }
}

TEST_CASE("cancel of the parent goes down the tree, and the parent ends last") {
    Fan f;
    f.on_child = [&](const std::shared_ptr<AttemptContext>& c) { f.b.executor->hold(c); };
    f.open();
    f.start_parent();
    while (f.b.executor->held().size() < 3) {
        std::this_thread::yield();
    }
    REQUIRE(f.b.engine->act(RunId("p"), CancelRun{"enough"}, me()));
    CHECK(f.b.engine->view(RunId("p"))->summary.status == RunStatus::kRunning);
    for (const auto& attempt : f.b.executor->held()) {
        CHECK(attempt->cancelled());
        attempt->finish(Failed{});
    }
    CHECK(*f.b.engine->wait(RunId("p"), kPatience) == RunStatus::kCancelled);
    CHECK(f.child_status("x") == RunStatus::kCancelled);
    CHECK(f.b.engine->view(RunId("p/s0/1/x"))->summary.reason.find("asked for by run \"p\"") !=
          std::string::npos);
}

TEST_CASE("a cancel that was asked for before a crash is asked for again after it") {
    Fan f;
    f.on_child = [&](const std::shared_ptr<AttemptContext>& c) { f.b.executor->hold(c); };
    f.open();
    f.start_parent();
    while (f.b.executor->held().size() < 3) {
        std::this_thread::yield();
    }
    REQUIRE(f.b.engine->act(RunId("p"), StopRun{}, me()));
    f.b.crash();  // reconcile says that nothing was started
    CHECK(*f.b.engine->wait(RunId("p"), kPatience) == RunStatus::kFailed);
    CHECK(f.child_status("z") == RunStatus::kCancelled);
}

TEST_CASE("pause and resume go down the tree") {
    Fan f;
    f.child = build(chain(2));
    f.on_child = [&](const std::shared_ptr<AttemptContext>& c) {
        c->info().step == StepId("s0") ? f.b.executor->hold(c) : c->finish(Succeeded{});
    };
    f.open();
    f.start_parent();
    while (f.b.executor->held().size() < 3) {
        std::this_thread::yield();
    }
    REQUIRE(f.b.engine->act(RunId("p"), PauseRun{}, me()));
    CHECK(f.child_status("y") == RunStatus::kPaused);
    for (const auto& attempt : f.b.executor->held()) {
        attempt->finish(Succeeded{});
    }
    CHECK(view_of(*f.b.engine, "p/s0/1/y", "s1").status == StepStatus::kReady);
    REQUIRE(f.b.engine->act(RunId("p"), ResumeRun{}, me()));
    CHECK(*f.b.engine->wait(RunId("p"), kPatience) == RunStatus::kSucceeded);
}

TEST_CASE("a child run that is blocked shows in its parent's explanation") {
    Fan f;
    f.keys = {"x"};
    f.on_child = [](const std::shared_ptr<AttemptContext>& c) {
        c->finish(Failed{{FailureClass::kPermanent, "no", "", 0, false}});
    };
    f.open();
    f.start_parent();
    REQUIRE(f.b.engine->wait(RunId("p/s0/1/x"), kPatience, true));
    const auto told = f.b.engine->explain(RunId("p"), StepId("s0"));
    CHECK(told->waits_for.find("Child run \"p/s0/1/x\" is blocked: step \"s0\" failed (permanent): no") !=
          std::string::npos);
    CHECK(told->waker == WakerKind::kChildRun);
    REQUIRE(f.b.engine->act(RunId("p/s0/1/x"), CancelRun{}, me()));
    CHECK(*f.b.engine->wait(RunId("p"), kPatience) == RunStatus::kSucceeded);
    CHECK(f.result() == "x:cancelled:;");
}

// DBOS: one damaged workflow stopped the recovery of all others.
TEST_CASE("a damaged child run holds its parent up until it is released, and then comes up as a failure") {
    Fan f;
    f.keys = {"x"};
    f.on_child = [&](const std::shared_ptr<AttemptContext>& c) { f.b.executor->hold(c); };
    f.open();
    f.start_parent();
    while (f.b.executor->held().empty()) {
        std::this_thread::yield();
    }
    f.b.crash();
    const RunId child("p/s0/1/x");
    bool spoiled = false;
    auto copy = clone_memory_image(*f.b.image);
    for (auto& [tick, bytes] : copy->contents.partitions.at(0).journal) {
        const auto at = bytes.rfind("in");  // the child's input, in its own slice
        if (!spoiled && bytes.find(child.str()) != std::string::npos && at != std::string::npos) {
            bytes[at] = '#';
            spoiled = true;
        }
    }
    REQUIRE(spoiled);
    f.b.engine.reset();
    f.b.image = std::move(copy);
    f.b.open();
    if (f.b.engine->view(RunId("p"))->summary.quarantined) {
        return;  // the byte stood in the parent's slice
    }
    CHECK(f.b.engine->explain(RunId("p"), StepId("s0"))->waits_for.find("is quarantined") !=
          std::string::npos);
    REQUIRE(f.b.engine->release_quarantined(child, me()));
    CHECK(*f.b.engine->wait(RunId("p"), kPatience) == RunStatus::kSucceeded);
    CHECK(f.result() == "x:failed:;");
}

TEST_CASE("a child run that cannot be started is a failure with its reason") {
    Fan f;
    WorkflowSpec spec = chain(1);
    spec.resolver = "nowhere";
    f.child = build(spec);
    f.keys = {"x"};
    f.open();
    REQUIRE(f.b.engine->start(request("p/s0/1/taken", build(chain(1))), me()));
    f.start_parent();
    CHECK(*f.b.engine->wait(RunId("p"), kPatience) == RunStatus::kSucceeded);
    CHECK(f.result() == "x:failed:;");
    Fan g;
    g.keys = {"taken", "free"};
    g.open();
    g.on_child = [](const std::shared_ptr<AttemptContext>& c) { c->finish(Succeeded{}); };
    REQUIRE(g.b.engine->start(request("p/s0/1/taken", build(chain(2))), me()));
    g.start_parent();
    CHECK(*g.b.engine->wait(RunId("p"), kPatience) == RunStatus::kSucceeded);
    CHECK(g.result() == "taken:failed:;free:succeeded:;");
}

TEST_CASE("a run that starts itself again and again is stopped at its depth, with ids that stay valid") {
    Bench b;
    const Workflow self = build(chain(1));
    std::atomic<int> depth{0};
    b.executor->on_start = [&](const std::shared_ptr<AttemptContext>& c) {
        if (!c->info().resolutions.empty()) {
            c->finish(Succeeded{{c->info().resolutions[0].children[0].reason, false}});
            return;
        }
        ++depth;
        WaitFor wait;
        wait.kind = WaitKind::kChildRuns;
        wait.children.push_back({std::string(40, 'k'), self, {}, {}, StepId("s0")});
        c->finish(std::move(wait));
    };
    b.open();
    REQUIRE(b.engine->start(request("p", self), me()));
    CHECK(*b.engine->wait(RunId("p"), kPatience) == RunStatus::kSucceeded);
    CHECK(depth.load() == 33);
}

TEST_CASE("2,000 child runs: started in slices, and joined") {
    Fan f;
    f.keys.clear();
    for (int i = 0; i < 2000; ++i) {
        f.keys.push_back("k" + std::to_string(i));
    }
    f.open();
    f.start_parent();
    CHECK(*f.b.engine->wait(RunId("p"), kPatience) == RunStatus::kSucceeded);
    f.b.reopen();
    RunQuery query;
    query.limit = 5000;
    CHECK(f.b.engine->list(query)->size() == 2001);
    query.status = RunStatus::kSucceeded;
    CHECK(f.b.engine->list(query)->size() == 2001);
}

TEST_CASE("a secret in the workflow or the labels of a child run, which cannot be sealed, is refused") {
    ::setenv("SLIPWAY_TEST_SECRET", "hunter2-hunter2", 1);
    for (const bool in_label : {false, true}) {
        Bench b;
        b.executor->on_start = [&](const std::shared_ptr<AttemptContext>& c) {
            const auto secret = *c->secret("secret://env/SLIPWAY_TEST_SECRET");
            WaitFor wait;
            wait.kind = WaitKind::kChildRuns;
            auto spec = chain(1);
            spec.steps[0].input.bytes = in_label ? "" : "password=" + secret;
            wait.children.push_back({"x", build(spec), {}, {{"l", in_label ? secret : "none"}}, {}});
            c->finish(std::move(wait));
        };
        auto options = b.options();
        options.keys = std::make_shared<OneKey>();
        b.open(std::move(options));
        REQUIRE(b.engine->start(request("p", build(chain(1))), me()));
        REQUIRE(b.engine->wait(RunId{"p"}, kPatience, true));
        CHECK(view_of(*b.engine, "p", "s0").failure->message.find("cannot be sealed") != std::string::npos);
        REQUIRE(b.engine->stop(StopMode::kGraceful));
        for (const auto& [digest, bytes] : b.image->contents.blobs) {
            CHECK(bytes.find("hunter2") == std::string::npos);
        }
        for (const auto& [run, stored] : b.image->contents.runs) {
            CHECK((stored.state + stored.summary).find("hunter2") == std::string::npos);
        }
    }
}

TEST_CASE("child runs of a run that goes on push out nobody's history; their bytes count once it has ended") {
    runtime::FinishedRuns finished;
    RetentionPolicy policy;
    policy.finished_bytes_max = 500;
    policy.finished_age_max_ms = 0;
    finished.add(100, RunId("c"), 1000, RunId("p"));
    finished.add(200, RunId("other"), 1);
    CHECK(!finished.are_too_many(policy, 300));
    finished.add(300, RunId("p"), 1);
    CHECK(finished.are_too_many(policy, 300));
    CHECK(finished.take_oldest() == RunId("other"));
    CHECK(finished.take_oldest() == RunId("c"));
    CHECK(!finished.are_too_many(policy, 300));
}

TEST_CASE("ids of child runs are those of their parent, round, step and key, and of no other") {
    Fan f;
    f.keys = {"x", "s0/1/x", "x/s0/1/y"};
    f.open();
    f.start_parent();
    CHECK(*f.b.engine->wait(RunId("p"), kPatience) == RunStatus::kSucceeded);
    RunQuery query;
    query.parent = RunId("p");
    const auto found = *f.b.engine->list(query);
    REQUIRE(found.size() == 3);
    for (const auto& one : found) {
        CHECK(one.status == RunStatus::kSucceeded);
        CHECK((one.run == RunId("p/s0/1/x") || one.run.str().rfind("child/", 0) == 0));
    }
}

TEST_CASE("retention takes a child run only with its parent, and child runs first") {
    runtime::FinishedRuns finished;
    finished.add(100, RunId("c1"), 10, RunId("p"));
    finished.add(150, RunId("c1a"), 10, RunId("c1"));
    RetentionPolicy policy;
    policy.finished_runs_max = 0;
    policy.finished_age_max_ms = 0;
    CHECK(!finished.are_too_many(policy, 1'000'000));  // the parent goes on
    finished.add(200, RunId("p"), 10);
    CHECK(finished.are_too_many(policy, 0));
    CHECK(finished.take_oldest() == RunId("c1a"));
    CHECK(finished.take_oldest() == RunId("c1"));
    CHECK(finished.take_oldest() == RunId("p"));
    CHECK(!finished.are_too_many(policy, 0));
    finished.add(300, RunId("lost"), 10, RunId("gone"));
    finished.adopt_orphans([](const RunId&) { return false; });
    CHECK(finished.take_oldest() == RunId("lost"));
}

}  // namespace
}  // namespace slipway::testkit
