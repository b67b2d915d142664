#include "engine/core/explain.hpp"

#include <algorithm>

#include "engine/core/counters.hpp"
#include "engine/core/decide.hpp"
#include "engine/core/explain_text.hpp"

namespace slipway::core {
namespace {

TimeMs due_of(const StepState& s) {
    if (has_attempt(s)) {
        return s.cancel.reason == CancelReason::kNone ? s.attempt_deadline_ms : s.cancel.due_ms;
    }
    if (s.status == StepStatus::kWaiting && s.wait_kind == WaitKind::kGate) {
        return s.expires_ms;
    }
    return s.due_ms;
}

/// Most urgent first: what only a person can move, then what moves by itself, then what merely waits its
/// turn.
int urgency(const Workflow& workflow, const RunState& state, StepIndex step) {
    switch (waker(workflow, state, step)) {
        case WakerKind::kOperator:
            return state.steps[step].status == StepStatus::kInDoubt ? 0 : 1;
        case WakerKind::kGate:
            return 2;
        case WakerKind::kAttempt:
            return 3;
        case WakerKind::kTicket:
        case WakerKind::kTimer:
        case WakerKind::kChildRun:
            return 4;
        case WakerKind::kDependency:
        case WakerKind::kNone:
            break;
    }
    return 5;
}

}  // namespace

StepExplanation explain_step(const Workflow& workflow, const RunState& state, StepIndex step,
                             const AdmissionState* admission) {
    const StepState& s = state.steps[step];
    StepExplanation out;
    out.step = workflow.step(step).id;
    out.status = s.status;
    out.waker = waker(workflow, state, step);
    out.waits_for = detail::waits_for(workflow, state, step, admission);
    out.since_ms = s.since_ms;
    out.due_ms = due_of(s);
    for (const StepIndex d : workflow.dependencies(step)) {
        if (!state.unwind.asked && !satisfies(state.steps[d].status)) {
            out.unmet.push_back(workflow.step(d).id);
        }
    }
    out.next = detail::step_acts(workflow, state, step);
    out.comes_next = detail::comes_next(workflow, state, step);
    return out;
}

RunExplanation explain_run(const Workflow& workflow, const RunState& state, const AdmissionState* admission) {
    RunExplanation out;
    out.run = state.run;
    out.status = state.status;
    out.sentence = detail::run_sentence(workflow, state);
    out.since_ms = state.since_ms;
    out.next = detail::run_acts(state);
    std::vector<std::pair<int, StepIndex>> open;
    for (StepIndex i = 0; i < state.steps.size(); ++i) {
        const WakerKind kind = waker(workflow, state, i);
        if (kind != WakerKind::kNone && kind != WakerKind::kDependency) {
            open.emplace_back(urgency(workflow, state, i), i);
        }
    }
    std::sort(open.begin(), open.end());
    for (const auto& [rank, step] : open) {
        out.steps.push_back(explain_step(workflow, state, step, admission));
    }
    return out;
}

}  // namespace slipway::core
