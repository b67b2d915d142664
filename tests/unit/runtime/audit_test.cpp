// What cannot happen: provoked through a seam, it is set aside or reported, and never spreads.
#include <doctest/doctest.h>

#include <thread>

#include "engine/codec/run_codec.hpp"
#include "engine/runtime/auditor.hpp"
#include "engine/runtime/seams.hpp"
#include "tests/unit/runtime/kit.hpp"

namespace slipway::testkit {
namespace {

struct SeamGuard {
    ~SeamGuard() { runtime::seams() = {}; }
};

TEST_CASE("an impossible decision quarantines its run as our bug, and the others go on") {
    const SeamGuard guard;
    Bench b;
    runtime::seams().decided = [](const RunId& run, core::Decision& decision) {
        if (run.str() == "bad") {
            decision.events.clear();
            decision.refused = bug_error("an impossible decision: provoked");
        }
    };
    b.open();
    CHECK_FALSE(b.engine->start(request("bad", build(chain(2))), me()).has_value());
    REQUIRE(b.engine->start(request("good", build(chain(2))), me()));
    CHECK(*b.engine->wait(RunId{"good"}, kPatience) == RunStatus::kSucceeded);
    const auto explanation = b.engine->explain(RunId{"good"});
    REQUIRE(explanation.has_value());
    CHECK(explanation->sentence.find("quarantined") == std::string::npos);
    b.engine.reset();
    CHECK(b.recorder->alarms().contains("engine_bug"));
}

TEST_CASE("a run that meets our bug half-way is quarantined as it stood, says so, and can be released") {
    const SeamGuard guard;
    Bench b;
    std::atomic<bool> provoke{false};
    runtime::seams().decided = [&](const RunId& run, core::Decision& decision) {
        if (provoke && run.str() == "bad") {
            decision.events.clear();
            decision.refused = bug_error("an impossible decision: provoked");
        }
    };
    b.executor->on_start = [&b](const std::shared_ptr<AttemptContext>& c) { b.executor->hold(c); };
    b.open();
    REQUIRE(b.engine->start(request("bad", build(chain(2))), me()));
    REQUIRE(b.engine->start(request("good", build(chain(1))), me()));
    while (b.executor->held().size() < 2) {
        std::this_thread::yield();  // they are set going after the start was acknowledged
    }
    provoke = true;
    for (const auto& context : b.executor->held()) {
        context->finish(Succeeded{});
    }
    CHECK(*b.engine->wait(RunId{"good"}, kPatience) == RunStatus::kSucceeded);
    CHECK(b.engine->view(RunId{"bad"})->summary.quarantined);
    CHECK(view_of(*b.engine, "bad", "s0").status == StepStatus::kRunning);
    CHECK(b.engine->explain(RunId{"bad"})->sentence.find("impossible decision") != std::string::npos);
    CHECK(b.engine->explain(RunId{"bad"})->next == std::vector<std::string>{"release"});
    REQUIRE(b.engine->release_quarantined(RunId{"bad"}, me()));
    CHECK(b.engine->view(RunId{"bad"})->summary.status == RunStatus::kFailed);
    b.engine.reset();
    CHECK(b.recorder->alarms().contains("engine_bug"));
}

/// A shell without a thread, with one run that has just begun.
struct Audited {
    explicit Audited(const std::shared_ptr<Recorder>& recorder) : shell(options_of(recorder)) {
        shell.services->publisher = std::make_shared<runtime::Publisher>(shell.options.observers);
        const auto workflow = build(chain(2));
        auto& run = shell.runs.add(RunId{"r"});
        run.loaded = std::make_unique<runtime::LoadedRun>();
        run.loaded->plan = shell.registry.plan(workflow);
        core::Moment at;
        at.now_ms = 1'700'000'000'000;
        static_cast<void>(core::begin(workflow, {request("r", workflow), me()}, at, run.loaded->state));
        static_cast<void>(core::request(shell.admission, {RunId{"r"}, 0}));
    }
    static EngineOptions options_of(const std::shared_ptr<Recorder>& recorder) {
        EngineOptions options;
        options.observers = {recorder};
        return options;
    }
    core::RunState& state() { return shell.runs.find(RunId{"r"})->loaded->state; }
    bool alarmed(const std::shared_ptr<Recorder>& recorder) {
        shell.services->publisher->stop();
        return recorder->alarms().contains("audit");
    }

    runtime::Shell shell;
    runtime::Auditor auditor{shell};
};

TEST_CASE("the audit looks at every loaded run, and at a sound one only once") {
    const auto recorder = std::make_shared<Recorder>();
    Audited a(recorder);
    CHECK(a.auditor.has_work());
    a.auditor.slice();
    CHECK(a.auditor.runs_checked() == 1);
    CHECK_FALSE(a.auditor.has_work());
    a.auditor.slice();
    CHECK(a.auditor.runs_checked() == 1);
    CHECK(a.auditor.findings() == 0);
    CHECK_FALSE(a.alarmed(recorder));
}

TEST_CASE("the audit reports a counter that is off") {
    const auto recorder = std::make_shared<Recorder>();
    Audited a(recorder);
    a.state().blocking = 3;
    a.auditor.slice();
    CHECK(a.auditor.findings() == 1);
    CHECK(a.alarmed(recorder));
}

TEST_CASE("the audit reports a ready step without a ticket: nothing would move it again") {
    const auto recorder = std::make_shared<Recorder>();
    Audited a(recorder);
    static_cast<void>(core::give_back(a.shell.admission, {RunId{"r"}, 0}));
    a.auditor.slice();
    CHECK(a.auditor.findings() == 1);
    CHECK(a.alarmed(recorder));
}

/// The run is only in the store, and its wish for a place is not in the queue.
void send_away_without_ticket(Audited& a, const RunId& id) {
    a.shell.options.store = make_memory_store();
    a.shell.services->store = a.shell.options.store;
    Fold fold;
    fold.epoch = a.shell.store().open_partition(0)->epoch;
    auto& run = *a.shell.runs.find(id);
    const auto state = codec::encode_run(run.loaded->state, {});
    REQUIRE(state);
    fold.checkpoints.push_back({id, 0, *state, {}});
    REQUIRE(a.shell.store().fold(fold));
    static_cast<void>(core::give_back(a.shell.admission, {id, 0}));
    a.shell.let_go(run, runtime::RunTable::index_of(*run.loaded->plan, run.loaded->state));
}

TEST_CASE("the audit knows that a run which could not be read as its place came asks anew by its timer") {
    for (const bool looks_again : {true, false}) {
        const auto recorder = std::make_shared<Recorder>();
        Audited a(recorder);
        const auto plan = a.shell.runs.find(RunId{"r"})->loaded->plan;
        send_away_without_ticket(a, RunId{"r"});
        a.shell.runs.find(RunId{"r"})->wake_ms = looks_again ? 1'700'000'010'000 : 0;
        a.auditor.slice();  // what runs, then what is away
        a.auditor.slice();
        CHECK(a.auditor.runs_checked() == 1);
        CHECK(a.auditor.findings() == (looks_again ? 0 : 1));
        CHECK(a.alarmed(recorder) != looks_again);
    }
}

TEST_CASE("the audit knows that a held step waits for an attempt of another step") {
    const auto recorder = std::make_shared<Recorder>();
    Audited a(recorder);
    auto& run = *a.shell.runs.find(RunId{"r"});
    auto& state = a.state();
    static_cast<void>(core::give_back(a.shell.admission, {RunId{"r"}, 0}));
    a.shell.admission.capacity = 1;
    static_cast<void>(core::request(a.shell.admission, {RunId{"r"}, 0}));
    run.loaded->live.emplace(0, nullptr);
    state.counts[static_cast<std::size_t>(state.steps[0].status)] -= 1;
    state.steps[0].status = StepStatus::kRunning;
    state.counts[static_cast<std::size_t>(StepStatus::kRunning)] += 1;
    state.steps[0].attempt = 1;
    state.steps[0].fence = 1;
    state.redo_root = 0;
    state.steps[0].held = true;
    state.steps[1].held = true;
    state.redo_live = 1;
    a.auditor.slice();
    CHECK(a.auditor.findings() == 0);
    state.redo_live = 0;
    state.steps[0].held = false;
    state.redo_root = kNoStep;
    a.shell.last_tick += 1;
    a.auditor.slice();
    CHECK(a.auditor.findings() == 1);
}

TEST_CASE("the sensitive input of a step is not shown with the run's workflow") {
    Bench b;
    auto spec = chain(1);
    spec.steps[0].input = {"a secret", true};
    auto options = b.options();
    options.keys = std::make_shared<OneKey>();
    b.open(std::move(options));
    const auto workflow = build(spec);
    REQUIRE(b.engine->start(request("r", workflow), me()));
    const auto view = b.engine->view(RunId{"r"});
    REQUIRE(view.has_value());
    CHECK(view->workflow.step(0).input.bytes.empty());
    CHECK(view->workflow.step(0).input.sensitive);
    CHECK(view->summary.workflow_digest == workflow.digest());
    CHECK(*b.engine->wait(RunId{"r"}, kPatience) == RunStatus::kSucceeded);
    b.engine.reset();
    CHECK(b.recorder->workflows_seen() > 0);
    CHECK_FALSE(b.recorder->saw_input("a secret"));
}

TEST_CASE("without a scratch directory an attempt that asks for one is refused, and told what to set") {
    Bench b;
    std::string hint;
    b.executor->on_start = [&](const std::shared_ptr<AttemptContext>& c) {
        const auto refused = c->scratch_dir();
        hint = refused ? "it was given one" : refused.error().hint;
        c->finish(Succeeded{});
    };
    b.open();
    REQUIRE(b.engine->start(request("r", build(chain(1))), me()));
    CHECK(*b.engine->wait(RunId{"r"}, kPatience) == RunStatus::kSucceeded);
    CHECK(hint.find("EngineOptions::scratch_directory") != std::string::npos);
}

}  // namespace
}  // namespace slipway::testkit
