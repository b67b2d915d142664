// Parents and child runs of which one, or both, are not in memory when something comes for them.
#include <doctest/doctest.h>

#include <thread>

#include "engine/store/memory_image.hpp"
#include "slipway/check.hpp"
#include "tests/unit/runtime/kit.hpp"

namespace slipway::testkit {
namespace {

using std::chrono::milliseconds;
using Context = std::shared_ptr<AttemptContext>;

/// A gate, and a step behind it.
WorkflowSpec gated() {
    auto spec = chain(2);
    spec.steps[0].type = StepType::kGate;
    spec.steps[0].kind = "gate";
    return spec;
}

void until(const std::function<bool()>& holds) {
    const auto end = std::chrono::steady_clock::now() + milliseconds(kPatience);
    while (!holds() && std::chrono::steady_clock::now() < end) {
        std::this_thread::sleep_for(milliseconds(1));
    }
    REQUIRE(holds());
}

/// "p" waits for its child runs, each of which waits for an answer; the engine keeps nothing that it may let
/// go.
struct Away {
    Bench bench;
    SpyStore* store = nullptr;
    std::vector<std::string> keys{"x", "y"};
    WorkflowSpec parent = chain(1);
    WorkflowSpec child = gated();
    Join join;
    std::string output = "made";
    std::size_t finished_runs_max = 1000;

    Away() {
        bench.executor->on_start = [this](const Context& c) { begin(c); };
    }
    void open() {
        auto options = bench.options();
        auto spy = std::make_unique<SpyStore>(make_memory_store(bench.image));
        store = spy.get();
        options.store = std::move(spy);
        options.memory_bytes_max = 0;
        options.retention.finished_runs_max = finished_runs_max;
        options.retention.finished_age_max_ms = 0;
        bench.open(std::move(options));
    }
    void begin(const Context& c) {
        if (c->info().run != RunId("p")) {
            c->finish(Succeeded{{output, false}});
            return;
        }
        std::string text;
        for (const auto& resolution : c->info().resolutions) {
            for (const auto& one : resolution.children) {
                text += one.key + ":" + std::string(to_string(one.status)) + ":" + one.output.bytes + ";";
            }
        }
        if (!c->info().resolutions.empty()) {
            c->finish(Succeeded{{text, false}});
            return;
        }
        WaitFor wait;
        wait.kind = WaitKind::kChildRuns;
        wait.join = join;
        for (const auto& key : keys) {
            wait.children.push_back({key, build(child), {"in " + key, false}, {}, StepId("s1")});
        }
        c->finish(std::move(wait));
    }
    void start() {
        REQUIRE(engine().start(request("p", build(parent)), me()));
        until([&] { return engine().view(child_of(keys[0])).has_value(); });
    }
    void crash() {
        bench.image = clone_memory_image(*bench.image);
        bench.engine.reset();
        open();
    }
    Engine& engine() { return *bench.engine; }
    static RunId child_of(const std::string& key) { return RunId("p/s0/1/" + key); }
    bool is_away(const RunId& run) {
        const auto before = store->loads.load();
        REQUIRE(engine().view(run));
        return store->loads.load() != before;
    }
    /// Brings so much in that whatever may go has to.
    void send_away(const std::vector<RunId>& runs) {
        until([&] {
            const auto name = "filler" + std::to_string(++fillers_);
            REQUIRE(engine().start(request(name, build(gated()), std::string(60'000, 'f')), me()));
            return std::all_of(runs.begin(), runs.end(), [&](const RunId& run) { return is_away(run); });
        });
    }
    void send_all_away() {
        std::vector<RunId> all{RunId("p")};
        for (const auto& key : keys) {
            all.push_back(child_of(key));
        }
        send_away(all);
    }
    OperatorAct approval(const RunId& run) {
        const auto gate = view_of(engine(), run.str(), "s0").gate;
        REQUIRE(gate);
        GateAnswer answer;
        answer.step = StepId{"s0"};
        answer.round = gate->round;
        answer.shown = gate->shown;
        return AnswerGate{answer};
    }
    Result<void> answer(const RunId& run) { return engine().act(run, approval(run), me()); }
    RunStatus end_of(const RunId& run) { return *engine().wait(run, kPatience); }
    RunStatus status(const RunId& run) { return engine().view(run)->summary.status; }
    std::string result() { return view_of(engine(), "p", "s0").output.bytes; }
    bool is_sound() {
        const auto copy = make_memory_store(clone_memory_image(*bench.image));
        const auto check = check_runs(*copy, nullptr);
        return check && check->findings.empty() && bench.recorder->alarms().empty();
    }

private:
    int fillers_ = 0;
};

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

TEST_CASE("a damaged child run that is released tells a parent that was let go") {
    Away a;
    a.keys = {"x"};
    a.open();
    a.start();
    a.send_all_away();
    {
        const std::lock_guard lock(a.bench.image->mutex);
        auto& state = a.bench.image->contents.runs.at(Away::child_of("x")).state;
        state.resize(state.size() / 2);
    }
    REQUIRE(!a.engine().act(Away::child_of("x"), PauseRun{}, me()));
    REQUIRE(a.engine().release_quarantined(Away::child_of("x"), me()));
    CHECK(a.end_of(RunId("p")) == RunStatus::kSucceeded);
    CHECK(a.result() == "x:failed:;");
}

TEST_CASE("child runs of a parent that was given up go on, end, and are not kept for ever") {
    Away a;
    a.keys = {"x"};
    a.finished_runs_max = 0;
    a.open();
    a.start();
    a.send_all_away();
    {
        const std::lock_guard lock(a.bench.image->mutex);
        auto& state = a.bench.image->contents.runs.at(RunId("p")).state;
        state.resize(state.size() / 2);
    }
    REQUIRE(!a.engine().act(RunId("p"), PauseRun{}, me()));
    REQUIRE(a.engine().release_quarantined(RunId("p"), me()));
    REQUIRE(a.answer(Away::child_of("x")));
    until([&] {
        a.send_away({});
        return !a.engine().view(RunId("p")).has_value() && !a.engine().view(Away::child_of("x")).has_value();
    });
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
