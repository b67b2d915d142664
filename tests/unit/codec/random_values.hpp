// Values of every stored type with every field set by chance: what a round trip must bring back.
#pragma once

#include <random>

#include "engine/core/admission.hpp"
#include "engine/core/state.hpp"

namespace slipway::test {

class RandomValues {
public:
    explicit RandomValues(std::uint64_t seed) : engine_(seed) {}

    std::uint64_t number(std::uint64_t below) { return engine_() % below; }
    bool flag() { return number(2) == 1; }
    std::uint64_t wide();
    TimeMs time() { return static_cast<TimeMs>(wide()) * (flag() ? 1 : -1); }
    std::uint32_t small() { return static_cast<std::uint32_t>(number(5)); }
    template <class E>
    E pick(E last, std::uint8_t first = 1) {
        return static_cast<E>(first + number(static_cast<std::uint8_t>(last) - first + 1U));
    }
    std::string text();
    Payload payload();
    Digest digest();
    Principal principal();
    std::map<std::string, std::string> labels();
    StepFailure failure();
    Evidence evidence();
    Resolution resolution();
    StepIndex step() { return static_cast<StepIndex>(number(1000)); }

    /// The event at this place of the variant.
    EventBody event(std::size_t alternative);
    EventBody undo_event(std::size_t alternative);
    EventBody child_event(std::size_t alternative);
    ChildSpec child();
    ChildResult child_result();
    core::StepState step_state();
    core::RunState run_state(std::size_t steps);
    WorkflowSpec spec(std::size_t steps);
    RunSummary summary();
    core::Wish wish();
    core::AdmissionState admission();

private:
    StepSpec step_spec(std::size_t index);
    template <class T>
    std::vector<T> several(T (RandomValues::*make)());

    std::mt19937_64 engine_;
};

}  // namespace slipway::test
