#include "tests/golden/store/golden_store.hpp"

#include <chrono>
#include <thread>

namespace slipway::golden {
namespace {

constexpr DurationMs kPatience = 30'000;
constexpr std::size_t kLargeBytes = 70'000;

StepSpec step(const std::string& id) {
    StepSpec spec;
    spec.id = StepId{id};
    spec.kind = "golden";
    return spec;
}

Result<Workflow> three_steps() {
    WorkflowSpec spec;
    spec.name = "three";
    spec.steps = {step("a"), step("b"), step("c")};
    spec.steps[1].depends_on = {{StepId{"a"}, DependencyKind::kOrder}};
    spec.steps[1].input = {"an input with " + kSecret, true};
    spec.steps[2].depends_on = {{StepId{"b"}, DependencyKind::kOrder}};
    return Workflow::build(std::move(spec));
}

Result<Workflow> with_gate() {
    WorkflowSpec spec;
    spec.name = "gated";
    spec.steps = {step("a"), step("gate"), step("behind")};
    spec.steps[1].type = StepType::kGate;
    spec.steps[1].kind = "gate";
    spec.steps[1].depends_on = {{StepId{"a"}, DependencyKind::kData}};
    spec.steps[2].depends_on = {{StepId{"gate"}, DependencyKind::kOrder}};
    return Workflow::build(std::move(spec));
}

Result<Workflow> with_one(const std::string& id) {
    WorkflowSpec spec;
    spec.name = "one";
    spec.steps = {step(id)};
    return Workflow::build(std::move(spec));
}

Result<void> start(Engine& engine, const std::string& run, Result<Workflow> workflow) {
    if (!workflow) {
        return std::move(workflow).error();
    }
    StartRequest request;
    request.run = RunId{run};
    request.workflow = *workflow;
    request.input = {"a run's input with " + kSecret, true};
    request.labels = {{"made", "golden"}};
    return engine.start(std::move(request), Principal{"maker", {}});
}

Result<void> until_still(Engine& engine, const std::string& run) {
    const auto status = engine.wait(RunId{run}, kPatience, true);
    return status ? Result<void>{} : Result<void>(status.error());
}

}  // namespace

std::string plain_output(const std::string& run) {
    return "output of " + run;
}

std::string large_output() {
    std::string text;
    for (int i = 0; text.size() < kLargeBytes; ++i) {
        text += "line " + std::to_string(i % 10) + "\n";
    }
    return text;
}

ExecutorTraits GoldenExecutor::traits() const {
    ExecutorTraits traits;
    traits.kind = "golden";
    return traits;
}

void GoldenExecutor::start(std::shared_ptr<AttemptContext> context) {
    const std::string id = context->info().step.str();
    if (id == "b") {
        context->finish(Succeeded{{kSecret, true}});
    } else if (id == "c") {
        context->finish(Succeeded{{large_output(), false}});
    } else if (id == "breaks") {
        StepFailure failure;
        failure.message = "it broke";
        context->finish(Failed{std::move(failure)});
    } else if (id == "held" && making_) {
        context->record({"armed", {"evidence with " + kSecret, true}},
                        [this, context](const Result<void>&) { ++held; });
    } else {
        context->finish(Succeeded{{plain_output(context->info().run.str()), false}});
    }
}

void GoldenExecutor::reconcile(std::shared_ptr<AttemptContext> context, std::vector<Evidence> evidence) {
    if (evidence.size() == 1 && evidence[0].kind == "armed" && evidence[0].data.sensitive &&
        evidence[0].data.bytes == "evidence with " + kSecret) {
        ++reconciled;
    }
    context->reconciled(NotStarted{});
}

Result<std::unique_ptr<Engine>> open_golden(const std::string& directory,
                                            const std::shared_ptr<GoldenExecutor>& executor) {
    EngineOptions options;
    RocksDbStoreOptions where;
    where.directory = directory + "/store";
    SLIPWAY_TRY(options.store, open_rocksdb_store(where));
    SLIPWAY_TRY(options.keys, open_file_keys(directory + "/keys"));
    options.executors = {executor};
    options.retention.finished_age_max_ms = 0;
    return Engine::open(std::move(options));
}

Result<void> make_golden(const std::string& directory) {
    const auto executor = std::make_shared<GoldenExecutor>(true);
    SLIPWAY_TRY(auto engine, open_golden(directory, executor));
    SLIPWAY_CHECK(start(*engine, "finished", three_steps()));
    SLIPWAY_CHECK(start(*engine, "parked", with_gate()));
    SLIPWAY_CHECK(start(*engine, "broken", with_one("breaks")));
    for (const auto* run : {"finished", "parked", "broken"}) {
        SLIPWAY_CHECK(until_still(*engine, run));
    }
    SLIPWAY_CHECK(engine->stop(StopMode::kGraceful));
    // What follows stays in the journal: nothing is folded any more.
    SLIPWAY_TRY(engine, open_golden(directory, executor));
    SLIPWAY_CHECK(start(*engine, "in-flight", with_one("held")));
    SLIPWAY_CHECK(start(*engine, "late", three_steps()));
    SLIPWAY_CHECK(until_still(*engine, "late"));
    while (executor->held == 0) {
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    engine.release();  // NOLINT(bugprone-unused-return-value): it dies as it is
    return {};
}

}  // namespace slipway::golden
