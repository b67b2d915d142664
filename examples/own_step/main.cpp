#include <cstdio>
#include <filesystem>

#include "make_file.hpp"
#include "slipway/engine.hpp"

using namespace slipway;

static int fail(const Error& error) {
    std::fprintf(stderr, "%s\n%s\n", error.message.c_str(), error.hint.c_str());
    return 1;
}

int main() {
    EngineOptions options;
    options.store = make_memory_store();
    options.executors = {std::make_shared<MakeFile>()};
    auto engine = Engine::open(std::move(options));
    if (!engine) {
        return fail(engine.error());
    }
    const auto path = (std::filesystem::temp_directory_path() / "slipway-own-step.txt").string();
    StepSpec step;
    step.id = StepId{"file"};
    step.kind = "make_file";
    step.input.bytes = path;
    WorkflowSpec spec;
    spec.name = "own_step";
    spec.steps = {step};
    const auto workflow = Workflow::build(std::move(spec));
    if (!workflow) {
        return fail(workflow.error());
    }
    StartRequest request;
    request.run = RunId{"own-step-1"};
    request.workflow = *workflow;
    if (const auto started = (*engine)->start(request, Principal{"me", {}}); !started) {
        return fail(started.error());
    }
    const auto ended = (*engine)->wait(request.run, 10'000);
    std::printf("%s: %s\n", path.c_str(),
                ended ? std::string(to_string(*ended)).c_str() : ended.error().message.c_str());
    return ended && *ended == RunStatus::kSucceeded ? 0 : 1;
}
