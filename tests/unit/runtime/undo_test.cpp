// Runs that are unwound, through the whole engine.
#include <doctest/doctest.h>

#include <thread>

#include "tests/unit/runtime/kit.hpp"

namespace slipway::testkit {
namespace {

/// Makes something and takes it back; what it was told is in `log`.
class Maker final : public Executor {
public:
    ExecutorTraits traits() const override {
        ExecutorTraits traits;
        traits.kind = "x";
        traits.can_undo = can_undo;
        return traits;
    }
    void start(std::shared_ptr<AttemptContext> context) override {
        key = context->info().idempotency_key;
        context->finish(Succeeded{{"made " + context->info().step.str(), false}});
    }
    void undo(std::shared_ptr<AttemptContext> context, Payload output) override {
        const std::lock_guard lock(mutex);
        log.push_back(context->info().step.str() + " <- " + output.bytes);
        CHECK(context->info().undo);
        CHECK(context->info().input.bytes == "in:" + context->info().step.str());
        CHECK(context->info().idempotency_key != key);
        if (hold) {
            held = context;
        } else if (fails) {
            context->finish(Failed{{FailureClass::kPermanent, "locked", "", 0, false}});
        } else {
            context->finish(Succeeded{});
        }
    }
    void reconcile(std::shared_ptr<AttemptContext> context, std::vector<Evidence>) override {
        asked_about_undo = context->info().undo;
        context->reconciled(verdict);
    }
    std::vector<std::string> said() {
        const std::lock_guard lock(mutex);
        return log;
    }

    bool can_undo = true;
    bool hold = false;
    std::atomic<bool> fails{false};
    std::atomic<bool> asked_about_undo{false};
    Verdict verdict = NotStarted{};
    std::shared_ptr<AttemptContext> held;
    std::string key;

private:
    std::mutex mutex;
    std::vector<std::string> log;
};

/// s0 <- s1 <- gate: stands at the gate once started.
Workflow undoable_chain() {
    WorkflowSpec spec = chain(2);
    for (auto& one : spec.steps) {
        one.has_undo = true;
        one.input.bytes = "in:" + one.id.str();
    }
    StepSpec open = step("open", {"s1"});
    open.type = StepType::kGate;
    open.kind = "gate";
    spec.steps.push_back(open);
    return build(spec);
}

struct UndoBench {
    Bench b;
    std::shared_ptr<Maker> maker = std::make_shared<Maker>();

    void open() {
        auto options = b.options();
        options.executors = {maker};
        b.open(std::move(options));
    }
    void start_and_undo() {
        open();
        REQUIRE(b.engine->start(request("r", undoable_chain()), me()));
        REQUIRE(b.engine->wait(RunId{"r"}, kPatience, true));
        REQUIRE(b.engine->act(RunId{"r"}, UndoRun{"not wanted"}, me()));
    }
    void crash() {
        auto copy = clone_memory_image(*b.image);
        b.engine.reset();
        b.image = std::move(copy);
        open();
    }
};

TEST_CASE("a run is unwound: last step first, with what was put out, and its ledger says so") {
    UndoBench u;
    u.start_and_undo();
    CHECK(*u.b.engine->wait(RunId{"r"}, kPatience) == RunStatus::kUnwound);
    CHECK(u.maker->said() == std::vector<std::string>{"s1 <- made s1", "s0 <- made s0"});
    const auto view = *u.b.engine->view(RunId{"r"});
    REQUIRE(view.ledger.size() == 3);
    CHECK(view.ledger[1].standing == UndoStanding::kUndone);
    CHECK(view.steps[0].undo == UndoStanding::kUndone);
    CHECK(view.summary.reason == "unwound by me: not wanted; 2 steps undone");
    u.b.reopen();
    CHECK(u.b.engine->view(RunId{"r"})->summary.status == RunStatus::kUnwound);
    CHECK(u.b.engine->view(RunId{"r"})->ledger.size() == 3);
}

TEST_CASE("a crash while a step is undone: its executor is asked about the undo, and it goes on") {
    for (const bool folded : {false, true}) {
        UndoBench u;
        u.maker->hold = true;
        u.start_and_undo();
        while (u.maker->said().empty()) {
            std::this_thread::yield();
        }
        CHECK(view_of(*u.b.engine, "r", "s1").status == StepStatus::kUndoing);
        if (folded) {
            REQUIRE(u.b.engine->stop(StopMode::kGraceful));
        }
        u.maker->hold = false;
        u.maker->verdict = Finished{Succeeded{}};
        u.crash();
        CHECK(*u.b.engine->wait(RunId{"r"}, kPatience) == RunStatus::kUnwound);
        CHECK(u.maker->asked_about_undo);
        CHECK(u.maker->said() == std::vector<std::string>{"s1 <- made s1", "s0 <- made s0"});
        CHECK(u.b.recorder->alarms().empty());
        u.maker->held->finish(Succeeded{});
    }
}

TEST_CASE("an undo that fails blocks the run, also over a restart, until it is left as it is") {
    UndoBench u;
    u.maker->fails = true;
    u.start_and_undo();
    CHECK(*u.b.engine->wait(RunId{"r"}, kPatience, true) == RunStatus::kBlocked);
    u.crash();
    CHECK(u.b.engine->view(RunId{"r"})->summary.status == RunStatus::kBlocked);
    CHECK(u.b.engine->explain(RunId{"r"}, StepId{"s1"})->waits_for ==
          "Undoing it failed (permanent): locked");
    u.maker->fails = false;
    REQUIRE(u.b.engine->act(RunId{"r"}, SkipStep{StepId{"s1"}, SkipMode::kGoOn, "keep it"}, me()));
    CHECK(*u.b.engine->wait(RunId{"r"}, kPatience) == RunStatus::kUnwound);
    CHECK(u.maker->said().back() == "s0 <- made s0");
    CHECK(u.b.engine->view(RunId{"r"})->ledger[1].why == "left by me: keep it");
}

TEST_CASE("an executor that cannot undo is never asked to: the step says so and waits for an operator") {
    UndoBench u;
    u.maker->can_undo = false;
    u.start_and_undo();
    CHECK(*u.b.engine->wait(RunId{"r"}, kPatience, true) == RunStatus::kBlocked);
    CHECK(u.maker->said().empty());
    CHECK(view_of(*u.b.engine, "r", "s1").failure->message == "its executor cannot undo anything");
    CHECK(view_of(*u.b.engine, "r", "s1").failure->in_undo);
}

struct Blocking final : BlockingExecutor {
    ExecutorTraits traits() const override {
        ExecutorTraits traits;
        traits.kind = "x";
        traits.can_undo = true;
        return traits;
    }
    Outcome run(AttemptContext&) override { return Succeeded{{"made", false}}; }
    Outcome take_back(AttemptContext& context, const Payload& output) override {
        CHECK(output.bytes == "made");
        return context.info().step.str() == "s1" ? Outcome(Succeeded{}) : throw std::runtime_error("oh");
    }
};

TEST_CASE("a blocking executor takes back in the pool; what it throws is a failure of the undo") {
    Bench b;
    auto options = b.options();
    options.executors = {std::make_shared<Blocking>()};
    b.open(std::move(options));
    REQUIRE(b.engine->start(request("r", undoable_chain()), me()));
    REQUIRE(b.engine->wait(RunId{"r"}, kPatience, true));
    REQUIRE(b.engine->act(RunId{"r"}, UndoRun{}, me()));
    CHECK(*b.engine->wait(RunId{"r"}, kPatience, true) == RunStatus::kBlocked);
    CHECK(view_of(*b.engine, "r", "s1").status == StepStatus::kUndone);
    CHECK(view_of(*b.engine, "r", "s0").failure->message == "the executor threw: oh");
}

}  // namespace
}  // namespace slipway::testkit
