// A durable run in under twenty lines. Start it twice: the second time the run is there already, and nothing
// is done again.
#include <cstdio>

#include "slipway/engine.hpp"

using namespace slipway;

class Greet final : public BlockingExecutor {
    ExecutorTraits traits() const override {
        ExecutorTraits traits;
        traits.kind = "greet";
        return traits;
    }
    Outcome run(AttemptContext& context) override {
        return Succeeded{{"hello " + context.info().input.bytes, false}};
    }
};

int main(int argc, char** argv) {
    auto store = open_rocksdb_store({argc > 1 ? argv[1] : "hello-state"});
    if (!store) {
        return std::printf("%s\n", store.error().message.c_str()), 1;
    }
    EngineOptions options;
    options.store = *std::move(store);
    options.executors = {std::make_shared<Greet>()};
    auto engine = Engine::open(std::move(options));
    StepSpec step{.id = StepId{"greet"}, .kind = "greet", .input = {"world", false}};
    auto workflow = Workflow::build({.name = "hello", .steps = {step}});
    if (!engine || !(*engine)->start({.run = RunId{"hello-1"}, .workflow = *workflow}, {"me", {}})) {
        return 1;
    }
    (void)(*engine)->wait(RunId{"hello-1"}, 10'000);
    std::printf("%s\n", (*engine)->view(RunId{"hello-1"})->steps[0].output.bytes.c_str());
}
