// Named locks and limits end to end: runs that know of each other through admission alone.
#include <doctest/doctest.h>

#include <chrono>
#include <thread>

#include "tests/unit/runtime/kit.hpp"

using namespace slipway;
using namespace slipway::testkit;

namespace {

StepSpec claiming(StepSpec s, const std::string& name, ClaimScope scope = ClaimScope::kStep,
                  std::uint32_t amount = 1) {
    s.claims.push_back({name, amount, scope});
    return s;
}

Workflow one_step(const std::string& lock, ClaimScope scope = ClaimScope::kStep, std::uint32_t amount = 1) {
    WorkflowSpec spec;
    spec.name = "one";
    spec.steps.push_back(claiming(step("s"), lock, scope, amount));
    return build(std::move(spec));
}

/// plan -> gate -> apply, one section that holds a component from plan to apply.
Workflow deploy(const std::string& component) {
    WorkflowSpec spec;
    spec.name = "deploy";
    spec.steps = {claiming(step("plan"), component, ClaimScope::kSection), step("approve", {"plan"}),
                  claiming(step("apply", {"approve"}), component, ClaimScope::kSection)};
    spec.steps[1].type = StepType::kGate;
    spec.steps[1].kind = "gate";
    for (auto& s : spec.steps) {
        s.section = "web";
    }
    return build(std::move(spec));
}

template <class Until>
void wait_until(Until&& until) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(kPatience);
    while (!until()) {
        REQUIRE(std::chrono::steady_clock::now() < end);
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
}

void start(Bench& bench, const std::string& run, const Workflow& workflow, const std::string& tenant = {}) {
    auto r = request(run, workflow);
    r.tenant = tenant;
    REQUIRE(bench.engine->start(std::move(r), me()));
}

void release(Bench& bench, std::size_t at = 0) {
    bench.executor->held().at(at)->finish(Succeeded{{"done", false}});
}

StepStatus status_of(Bench& bench, const std::string& run, const std::string& id) {
    return view_of(*bench.engine, run, id).status;
}

void approve(Bench& bench, const std::string& run) {
    const auto gate = view_of(*bench.engine, run, "approve").gate;
    REQUIRE(gate);
    GateAnswer answer;
    answer.step = StepId{"approve"};
    answer.round = gate->round;
    answer.shown = gate->shown;
    REQUIRE(bench.engine->act(RunId{run}, AnswerGate{answer}, me()));
}

}  // namespace

TEST_CASE("two runs that claim one lock take turns, and explain names the holder") {
    Bench bench;
    bench.executor->on_start = [&](const auto& context) { bench.executor->hold(context); };
    bench.open();
    start(bench, "a", one_step("install/x"));
    wait_until([&] { return bench.executor->held().size() == 1; });
    start(bench, "b", one_step("install/x"));
    const auto why = bench.engine->explain(RunId{"b"}, StepId{"s"});
    REQUIRE(why);
    CHECK(why->waker == WakerKind::kTicket);
    REQUIRE(why->place);
    CHECK(why->place->name == "install/x");
    CHECK(why->place->capacity == 1);
    REQUIRE(why->place->holders.size() == 1);
    CHECK(why->place->holders[0].run == RunId{"a"});
    CHECK(why->place->holders[0].step == StepId{"s"});
    CHECK(why->place->holders[0].since_ms == bench.clock->now_ms());
    CHECK(why->waits_for.find("install/x") != std::string::npos);
    CHECK(why->waits_for.find("run \"a\", step \"s\" since 20") != std::string::npos);
    release(bench);
    wait_until([&] { return bench.executor->held().size() == 2; });
    CHECK(*bench.engine->wait(RunId{"a"}, kPatience) == RunStatus::kSucceeded);
    release(bench, 1);
    CHECK(*bench.engine->wait(RunId{"b"}, kPatience) == RunStatus::kSucceeded);
}

TEST_CASE("deploys of one component are serialised from plan to apply, over an open approval and a crash") {
    Bench bench;
    bench.open();
    start(bench, "a", deploy("component/web"));
    CHECK(bench.engine->wait(RunId{"a"}, kPatience, true));
    start(bench, "b", deploy("component/web"));
    CHECK(status_of(bench, "a", "approve") == StepStatus::kWaiting);
    CHECK(status_of(bench, "b", "plan") == StepStatus::kReady);
    bench.crash();
    CHECK(status_of(bench, "b", "plan") == StepStatus::kReady);
    const auto why = bench.engine->explain(RunId{"b"}, StepId{"plan"});
    REQUIRE(why->place);
    CHECK(why->place->holders.at(0).run == RunId{"a"});
    CHECK(why->place->holders.at(0).scope == ClaimScope::kSection);
    approve(bench, "a");
    CHECK(*bench.engine->wait(RunId{"a"}, kPatience) == RunStatus::kSucceeded);
    CHECK(bench.engine->wait(RunId{"b"}, kPatience, true));
    CHECK(status_of(bench, "b", "approve") == StepStatus::kWaiting);
}

TEST_CASE("cancelling the holder lets the next one in") {
    Bench bench;
    bench.open();
    start(bench, "a", deploy("component/web"));
    CHECK(bench.engine->wait(RunId{"a"}, kPatience, true));
    start(bench, "b", deploy("component/web"));
    REQUIRE(bench.engine->act(RunId{"a"}, CancelRun{"never mind"}, me()));
    CHECK(bench.engine->wait(RunId{"b"}, kPatience, true));
    CHECK(status_of(bench, "b", "approve") == StepStatus::kWaiting);
}

TEST_CASE("a limit by name and a limit by resource class hold what they say") {
    Bench bench;
    bench.executor->resource_class = "heavy";
    bench.executor->on_start = [&](const auto& context) { bench.executor->hold(context); };
    auto options = bench.options();
    options.limits = {{"class/heavy", 3}, {"rollout/x", 2}};
    bench.open(std::move(options));
    for (int i = 0; i < 4; ++i) {
        start(bench, "r" + std::to_string(i), one_step("rollout/x"));
        start(bench, "c" + std::to_string(i), one_step("own/" + std::to_string(i)));
    }
    wait_until([&] { return bench.executor->held().size() == 3; });
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    CHECK(bench.executor->held().size() == 3);
    for (std::size_t i = 0; i < 8; ++i) {
        wait_until([&] { return bench.executor->held().size() > i; });
        release(bench, i);
    }
    for (int i = 0; i < 4; ++i) {
        CHECK(*bench.engine->wait(RunId{"r" + std::to_string(i)}, kPatience) == RunStatus::kSucceeded);
        CHECK(*bench.engine->wait(RunId{"c" + std::to_string(i)}, kPatience) == RunStatus::kSucceeded);
    }
}

TEST_CASE("a claim that no limit can satisfy fails the step as its author's, also when the limit shrank") {
    Bench bench;
    bench.open();
    start(bench, "a", one_step("install/x", ClaimScope::kStep, 2));
    CHECK(*bench.engine->wait(RunId{"a"}, kPatience, true) == RunStatus::kBlocked);
    const auto view = view_of(*bench.engine, "a", "s");
    REQUIRE(view.failure);
    CHECK(view.failure->failure_class == FailureClass::kAuthoring);
    CHECK(view.failure->message.find("install/x") != std::string::npos);

    auto wide = bench.options();
    wide.limits = {{"rollout/x", 4}};
    bench.executor->on_start = [&](const auto& context) { bench.executor->hold(context); };
    bench.engine.reset();
    bench.open(std::move(wide));
    start(bench, "holder", one_step("rollout/x", ClaimScope::kRun, 4));
    start(bench, "b", one_step("rollout/x", ClaimScope::kStep, 3));
    CHECK(status_of(bench, "b", "s") == StepStatus::kReady);
    bench.engine.reset();
    auto narrow = bench.options();
    narrow.limits = {{"rollout/x", 2}};
    bench.open(std::move(narrow));
    CHECK(*bench.engine->wait(RunId{"b"}, kPatience, true) == RunStatus::kBlocked);
    CHECK(view_of(*bench.engine, "b", "s").failure->failure_class == FailureClass::kAuthoring);
}

TEST_CASE("an adopted attempt keeps its lock over a crash, a dead one gives it to whoever waits") {
    Bench bench;
    bench.executor->on_start = [&](const auto& context) { bench.executor->hold(context); };
    bench.executor->on_reconcile = [](const auto& context, const auto&) {
        context->reconciled(context->info().run == RunId{"a"} ? Verdict{StillRunning{}}
                                                              : Verdict{NotStarted{}});
    };
    bench.executor->on_attach = [&](const auto& context, const auto&) { bench.executor->hold(context); };
    bench.open();
    start(bench, "a", one_step("install/x"));
    wait_until([&] { return bench.executor->held().size() == 1; });
    start(bench, "b", one_step("install/x"));
    bench.crash();
    wait_until([&] { return bench.executor->held().size() == 2; });  // attached
    CHECK(status_of(bench, "b", "s") == StepStatus::kReady);
    release(bench, 1);
    wait_until([&] { return bench.executor->held().size() == 3; });
    CHECK(bench.executor->held()[2]->info().run == RunId{"b"});
    release(bench, 2);
    CHECK(*bench.engine->wait(RunId{"b"}, kPatience) == RunStatus::kSucceeded);
}

TEST_CASE("a gate that claims a lock holds it while it waits, and no attempt's place") {
    Bench bench;
    WorkflowSpec spec;
    spec.name = "gate";
    spec.steps.push_back(claiming(step("approve"), "window"));
    spec.steps[0].type = StepType::kGate;
    spec.steps[0].kind = "gate";
    auto options = bench.options();
    options.live_attempts_max = 1;
    bench.open(std::move(options));
    start(bench, "a", build(spec));
    start(bench, "b", build(spec));
    CHECK(status_of(bench, "a", "approve") == StepStatus::kWaiting);
    CHECK(status_of(bench, "b", "approve") == StepStatus::kReady);
    CHECK(view_of(*bench.engine, "b", "approve").waker == WakerKind::kTicket);
    start(bench, "c", one_step("other"));
    CHECK(*bench.engine->wait(RunId{"c"}, kPatience) == RunStatus::kSucceeded);
    approve(bench, "a");
    CHECK(*bench.engine->wait(RunId{"a"}, kPatience) == RunStatus::kSucceeded);
    CHECK(status_of(bench, "b", "approve") == StepStatus::kWaiting);
}

TEST_CASE("a gate that claims a lock asks for it anew in a new round") {
    Bench bench;
    WorkflowSpec spec;
    spec.name = "gate";
    spec.steps.push_back(claiming(step("approve"), "window"));
    spec.steps[0].type = StepType::kGate;
    spec.steps[0].kind = "gate";
    bench.open();
    start(bench, "a", build(spec));
    CHECK(status_of(bench, "a", "approve") == StepStatus::kWaiting);
    REQUIRE(bench.engine->act(RunId{"a"}, RedoSection{StepId{"approve"}, "once more"}, me()));
    const auto view = view_of(*bench.engine, "a", "approve");
    CHECK(view.round == 2);
    CHECK(view.status == StepStatus::kWaiting);
    approve(bench, "a");
    CHECK(*bench.engine->wait(RunId{"a"}, kPatience) == RunStatus::kSucceeded);
}

TEST_CASE("a deadlock is an alarm and stands in explain; cancelling one run frees the other") {
    Bench bench;
    const auto both = [](const std::string& first, const std::string& second) {
        WorkflowSpec spec;
        spec.name = first;
        spec.steps = {claiming(step("one"), first, ClaimScope::kRun), step("look", {"one"}),
                      claiming(step("two", {"look"}), second, ClaimScope::kRun)};
        spec.steps[1].type = StepType::kGate;
        spec.steps[1].kind = "gate";
        spec.steps[1].id = StepId{"approve"};
        spec.steps[2].depends_on[0].step = StepId{"approve"};
        return build(std::move(spec));
    };
    bench.open();
    start(bench, "a", both("x", "y"));
    start(bench, "b", both("y", "x"));
    CHECK(bench.engine->wait(RunId{"a"}, kPatience, true));
    CHECK(bench.engine->wait(RunId{"b"}, kPatience, true));
    approve(bench, "a");
    CHECK_FALSE(bench.recorder->alarms().contains("deadlock"));
    approve(bench, "b");
    wait_until([&] { return bench.recorder->alarms().contains("deadlock"); });
    const auto why = bench.engine->explain(RunId{"b"}, StepId{"two"});
    REQUIRE(why->place);
    REQUIRE(why->place->deadlock.size() == 2);
    CHECK(why->place->deadlock[0].run == RunId{"b"});
    CHECK(why->place->deadlock[0].name == "x");
    CHECK(why->place->deadlock[0].holder == RunId{"a"});
    CHECK(why->place->deadlock[1].step == StepId{"two"});
    CHECK(why->waits_for.find("deadlock") != std::string::npos);
    REQUIRE(bench.engine->act(RunId{"b"}, CancelRun{}, me()));
    CHECK(*bench.engine->wait(RunId{"a"}, kPatience) == RunStatus::kSucceeded);
}

TEST_CASE("a quarantined run keeps its locks until it is released") {
    Bench bench;
    bench.open();
    start(bench, "damaged-one", deploy("component/web"));
    CHECK(bench.engine->wait(RunId{"damaged-one"}, kPatience, true));
    start(bench, "b", deploy("component/web"));
    bench.engine.reset();
    damage_slice(*bench.image, "damaged-one");
    bench.open();
    CHECK(status_of(bench, "b", "plan") == StepStatus::kReady);
    REQUIRE(bench.engine->release_quarantined(RunId{"damaged-one"}, me()));
    CHECK(bench.engine->wait(RunId{"b"}, kPatience, true));
    CHECK(status_of(bench, "b", "approve") == StepStatus::kWaiting);
}

TEST_CASE("a child run goes on under the lock that its parent holds; everybody else waits for both") {
    Bench bench;
    const Workflow child = one_step("install/x");
    bench.executor->on_start = [&](const std::shared_ptr<AttemptContext>& context) {
        if (context->info().run != RunId{"parent"}) {
            bench.executor->hold(context);
        } else if (!context->info().resolutions.empty()) {
            context->finish(Succeeded{});
        } else {
            WaitFor wait;
            wait.kind = WaitKind::kChildRuns;
            wait.children.push_back({"only", child, {}, {}, StepId{}});
            context->finish(std::move(wait));
        }
    };
    bench.open();
    start(bench, "parent", one_step("install/x", ClaimScope::kSection));
    wait_until([&] { return bench.executor->held().size() == 1; });
    CHECK(bench.executor->held()[0]->info().run != RunId{"parent"});
    start(bench, "other", one_step("install/x"));
    CHECK(status_of(bench, "other", "s") == StepStatus::kReady);
    CHECK(bench.engine->explain(RunId{"other"}, StepId{"s"})->place->holders.at(0).run == RunId{"parent"});
    release(bench);
    CHECK(*bench.engine->wait(RunId{"parent"}, kPatience) == RunStatus::kSucceeded);
    wait_until([&] { return bench.executor->held().size() == 2; });
    CHECK(bench.executor->held()[1]->info().run == RunId{"other"});
    release(bench, 1);
    CHECK(*bench.engine->wait(RunId{"other"}, kPatience) == RunStatus::kSucceeded);
}

TEST_CASE("limits that make no sense are refused at open") {
    Bench bench;
    for (const auto& limits :
         {std::map<std::string, std::uint32_t>{{"x", 0}}, {{"engine", 3}}, {{"a b", 3}}}) {
        auto options = bench.options();
        options.limits = limits;
        const auto engine = Engine::open(std::move(options));
        REQUIRE_FALSE(engine);
        CHECK(engine.error().code == ErrorCode::kInvalidArgument);
    }
}
