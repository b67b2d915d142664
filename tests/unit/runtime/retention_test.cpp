// What retention lets go, and how much at once.
#include <doctest/doctest.h>

#include "engine/runtime/finished_runs.hpp"
#include "tests/unit/runtime/kit.hpp"

namespace slipway::testkit {
namespace {

RunId run_of(int number) {
    return RunId("r" + std::to_string(number));
}

TEST_CASE("the oldest finished runs go first, by count, by age and by bytes") {
    runtime::FinishedRuns finished;
    for (const int number : {3, 1, 2}) {
        finished.add(number * 100, run_of(number), 1000);
        finished.add(number * 100, run_of(number), 1000);  // told twice, counted once
    }
    RetentionPolicy policy;
    policy.finished_age_max_ms = 0;
    CHECK(!finished.are_too_many(policy, 1'000'000));
    policy.finished_runs_max = 2;
    CHECK(finished.are_too_many(policy, 0));
    CHECK(finished.take_oldest() == run_of(1));
    CHECK(!finished.are_too_many(policy, 0));
    policy.finished_bytes_max = 2000;
    CHECK(!finished.are_too_many(policy, 0));
    policy.finished_bytes_max = 1999;
    CHECK(finished.are_too_many(policy, 0));
    CHECK(finished.take_oldest() == run_of(2));
    CHECK(!finished.are_too_many(policy, 0));
    policy.finished_age_max_ms = 50;
    CHECK(!finished.are_too_many(policy, 350));
    CHECK(finished.are_too_many(policy, 351));
    CHECK(finished.take_oldest() == run_of(3));
    CHECK(!finished.are_too_many(policy, 1'000'000));
}

TEST_CASE("finished runs are kept by bytes, over restarts too") {
    Bench b;
    b.executor->on_start = [](const std::shared_ptr<AttemptContext>& c) {
        c->finish(Succeeded{{std::string(10'000, 'x'), false}});
    };
    const auto workflow = build(chain(1));
    const auto options = [&] {
        auto with = b.options();
        with.retention.finished_bytes_max = 90'000;  // a run has its output in state and history
        return with;
    };
    b.open(options());
    for (int i = 0; i < 8; ++i) {
        if (i == 5) {
            REQUIRE(b.engine->stop(StopMode::kGraceful));
            b.engine.reset();
            b.open(options());
        }
        REQUIRE(b.engine->start(request(run_of(i).str(), workflow), me()));
        b.clock->advance(10);
        REQUIRE(b.engine->wait(run_of(i), kPatience));
    }
    REQUIRE(b.engine->stop(StopMode::kGraceful));
    b.engine.reset();
    b.open(options());
    const auto left = b.engine->list({});
    REQUIRE(left);
    CHECK(left->size() == 4);
    CHECK(b.engine->view(run_of(7)).has_value());
    CHECK(b.engine->view(run_of(3)).error().code == ErrorCode::kNotFound);
}

TEST_CASE("many runs go in several folds, not in one") {
    Bench b;
    b.open();
    const auto workflow = build(chain(1));
    constexpr int kMany = 400;
    for (int i = 0; i < kMany; ++i) {
        REQUIRE(b.engine->start(request(run_of(i).str(), workflow), me()));
    }
    for (int i = 0; i < kMany; ++i) {
        REQUIRE(b.engine->wait(run_of(i), kPatience));
    }
    REQUIRE(b.engine->stop(StopMode::kGraceful));
    b.engine.reset();
    auto options = b.options();
    options.retention.finished_runs_max = 10;
    b.open(std::move(options));
    REQUIRE(b.engine->start(request("one-more", workflow), me()));
    REQUIRE(b.engine->wait(RunId{"one-more"}, kPatience));
    REQUIRE(b.engine->stop(StopMode::kGraceful));
    b.engine.reset();
    b.open();
    RunQuery all;
    all.limit = 10'000;
    const auto left = b.engine->list(all)->size();
    CHECK(left < kMany - 100);
    CHECK(left > kMany - 200);
}

}  // namespace
}  // namespace slipway::testkit
