// The cost of a step does not grow with the workflow: a fan of 10,000 and a chain of 1,000 are done in a
// moment.

#include "engine/core/backoff.hpp"
#include "tests/unit/core/driver.hpp"

using namespace slipway;
using namespace slipway::test;

namespace {

/// Runs everything that asks for a place until nothing does; without the driver's checks, which look at every
/// step.
std::size_t run_through(const Workflow& w) {
    core::RunState state;
    core::StartRun start;
    start.request.run = RunId("r");
    start.by = kAna;
    const core::Moment moment{1000, 0, 1000, 1000, {}};
    std::vector<core::Command> todo = core::begin(w, start, moment, state).commands;
    std::size_t events = 0;
    for (std::size_t i = 0; i < todo.size(); ++i) {
        core::Decision d;
        if (const auto* place = std::get_if<core::RequestPlace>(&todo[i])) {
            d = core::advance(w, state, core::StepAdmitted{place->step, ResolvedInput{}, {}}, moment);
        } else if (const auto* attempt = std::get_if<core::StartAttempt>(&todo[i])) {
            d = core::advance(w, state, core::AttemptReported{attempt->step, attempt->fence, Succeeded{}, {}},
                              moment);
        }
        events += d.events.size();
        todo.insert(todo.end(), d.commands.begin(), d.commands.end());
    }
    CHECK(state.status == RunStatus::kSucceeded);
    CHECK(!core::check_invariants(w, state));
    return events;
}

}  // namespace

TEST_CASE("a fan of 10,000 and a chain of 1,000 are linear") {
    std::vector<StepSpec> fan{step("root")};
    StepSpec join = step("join");
    for (int i = 0; i < 10'000; ++i) {
        fan.push_back(step("s" + std::to_string(i), {"root"}));
        join.depends_on.push_back({fan.back().id, DependencyKind::kOrder});
    }
    fan.push_back(join);
    std::vector<StepSpec> chain{step("c0")};
    for (int i = 1; i < 1000; ++i) {
        chain.push_back(step("c" + std::to_string(i), {"c" + std::to_string(i - 1)}));
    }
    const Workflow wide = build(fan);
    const Workflow deep = build(chain);
    // Quadratic work would take minutes, which the test's time limit ends; the clock is read in bench/.
    CHECK(run_through(wide) == 10'002 * 3);
    CHECK(run_through(deep) == 1000 * 3);
}

TEST_CASE("back-off: exponential, capped, saturating, spread by the jitter and no more") {
    RetryPolicy p;
    p.jitter_percent = 0;
    CHECK(core::retry_delay(p, 1, 0, 99) == 1000);
    CHECK(core::retry_delay(p, 4, 0, 99) == 8000);
    CHECK(core::retry_delay(p, 1000, 0, 99) == 300'000);
    CHECK(core::retry_delay(p, 4, 5, 99) == 5);
    p.jitter_percent = 20;
    std::set<DurationMs> seen;
    for (std::uint64_t r = 0; r < 1000; ++r) {
        const DurationMs delay = core::retry_delay(p, 1, 0, r * 0x9e3779b97f4a7c15ULL);
        CHECK(delay >= 800);
        CHECK(delay <= 1200);
        seen.insert(delay);
    }
    CHECK(seen.size() > 200);
    p = {};
    p.initial_ms = INT64_MAX / 4;
    p.delay_max_ms = INT64_MAX / 2;
    p.multiplier_percent = 10'000;
    p.jitter_percent = 100;
    CHECK(core::retry_delay(p, 100, 0, ~0ULL) >= 0);
    p.initial_ms = 0;
    CHECK(core::retry_delay(p, 100, 0, 1) == 0);
}
