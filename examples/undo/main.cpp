// Three resources are made one behind the other; the last one fails, and what was made is taken back, last
// first.
#include <cstdio>

#include "slipway/engine.hpp"

using namespace slipway;

namespace {

class Resource final : public BlockingExecutor {
    ExecutorTraits traits() const override {
        ExecutorTraits traits;
        traits.kind = "resource";
        traits.can_undo = true;
        return traits;
    }
    Outcome run(AttemptContext& context) override {
        const std::string name = context.info().step.str();
        if (name == "cluster") {
            StepFailure failure;
            failure.message = "the quota is used up";
            return Failed{std::move(failure)};
        }
        std::printf("  made %s\n", name.c_str());
        return Succeeded{{"id-of-" + name, false}};
    }
    Outcome take_back(AttemptContext& context, const Payload& output) override {
        std::printf("  removed %s (%s)\n", context.info().step.str().c_str(), output.bytes.c_str());
        return Succeeded{};
    }
    Verdict check(AttemptContext&, const std::vector<Evidence>&) override { return NotStarted{}; }
};

Result<Workflow> three_resources() {
    WorkflowSpec spec;
    spec.name = "undo";
    for (const char* id : {"network", "database", "cluster"}) {
        StepSpec step;
        step.id = StepId{id};
        step.kind = "resource";
        step.has_undo = true;
        step.on_failure = FailurePolicy::kUndo;
        if (!spec.steps.empty()) {
            step.depends_on = {{spec.steps.back().id, DependencyKind::kOrder}};
        }
        spec.steps.push_back(std::move(step));
    }
    return Workflow::build(std::move(spec));
}

Result<RunStatus> run() {
    EngineOptions options;
    options.store = make_memory_store();
    options.executors = {std::make_shared<Resource>()};
    SLIPWAY_TRY(const auto engine, Engine::open(std::move(options)));
    StartRequest request;
    request.run = RunId{"the-run"};
    SLIPWAY_TRY(request.workflow, three_resources());
    SLIPWAY_CHECK(engine->start(request, Principal{"me", {}}));
    SLIPWAY_TRY(const auto ended, engine->wait(request.run, 10'000));
    SLIPWAY_TRY(const auto view, engine->view(request.run));
    std::printf("%s: %s\n", std::string(to_string(ended)).c_str(), view.summary.reason.c_str());
    for (const auto& entry : view.ledger) {
        std::printf("  %s: %s %s\n", entry.step.str().c_str(), std::string(to_string(entry.standing)).c_str(),
                    entry.why.c_str());
    }
    return ended;
}

}  // namespace

int main() {
    const auto ended = run();
    if (!ended) {
        std::fprintf(stderr, "%s\n", ended.error().message.c_str());
        return 1;
    }
    return *ended == RunStatus::kUnwound ? 0 : 1;
}
