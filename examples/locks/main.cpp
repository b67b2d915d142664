// Two deploys of one component, side by side: one lock from plan to apply, and a limit for the whole rollout.
#include <cstdio>

#include "slipway/engine.hpp"

using namespace slipway;

namespace {

class Say final : public BlockingExecutor {
    ExecutorTraits traits() const override {
        ExecutorTraits traits;
        traits.kind = "say";
        return traits;
    }
    Outcome run(AttemptContext& context) override {
        std::printf("%s: %s\n", context.info().run.str().c_str(), context.info().step.str().c_str());
        return Succeeded{};
    }
};

StepSpec step(const char* id, const char* after, bool gate = false) {
    StepSpec step;
    step.id = StepId{id};
    step.kind = gate ? "gate" : "say";
    step.type = gate ? StepType::kGate : StepType::kExecutor;
    step.section = "web";  // held until all three are done
    if (after != nullptr) {
        step.depends_on = {{StepId{after}}};
    }
    if (!gate) {
        step.claims = {{"component/web", 1, ClaimScope::kSection}, {"rollout/autumn", 1, ClaimScope::kRun}};
    }
    return step;
}

Result<void> approve(Engine& engine, const RunId& run) {
    SLIPWAY_TRY(const auto view, engine.view(run));
    GateAnswer answer;
    answer.step = StepId{"approve"};
    answer.round = view.steps[1].round;
    answer.shown = view.steps[1].gate ? view.steps[1].gate->shown : Digest{};
    return engine.act(run, AnswerGate{answer}, Principal{"me", {}});
}

Result<void> deploy_twice(Engine& engine) {
    WorkflowSpec spec;
    spec.name = "deploy";
    spec.steps = {step("plan", nullptr), step("approve", "plan", true), step("apply", "approve")};
    SLIPWAY_TRY(const auto workflow, Workflow::build(std::move(spec)));
    const RunId first{"first"};
    const RunId second{"second"};
    for (const auto& run : {first, second}) {
        StartRequest request;
        request.run = run;
        request.workflow = workflow;
        request.tenant = run.str();
        SLIPWAY_CHECK(engine.start(request, Principal{"me", {}}));
        // Until only an outsider can move it. The second one waits for the first.
        SLIPWAY_TRY(const auto status, engine.wait(first, 10'000, true));
        static_cast<void>(status);
    }
    SLIPWAY_TRY(const auto why, engine.explain(second, StepId{"plan"}));
    std::printf("second: %s\n", why.waits_for.c_str());
    for (const auto& run : {first, second}) {
        SLIPWAY_TRY(const auto stuck, engine.wait(run, 10'000, true));
        static_cast<void>(stuck);
        SLIPWAY_CHECK(approve(engine, run));
    }
    for (const auto& run : {first, second}) {
        SLIPWAY_TRY(const auto ended, engine.wait(run, 10'000));
        std::printf("%s: %s\n", run.str().c_str(), std::string(to_string(ended)).c_str());
    }
    return {};
}

}  // namespace

int main() {
    EngineOptions options;
    options.store = make_memory_store();
    options.executors = {std::make_shared<Say>()};
    options.limits = {{"rollout/autumn", 2}};
    auto engine = Engine::open(std::move(options));
    if (!engine) {
        std::fprintf(stderr, "%s\n", engine.error().message.c_str());
        return 1;
    }
    if (const auto done = deploy_twice(**engine); !done) {
        std::fprintf(stderr, "%s\n", done.error().message.c_str());
        return 1;
    }
    return 0;
}
