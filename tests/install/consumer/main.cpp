// What a host application sees: installed headers and slipway::engine, nothing else of the project.
#include <cstdio>

#include "slipway/engine.hpp"

using namespace slipway;

namespace {

class Greet final : public BlockingExecutor {
    ExecutorTraits traits() const override { return {.kind = "greet"}; }
    Outcome run(AttemptContext& context) override {
        return Succeeded{{"hello " + context.info().input.bytes}};
    }
};

bool greets() {
    EngineOptions options;
    options.store = make_memory_store();
    options.executors = {std::make_shared<Greet>()};
    auto engine = Engine::open(std::move(options));
    auto workflow = Workflow::build(
        {.name = "hello", .steps = {{.id = StepId{"greet"}, .kind = "greet", .input = {"world"}}}});
    if (!engine || !workflow) {
        return false;
    }
    const RunId run{"hello-1"};
    if (!(*engine)->start({.run = run, .workflow = *workflow}, Principal{"me"})) {
        return false;
    }
    const auto status = (*engine)->wait(run, 20'000);
    const auto view = (*engine)->view(run);
    return status && *status == RunStatus::kSucceeded && view &&
           view->steps.front().output.bytes == "hello world";
}

}  // namespace

int main() {
    const bool ok = greets();
    std::printf("consumer: %s\n", ok ? "ok" : "broken");
    return ok ? 0 : 1;
}
