// A step that finds out what there is to do, starts a run for each, two at a time, and goes on when all have
// ended.
#include <cstdio>

#include "slipway/engine.hpp"

using namespace slipway;

namespace {

Workflow one_step(const char* kind) {
    WorkflowSpec spec;
    spec.name = kind;
    StepSpec step;
    step.id = StepId{kind};
    step.kind = kind;
    step.on_failure = FailurePolicy::kStop;
    spec.steps.push_back(std::move(step));
    return Workflow::build(std::move(spec)).value_or(Workflow{});
}

class Kind : public BlockingExecutor {
public:
    explicit Kind(const char* name) : name_(name) {}

private:
    ExecutorTraits traits() const override {
        ExecutorTraits traits;
        traits.kind = name_;
        return traits;
    }
    Verdict check(AttemptContext&, const std::vector<Evidence>&) override { return NotStarted{}; }

    const char* name_;
};

class Region final : public Kind {
public:
    Region() : Kind("region") {}
    Outcome run(AttemptContext& context) override {
        const std::string name = context.info().labels.at("run.region");
        if (name == "south") {
            StepFailure failure;
            failure.message = "no account in the south";
            return Failed{std::move(failure)};
        }
        return Succeeded{{"endpoint of " + name, false}};
    }
};

class Regions final : public Kind {
public:
    Regions() : Kind("regions") {}
    Outcome run(AttemptContext& context) override {
        if (context.info().resolutions.empty()) {
            return fan_out();
        }
        for (const auto& child : context.info().resolutions.back().children) {
            std::printf("  %s: %s %s\n", child.run.str().c_str(),
                        std::string(to_string(child.status)).c_str(), child.output.bytes.c_str());
        }
        return Succeeded{};
    }

private:
    static Outcome fan_out() {
        WaitFor wait;
        wait.kind = WaitKind::kChildRuns;
        wait.join.at_once_max = 2;
        for (const char* name : {"north", "south", "east"}) {
            wait.children.push_back(
                {name, one_step("region"), {name, false}, {{"region", name}}, StepId{"region"}});
        }
        return wait;
    }
};

Result<RunStatus> run() {
    EngineOptions options;
    options.store = make_memory_store();
    options.executors = {std::make_shared<Regions>(), std::make_shared<Region>()};
    SLIPWAY_TRY(const auto engine, Engine::open(std::move(options)));
    StartRequest request;
    request.run = RunId{"rollout"};
    request.workflow = one_step("regions");
    SLIPWAY_CHECK(engine->start(request, Principal{"me", {}}));
    return engine->wait(request.run, 10'000);
}

}  // namespace

int main() {
    const auto ended = run();
    if (!ended) {
        std::fprintf(stderr, "%s\n", ended.error().message.c_str());
        return 1;
    }
    std::printf("the run has %s\n", std::string(to_string(*ended)).c_str());
    return *ended == RunStatus::kSucceeded ? 0 : 1;
}
