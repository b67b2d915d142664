#include "engine/core/view.hpp"

#include "engine/core/decide.hpp"
#include "engine/core/ledger.hpp"

namespace slipway::core {
namespace {

Payload shown_copy(const Payload& payload) {
    return payload.sensitive ? Payload{{}, true} : payload;
}

std::uint32_t count_of(const RunState& state, StepStatus status) {
    return state.counts[static_cast<std::size_t>(status)];
}

std::optional<GateView> gate_of(const StepSpec& spec, const StepState& s) {
    if (s.status != StepStatus::kWaiting || s.wait_kind != WaitKind::kGate) {
        return std::nullopt;
    }
    return GateView{spec.gate.kind, s.round, s.shown, shown_copy(s.what), s.expires_ms, spec.gate.roles};
}

}  // namespace

StepView view_step(const Workflow& workflow, const RunState& state, StepIndex step) {
    const StepSpec& spec = workflow.step(step);
    const StepState& s = state.steps[step];
    StepView view;
    view.id = spec.id;
    view.kind = spec.kind;
    view.title = spec.title;
    view.section = spec.section;
    view.status = s.status;
    view.round = s.round;
    view.attempt = s.attempt;
    view.fence = s.fence;
    view.since_ms = s.since_ms;
    view.due_ms = s.due_ms;
    view.output = shown_copy(s.output);
    if (s.status == StepStatus::kFailed || s.status == StepStatus::kBackingOff ||
        s.undo.phase == UndoPhase::kBackingOff) {
        view.failure = s.failure;
    }
    view.doubt = s.doubt;
    for (const Evidence& evidence : s.evidence) {
        view.evidence.push_back({evidence.kind, shown_copy(evidence.data)});
    }
    view.gate = gate_of(spec, s);
    view.waker = waker(workflow, state, step);
    for (std::size_t i = 0; i < s.children.next; ++i) {
        const ChildState& child = s.children.list[i];
        view.children.push_back(
            {child.spec.key, child.spec.run, child.status, child.reason, shown_copy(child.output)});
    }
    view.undo = ledger_entry(workflow, state, step).standing;
    return view;
}

RunSummary summarize(const Workflow& workflow, const RunState& state) {
    RunSummary summary;
    summary.run = state.run;
    summary.workflow = workflow.spec().name;
    summary.workflow_digest = state.workflow;
    summary.status = state.status;
    summary.reason = state.reason;
    summary.labels = state.labels;
    summary.started_ms = state.started_ms;
    summary.finished_ms = state.finished_ms;
    summary.steps_total = static_cast<std::uint32_t>(state.steps.size());
    summary.steps_done = count_of(state, StepStatus::kSucceeded) + count_of(state, StepStatus::kSkipped) +
                         count_of(state, StepStatus::kCancelled) + count_of(state, StepStatus::kUndone);
    summary.gates_open = state.gates_open;
    summary.parent = state.parent.run;
    return summary;
}

RunView view_run(const Workflow& workflow, const RunState& state) {
    RunView view;
    view.summary = summarize(workflow, state);
    view.workflow = workflow;
    view.input = shown_copy(state.input);
    view.seq = state.seq;
    view.approve_all = state.approve_all;
    view.steps.reserve(state.steps.size());
    for (StepIndex i = 0; i < state.steps.size(); ++i) {
        view.steps.push_back(view_step(workflow, state, i));
    }
    view.ledger = ledger(workflow, state);
    return view;
}

}  // namespace slipway::core
