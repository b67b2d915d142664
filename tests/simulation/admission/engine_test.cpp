// 10,000 runs of three tenants compete for ten places of a real engine.
#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "slipway/engine.hpp"

using namespace slipway;

namespace {

constexpr int kRuns = 10'000;
constexpr int kPlaces = 10;

/// Ends in the engine's pool, so that several are live at once; nothing begins before the gate is open.
class Counting final : public BlockingExecutor {
public:
    ExecutorTraits traits() const override {
        ExecutorTraits traits;
        traits.kind = "count";
        return traits;
    }
    Outcome run(AttemptContext& context) override {
        while (!open.load()) {
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
        const int now = ++live;
        for (int seen = most.load(); now > seen && !most.compare_exchange_weak(seen, now);) {
        }
        {
            const std::lock_guard lock(mutex);
            order.push_back(context.info().labels.at("run.tenant"));
        }
        std::this_thread::yield();
        --live;
        return Succeeded{};
    }

    std::atomic<bool> open{false};
    std::atomic<int> live{0};
    std::atomic<int> most{0};
    std::mutex mutex;
    std::vector<std::string> order;
};

Workflow one_step() {
    StepSpec step;
    step.id = StepId{"s"};
    step.kind = "count";
    step.claims = {{"rollout/x", 1, ClaimScope::kStep}};
    WorkflowSpec spec;
    spec.name = "one";
    spec.steps = {step};
    return *Workflow::build(std::move(spec));
}

}  // namespace

TEST_CASE("10,000 runs compete for ten places: never more than ten live, every tenant gets its share") {
    auto counting = std::make_shared<Counting>();
    EngineOptions options;
    options.store = make_memory_store();
    options.executors = {counting};
    options.limits = {{"rollout/x", kPlaces}};
    options.live_attempts_max = 64;
    options.pool_threads = 16;
    auto engine = Engine::open(std::move(options));
    REQUIRE(engine);
    const Workflow workflow = one_step();
    const auto begun = std::chrono::steady_clock::now();
    for (int i = 0; i < kRuns; ++i) {
        StartRequest request;
        request.run = RunId{"r" + std::to_string(i)};
        request.workflow = workflow;
        request.tenant = i % 100 == 0 ? "tiny" : (i % 10 == 0 ? "small" : "big");
        request.labels["tenant"] = request.tenant;
        REQUIRE((*engine)->start(std::move(request), Principal{"me", {}}));
    }
    const auto why = (*engine)->explain(RunId{"r9999"}, StepId{"s"});
    REQUIRE(why);
    REQUIRE(why->place);
    CHECK(why->place->waiting == kRuns - kPlaces);
    const auto started = std::chrono::steady_clock::now();
    counting->open = true;
    for (int i = 0; i < kRuns; ++i) {
        REQUIRE(*(*engine)->wait(RunId{"r" + std::to_string(i)}, 100'000) == RunStatus::kSucceeded);
    }
    const auto ended = std::chrono::steady_clock::now();
    std::map<std::string, int> share;
    for (std::size_t i = kPlaces; i < kPlaces + 240U; ++i) {
        ++share[counting->order.at(i)];
    }
    const auto ms = [](auto length) {
        return static_cast<long long>(std::chrono::duration_cast<std::chrono::milliseconds>(length).count());
    };
    std::printf(
        "figures: %d runs started in %lld ms, through ten places in %lld ms, at most %d live; of the first "
        "240 "
        "after that big %d, small %d, tiny %d\n",
        kRuns, ms(started - begun), ms(ended - started), counting->most.load(), share["big"], share["small"],
        share["tiny"]);
    CHECK(counting->most.load() <= kPlaces);
    CHECK(counting->order.size() == kRuns);
    CHECK(share["tiny"] >= 60);
    CHECK(share["small"] >= 60);
}
