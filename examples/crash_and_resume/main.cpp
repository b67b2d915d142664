// Dies in the middle of a run, by kill -9 of itself, and carries on when it is started again.
//
//   example_crash_and_resume DIRECTORY     prints what it does; start it until it says that the run has
//   succeeded
#include <signal.h>
#include <unistd.h>

#include <cstdio>

#include "slipway/engine.hpp"

using namespace slipway;

namespace {

class Work final : public BlockingExecutor {
public:
    explicit Work(bool dies) : dies_(dies) {}

private:
    ExecutorTraits traits() const override {
        ExecutorTraits traits;
        traits.kind = "work";
        return traits;
    }
    Outcome run(AttemptContext& context) override {
        const auto& info = context.info();
        std::printf("  step %s, attempt %u, fence %llu\n", info.step.str().c_str(), info.attempt,
                    static_cast<unsigned long long>(info.fence));
        std::fflush(stdout);
        if (dies_ && info.step.str() == "three") {
            std::printf("  kill -9\n");
            std::fflush(stdout);
            ::kill(::getpid(), SIGKILL);
        }
        return Succeeded{{info.step.str() + " done", false}};
    }
    // This work may be done again, so an interrupted attempt counts as never started.
    Verdict check(AttemptContext&, const std::vector<Evidence>&) override { return NotStarted{}; }

    bool dies_;
};

Result<Workflow> five_steps() {
    WorkflowSpec spec;
    spec.name = "crash_and_resume";
    for (const char* id : {"one", "two", "three", "four", "five"}) {
        StepSpec step;
        step.id = StepId{id};
        step.kind = "work";
        if (!spec.steps.empty()) {
            step.depends_on = {{spec.steps.back().id, DependencyKind::kOrder}};
        }
        spec.steps.push_back(std::move(step));
    }
    return Workflow::build(std::move(spec));
}

Result<RunStatus> resume_or_start(const std::string& directory) {
    RocksDbStoreOptions where;
    where.directory = directory;
    SLIPWAY_TRY(auto store, open_rocksdb_store(where));
    SLIPWAY_TRY(const auto known, store->open_partition(0));
    const bool first_time = known.last_tick == 0;
    std::printf("%s\n",
                first_time ? "first start: it will die in step three" : "started again: it carries on");
    EngineOptions options;
    options.store = std::move(store);
    options.executors = {std::make_shared<Work>(first_time)};
    SLIPWAY_TRY(const auto engine, Engine::open(std::move(options)));
    SLIPWAY_TRY(const auto workflow, five_steps());
    StartRequest request;
    request.run = RunId{"the-run"};
    request.workflow = workflow;
    SLIPWAY_CHECK(
        engine->start(request, Principal{"me", {}}));  // a success that does nothing when it is there already
    return engine->wait(request.run, 10'000);
}

}  // namespace

int main(int argc, char** argv) {
    const auto ended = resume_or_start(argc > 1 ? argv[1] : "crash-and-resume-state");
    if (!ended) {
        std::fprintf(stderr, "%s\n%s\n", ended.error().message.c_str(), ended.error().hint.c_str());
        return 1;
    }
    std::printf("the run has %s\n", std::string(to_string(*ended)).c_str());
    return *ended == RunStatus::kSucceeded ? 0 : 1;
}
