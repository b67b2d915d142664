#include "engine/runtime/mask.hpp"

#include <algorithm>

namespace slipway::runtime {
namespace {

void clear(Payload& payload) {
    if (payload.sensitive) {
        payload.bytes.clear();
    }
}

}  // namespace

void mask(Event& event) {
    std::visit(
        [](auto& body) {
            if constexpr (requires { body.input; }) {
                clear(body.input);
            }
            if constexpr (requires { body.output; }) {
                clear(body.output);
            }
            if constexpr (requires { body.children; }) {
                for (auto& child : body.children) {
                    clear(child.input);
                }
            }
            if constexpr (requires { body.what; }) {
                clear(body.what);
            }
            if constexpr (requires { body.evidence; }) {
                clear(body.evidence.data);
            }
            if constexpr (requires { body.resolution; }) {
                clear(body.resolution.payload);
            }
        },
        event.body);
}

Workflow masked(const Workflow& workflow) {
    const auto& steps = workflow.spec().steps;
    if (std::none_of(steps.begin(), steps.end(), [](const StepSpec& s) { return s.input.sensitive; })) {
        return workflow;
    }
    auto spec = workflow.spec();
    for (auto& step : spec.steps) {
        clear(step.input);
    }
    constexpr auto kAny = static_cast<std::size_t>(-1);
    // It was valid before, and the inputs' bytes are nothing that is checked: an empty one would be our bug.
    return Workflow::build(std::move(spec), {kAny, kAny, kAny, 0xffffffffU}).value_or(Workflow{});
}

}  // namespace slipway::runtime
