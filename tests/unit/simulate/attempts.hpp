// Single attempts of simulated executors.
#pragma once

#include <doctest/doctest.h>

#include <boost/json.hpp>

#include "slipway/steps/simulate.hpp"
#include "tests/golden/install/walk.hpp"

namespace attempts {

using namespace slipway;         // NOLINT: tests only
using namespace slipway::steps;  // NOLINT: tests only
namespace json = boost::json;

using Executors = std::vector<std::shared_ptr<Executor>>;

inline std::shared_ptr<Executor> of_kind(const Executors& executors, const std::string& kind) {
    for (const auto& executor : executors) {
        if (executor->traits().kind == kind) {
            return executor;
        }
    }
    FAIL("no executor of kind " << kind);
    return nullptr;
}

inline AttemptInfo attempt(const std::string& kind, const std::string& input, std::uint32_t round = 1,
                           Fence fence = 1) {
    AttemptInfo info;
    info.run = RunId{"run"};
    info.step = StepId{"part." + kind.substr(kind.find('.') + 1)};
    info.kind = kind;
    info.round = round;
    info.fence = fence;
    info.idempotency_key = info.step.str() + "#" + std::to_string(round);
    info.input = {input, false};
    return info;
}

inline Outcome run(const Executors& executors, const AttemptInfo& info) {
    const auto context = std::make_shared<walk::Context>(info);
    of_kind(executors, info.kind)->start(context);
    auto outcome = context->outcome();
    REQUIRE(outcome.has_value());
    return *outcome;
}

inline Verdict reconcile(const Executors& executors, const AttemptInfo& info) {
    const auto context = std::make_shared<walk::Context>(info);
    of_kind(executors, info.kind)->reconcile(context, {});
    auto verdict = context->verdict();
    REQUIRE(verdict.has_value());
    return *verdict;
}

inline json::object output(const Outcome& outcome) {
    REQUIRE(std::holds_alternative<Succeeded>(outcome));
    return json::parse(std::get<Succeeded>(outcome).output.bytes).as_object();
}

inline SimulationScript script(const std::string& text) {
    auto parsed = SimulationScript::parse(text);
    if (!parsed) {
        FAIL(parsed.error().message);
    }
    return *parsed;
}

/// Plans and applies once; the apply's outcome.
inline Outcome change(const Executors& executors, json::object input, std::uint32_t round = 1,
                      Fence fence = 1) {
    const auto plan = output(run(executors, attempt("terraform.plan", json::serialize(input), round, fence)));
    input["plan"] = plan;
    return run(executors, attempt("terraform.apply", json::serialize(input), round, fence));
}

}  // namespace attempts
