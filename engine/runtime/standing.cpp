#include "engine/runtime/standing.hpp"

namespace slipway::runtime {

std::string missing_executor_text(const Plan& plan, const core::RunState& state, StepIndex step) {
    if (!RunTable::lacks_executor(plan, state, step)) {
        return {};
    }
    const auto& spec = plan.workflow.step(step);
    return "its attempt was interrupted, and executor \"" + spec.kind + "\" version " +
           std::to_string(spec.kind_version) +
           ", which could say what became of it, is not there: open the engine with it";
}

RunStatus standing(const Plan& plan, const core::RunState& state) {
    const bool moves = state.status == RunStatus::kRunning && !plan.complete;
    return moves && RunTable::is_orphaned(plan, state) ? RunStatus::kBlocked : state.status;
}

void add_standing(const Plan& plan, const core::RunState& state, RunSummary& summary) {
    if (standing(plan, state) == state.status) {
        return;
    }
    summary.status = RunStatus::kBlocked;
    for (StepIndex i = 0; i < state.steps.size(); ++i) {
        const auto text = missing_executor_text(plan, state, i);
        if (!text.empty()) {
            summary.reason = "step \"" + plan.workflow.step(i).id.str() + "\": " + text;
            return;
        }
    }
}

void add_standing(const Plan& plan, const core::RunState& state, RunView& view) {
    add_standing(plan, state, view.summary);
    for (StepIndex i = 0; i < state.steps.size() && !plan.complete; ++i) {
        if (RunTable::lacks_executor(plan, state, i)) {
            view.steps[i].waker = WakerKind::kOperator;
        }
    }
}

}  // namespace slipway::runtime
