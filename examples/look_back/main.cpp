// Looks back: at a run as it was, at two runs beside each other, for runs of a kind, and at the engine's own
// figures.
#include <cstdio>

#include "slipway/inspect.hpp"

using namespace slipway;

namespace {

Workflow two_steps() {
    WorkflowSpec spec;
    spec.name = "deploy";
    for (const char* id : {"build", "publish"}) {
        StepSpec step;
        step.id = StepId{id};
        step.kind = "deploy";
        step.on_failure = FailurePolicy::kStop;
        if (!spec.steps.empty()) {
            step.depends_on = {{spec.steps.back().id, DependencyKind::kData}};
        }
        spec.steps.push_back(std::move(step));
    }
    return Workflow::build(std::move(spec)).value_or(Workflow{});
}

class Deploy final : public BlockingExecutor {
public:
    ExecutorTraits traits() const override {
        ExecutorTraits traits;
        traits.kind = "deploy";
        return traits;
    }
    Outcome run(AttemptContext& context) override {
        if (context.info().run == RunId{"tuesday"} && context.info().step == StepId{"publish"}) {
            StepFailure failure;
            failure.message = "the registry is full";
            return Failed{std::move(failure)};
        }
        return Succeeded{{"done", false}};
    }
    Verdict check(AttemptContext&, const std::vector<Evidence>&) override { return NotStarted{}; }
};

int run() {
    EngineOptions options;
    options.store = make_memory_store();
    options.executors = {std::make_shared<Deploy>()};
    auto engine = Engine::open(std::move(options));
    if (!engine) {
        std::printf("%s\n", engine.error().message.c_str());
        return 1;
    }
    for (const char* id : {"monday", "tuesday"}) {
        StartRequest request;
        request.run = RunId{id};
        request.workflow = two_steps();
        request.labels = {{"team", "web"}};
        static_cast<void>((*engine)->start(std::move(request), Principal{"me", {}}));
        static_cast<void>((*engine)->wait(RunId{id}, 10'000));
    }
    RunQuery query;
    query.workflow = "deploy";
    query.labels = {{"team", "web"}};
    query.status = RunStatus::kFailed;
    const auto failed = (*engine)->list(query);
    const auto monday = (*engine)->view(RunId{"monday"});
    const auto tuesday = (*engine)->view(RunId{"tuesday"});
    const auto begun = view_at(**engine, RunId{"monday"}, 1);
    const auto metrics = (*engine)->metrics();
    if (!failed || failed->empty() || !monday || !tuesday || !begun || !metrics) {
        return 1;
    }
    std::printf("failed: %s, %s\n", failed->front().run.str().c_str(), failed->front().reason.c_str());
    std::printf("monday at its first event: \"build\" is %s\n",
                std::string(to_string(begun->steps[0].status)).c_str());
    for (const auto& one : compare(*monday, *tuesday)) {
        std::printf("  %s %s: \"%s\" on monday, \"%s\" on tuesday\n",
                    one.step.empty() ? "the run's" : one.step.str().c_str(), one.aspect.c_str(),
                    one.one.c_str(), one.other.c_str());
    }
    std::printf("%llu steps have succeeded, %llu failed\n",
                static_cast<unsigned long long>(metrics->events.at("step_succeeded")),
                static_cast<unsigned long long>(metrics->events.at("step_failed")));
    return 0;
}

}  // namespace

int main() {
    return run();
}
