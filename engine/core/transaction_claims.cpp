// What steps, sections and the run have claimed by name and no longer need.
#include <algorithm>
#include <set>

#include "engine/core/transaction.hpp"

namespace slipway::core {

// From the end: what comes last is open for longest, so this mostly looks at one step.
bool is_section_open(const Workflow& workflow, const RunState& state, std::uint32_t section) {
    const auto steps = workflow.section_steps(section);
    return (state.unwind.asked && !is_final(state.status)) ||
           std::any_of(steps.rbegin(), steps.rend(), [&](StepIndex i) {
               return !is_settled(state.steps[i].status) || state.steps[i].held;
           });
}

void Transaction::claim_changes() {
    for (const Touched& t : touched_) {
        const StepState& now = step(t.step);
        // One that waited and is ready again (a new round) gives back what it held and asks anew.
        const bool uses = now.status == StepStatus::kWaiting || (is_startable(now) && !t.waiting);
        if (spec(t.step).type != StepType::kExecutor && takes_places(spec(t.step)) && !uses) {
            command(ReturnPlace{t.step});
        }
    }
    if (!workflow_.claims_beyond_steps()) {
        return;
    }
    if (is_final(state_.status)) {
        if (!was_final_) {
            command(ReturnPlace{kNoStep, ClaimScope::kRun});
        }
        return;
    }
    std::set<std::uint32_t> sections;
    for (const Touched& t : touched_) {
        sections.insert(workflow_.section_of(t.step));
    }
    const bool cancelled =
        std::any_of(decision_.events.begin(), decision_.events.end(),
                    [](const Event& event) { return std::holds_alternative<RunCancelAsked>(event.body); });
    for (std::uint32_t i = 0; cancelled && i < workflow_.section_count(); ++i) {
        sections.insert(i);  // a redo that held settled steps is off
    }
    for (const std::uint32_t section : sections) {
        if (!is_section_open(workflow_, state_, section)) {
            command(ReturnPlace{section, ClaimScope::kSection});
        }
    }
}

}  // namespace slipway::core
