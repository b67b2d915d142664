#include "engine/core/apply.hpp"

#include <type_traits>

namespace slipway::core {
namespace detail {

Result<void> misfit(const Applied& a, const std::string& why) {
    return environment_error(ErrorCode::kCorrupt, a.place + ": " + why);
}

namespace {

template <class E>
concept StepEvent = requires(const Applied& a, const E& e) {
    apply_step_event(a, e);
};

template <class E>
Result<void> dispatch(const Applied& a, const E& event) {
    if constexpr (StepEvent<E>) {
        if (event.step >= a.state.steps.size()) {
            return misfit(a, "there is no step number " + std::to_string(event.step));
        }
        return apply_step_event(a, event);
    } else {
        return apply_run_event(a, event);
    }
}

}  // namespace
}  // namespace detail

Result<void> apply(const Workflow& workflow, RunState& state, const Event& event) {
    const bool starts = std::holds_alternative<RunStarted>(event.body);
    const bool fits = event.seq == state.seq + 1 && starts == (state.seq == 0) && !is_final(state.status);
    if (!fits) {
        return environment_error(ErrorCode::kCorrupt,
                                 "run \"" + state.run.str() + "\": event " + std::to_string(event.seq) +
                                     " (" + std::string(event_name(event.body)) + ") does not follow event " +
                                     std::to_string(state.seq) + " of a run that is " +
                                     std::string(to_string(state.status)));
    }
    detail::Applied applied{workflow, state, event.at_ms, {}};
    auto done = std::visit([&](const auto& body) { return detail::dispatch(applied, body); }, event.body);
    if (!done) {
        done.error().message = "run \"" + state.run.str() + "\": event " + std::to_string(event.seq) + " (" +
                               std::string(event_name(event.body)) + ")" + done.error().message;
        return done;
    }
    state.seq = event.seq;
    return {};
}

}  // namespace slipway::core
