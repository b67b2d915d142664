#include "engine/core/explain_text.hpp"

#include "engine/core/counters.hpp"
#include "engine/core/transaction.hpp"

namespace slipway::core::detail {
namespace {

std::string quoted(const Workflow& workflow, StepIndex step) {
    return "\"" + workflow.step(step).id.str() + "\"";
}

std::string joined(const std::vector<std::string>& words, const char* last) {
    std::string text;
    for (std::size_t i = 0; i < words.size(); ++i) {
        text += (i == 0 ? "" : (i + 1 == words.size() ? std::string(" ") + last + " " : ", ")) + words[i];
    }
    return text;
}

/// The first few that are unmet, and how many more.
std::string unmet_names(const Workflow& workflow, const RunState& state, StepIndex step) {
    constexpr std::size_t kNamed = 3;
    std::vector<std::string> names;
    for (const StepIndex d : workflow.dependencies(step)) {
        if (!satisfies(state.steps[d].status) && names.size() < kNamed) {
            names.push_back(quoted(workflow, d) + " (" + std::string(to_string(state.steps[d].status)) + ")");
        }
    }
    const std::size_t more =
        state.steps[step].unmet > names.size() ? state.steps[step].unmet - names.size() : 0;
    if (more != 0) {
        names.push_back(std::to_string(more) + " more");
    }
    return joined(names, "and");
}

/// Why a step that will be undone is not being undone yet.
std::string waits_to_undo(const Workflow& workflow, const RunState& state, StepIndex step) {
    if (!state.unwind.begun) {
        return "It will be undone once nothing of the run is running or in doubt any more.";
    }
    for (const StepIndex dependent : workflow.dependents(step)) {
        const StepState& d = state.steps[dependent];
        if (!d.undo.through) {
            const std::string more = state.steps[step].undo.wait > 1
                                         ? " and " + std::to_string(state.steps[step].undo.wait - 1) + " more"
                                         : "";
            return "It will be undone after " + quoted(workflow, dependent) + " (" +
                   std::string(to_string(d.status)) + ")" + more + ".";
        }
    }
    return "It is about to be undone.";
}

std::string waits_undoing(const Workflow& workflow, const RunState& state, StepIndex step) {
    const StepState& s = state.steps[step];
    switch (s.undo.phase) {
        case UndoPhase::kQueued:
            if (s.missing) {
                return "To be undone it needs an executor of kind \"" + workflow.step(step).kind +
                       "\" version " + std::to_string(workflow.step(step).kind_version) +
                       ", which this host does not have.";
            }
            return state.paused ? "It is to be undone, but the run is paused." : "It is about to be undone.";
        case UndoPhase::kBackingOff:
            return "Undoing it failed " + std::to_string(s.undo.failures) +
                   " times, last: " + s.failure.message + "; it is tried again.";
        default:
            break;
    }
    return "Attempt " + std::to_string(s.undo.attempt) + " to undo it is running" +
           (s.cancel.reason == CancelReason::kNone ? "." : "; its time is over and it was asked to end.");
}

std::string halted_because(const RunState& state) {
    if (state.cancel_asked) {
        return state.stop_asked ? "the run is being stopped" : "the run is being cancelled";
    }
    return state.paused ? "the run is paused" : "the run is blocked: " + state.reason;
}

std::string place_name(const AdmissionState& admission, const std::string& name) {
    const std::string places = std::to_string(capacity_of(admission, name));
    if (name.empty()) {
        return "one of the engine's " + places + " places";
    }
    return places == "1" ? "\"" + name + "\"" : "one of the " + places + " places of \"" + name + "\"";
}

std::string waits_ready(const Workflow& workflow, const RunState& state, StepIndex step,
                        const AdmissionState* admission) {
    const StepSpec& spec = workflow.step(step);
    if (is_halted(state)) {
        return "It is ready, but " + halted_because(state) + ".";
    }
    if (state.steps[step].missing) {
        return "It needs an executor of kind \"" + spec.kind + "\" version " +
               std::to_string(spec.kind_version) + ", which this host does not have.";
    }
    if (admission != nullptr) {
        if (const auto wait = waits_at(*admission, {state.run, step})) {
            return "It waits for " + place_name(*admission, wait->name) + "; " + std::to_string(wait->ahead) +
                   " are ahead of it.";
        }
    }
    return "It is ready and about to start.";
}

std::string waits_gate(const StepSpec& spec, const StepState& s) {
    std::string text = "It waits for ";
    text += spec.gate.kind == GateKind::kApproval
                ? "an approval"
                : (spec.gate.kind == GateKind::kSignal ? "a signal" : "a call-back");
    if (!s.wait_name.empty()) {
        text += " (" + s.wait_name + ")";
    }
    if (!spec.gate.roles.empty()) {
        text += " by somebody who may act as " + joined(spec.gate.roles, "or");
    }
    return text + ".";
}

std::string waits_children(const ChildrenState& c) {
    std::string text = "It waits for child runs: " + std::to_string(c.ended) + " of " +
                       std::to_string(c.list.size()) + " have ended";
    text += c.failed == 0 ? "" : ", " + std::to_string(c.failed) + " of them not well";
    text += ", " + std::to_string(c.live()) + " are under way";
    return text + (c.cancel == CancelReason::kNone ? "." : "; these were asked to end.");
}

std::string waits_waiting(const StepSpec& spec, const StepState& s) {
    switch (s.wait_kind) {
        case WaitKind::kGate:
            return waits_gate(spec, s);
        case WaitKind::kTimer:
            return "It waits until its time has come.";
        case WaitKind::kChildRuns:
            return waits_children(s.children);
    }
    return {};
}

std::string waits_running(const StepState& s) {
    std::string text =
        "Attempt " + std::to_string(s.attempt) + " of round " + std::to_string(s.round) + " is running";
    switch (s.cancel.reason) {
        case CancelReason::kNone:
            break;
        case CancelReason::kTimeout:
            text += "; its time is over and it was asked to end";
            break;
        case CancelReason::kRedo:
            text += "; its section will be re-done and it was asked to end";
            break;
        case CancelReason::kOperator:
        case CancelReason::kRunCancelled:
        case CancelReason::kRunStopped:
        case CancelReason::kRunUnwound:
        case CancelReason::kJoined:
            text += "; it was asked to end";
            break;
    }
    return text + (s.cancel.forced ? ", by force." : ".");
}

std::string waits_failed(const StepState& s) {
    return (s.undo.begun ? "Undoing it failed (" : "It failed (") +
           std::string(to_string(s.failure.failure_class)) + "): " + s.failure.message;
}

}  // namespace

std::string waits_for(const Workflow& workflow, const RunState& state, StepIndex step,
                      const AdmissionState* admission) {
    const StepState& s = state.steps[step];
    if (waker(workflow, state, step) == WakerKind::kDependency && s.status == StepStatus::kSucceeded) {
        return waits_to_undo(workflow, state, step);
    }
    if (s.held && !waits_for_children(s) && s.status != StepStatus::kRunning &&
        s.status != StepStatus::kInDoubt) {
        return "It gets a new round once the running steps of its section have ended (" + state.redo_why +
               ").";
    }
    switch (s.status) {
        case StepStatus::kPending:
            return "It waits for " + unmet_names(workflow, state, step) + ".";
        case StepStatus::kReady:
            return waits_ready(workflow, state, step, admission);
        case StepStatus::kRunning:
            return waits_running(s);
        case StepStatus::kBackingOff:
            return "It failed " + std::to_string(s.failures) + " times, last: " + s.failure.message +
                   "; it is tried again.";
        case StepStatus::kWaiting:
            return waits_waiting(workflow.step(step), s);
        case StepStatus::kFailed:
            return waits_failed(s);
        case StepStatus::kInDoubt:
            return std::string(s.undo.begun ? "It may have been undone: " : "It may have had its effect: ") +
                   s.doubt + ". Somebody has to say what really happened.";
        case StepStatus::kUndoing:
            return waits_undoing(workflow, state, step);
        case StepStatus::kSucceeded:
        case StepStatus::kSkipped:
        case StepStatus::kCancelled:
        case StepStatus::kUndone:
            return "It is finished: " + std::string(to_string(s.status)) + ".";
    }
    return {};
}

std::string comes_next(const Workflow& workflow, const RunState& state, StepIndex step) {
    const StepState& s = state.steps[step];
    if (state.unwind.asked && !is_final(state.status)) {
        const bool more = !s.undo.through && !workflow.dependencies(step).empty();
        return more ? "then what it depends on can be undone" : std::string();
    }
    if (is_final(state.status) || (is_settled(s.status) && !s.held)) {
        return {};
    }
    if (s.held) {
        return "round " + std::to_string(s.round + 1) + " of section \"" +
               (workflow.step(step).section.empty() ? workflow.step(step).id.str()
                                                    : workflow.step(step).section) +
               "\"";
    }
    if (s.status == StepStatus::kReady || s.status == StepStatus::kBackingOff) {
        return "attempt " + std::to_string(s.attempt + 1);
    }
    if (s.status == StepStatus::kPending) {
        return "it starts once they are done";
    }
    const auto dependents = workflow.dependents(step);
    if (dependents.empty()) {
        return "nothing depends on it";
    }
    return "then " + quoted(workflow, dependents[0]) +
           (dependents.size() > 1 ? " and " + std::to_string(dependents.size() - 1) + " more can go on"
                                  : " can go on");
}

std::vector<std::string> step_acts(const Workflow& workflow, const RunState& state, StepIndex step) {
    const StepState& s = state.steps[step];
    const StepSpec& spec = workflow.step(step);
    if (is_final(state.status)) {
        return {};
    }
    std::vector<std::string> acts;
    if (s.status == StepStatus::kInDoubt) {
        acts.emplace_back("settle");
    }
    if (state.unwind.asked) {
        const bool failed = s.status == StepStatus::kFailed && s.undo.begun;
        if (failed || s.undo.phase == UndoPhase::kBackingOff || s.missing) {
            acts.emplace_back("retry");
        }
        if (failed) {
            acts.emplace_back("settle");
        }
        if (failed || s.missing || can_be_undone(spec, s)) {
            acts.emplace_back("skip");
        }
        return acts;
    }
    if (state.cancel_asked || s.held) {
        return acts;
    }
    const bool gate = s.status == StepStatus::kWaiting && s.wait_kind == WaitKind::kGate;
    if (gate) {
        acts.insert(acts.end(), {"approve", "deny", "retry plan", "skip at the gate"});
    }
    if (s.status == StepStatus::kFailed || s.status == StepStatus::kBackingOff || s.missing) {
        acts.emplace_back("retry");
    }
    const bool open = s.status == StepStatus::kPending || s.status == StepStatus::kReady ||
                      s.status == StepStatus::kBackingOff || s.status == StepStatus::kFailed ||
                      (s.status == StepStatus::kWaiting && !gate && !waits_for_children(s));
    const bool approval = spec.type == StepType::kGate && spec.gate.kind == GateKind::kApproval;
    if (open && (spec.skippable || approval)) {
        acts.emplace_back(approval ? "skip with dependents" : "skip");
    }
    if (s.status == StepStatus::kFailed && !approval) {
        acts.emplace_back("settle");
    }
    if (s.status == StepStatus::kFailed || s.status == StepStatus::kSucceeded) {
        acts.emplace_back("redo");
    }
    return acts;
}

std::vector<std::string> run_acts(const RunState& state) {
    if (is_final(state.status)) {
        return {};
    }
    if (state.unwind.asked) {
        return {state.paused ? "resume" : "pause"};
    }
    if (state.cancel_asked) {
        return {"undo"};
    }
    std::vector<std::string> acts{state.paused ? "resume" : "pause", "cancel", "stop", "undo"};
    if (!state.approve_all) {
        acts.emplace_back("approve all");
    }
    return acts;
}

std::string run_sentence(const Workflow& workflow, const RunState& state) {
    const auto count = [&](StepStatus status) { return state.counts[static_cast<std::size_t>(status)]; };
    if (is_final(state.status)) {
        return "The run has ended: " + std::string(to_string(state.status)) +
               (state.reason.empty() ? "." : ", " + state.reason + ".");
    }
    if (state.status == RunStatus::kBlocked) {
        return "The run is blocked until somebody acts: " + block_reason(workflow, state) + ".";
    }
    if (state.unwind.asked && !state.paused) {
        const auto live = count(StepStatus::kRunning);
        return "The run is being unwound by " + state.cancel_by.name + "; " +
               (state.unwind.begun ? std::to_string(count(StepStatus::kUndone)) + " steps are undone, " +
                                         std::to_string(count(StepStatus::kUndoing)) + " are being undone."
                                   : std::to_string(live) + " steps have to end first.");
    }
    if (state.cancel_asked && !state.paused) {
        return "The run is being " + std::string(state.stop_asked ? "stopped" : "cancelled") + " by " +
               state.cancel_by.name + "; " + std::to_string(count(StepStatus::kRunning)) +
               " steps have to end first.";
    }
    if (state.paused) {
        return "The run is paused; " + std::to_string(count(StepStatus::kRunning)) +
               " steps are still running.";
    }
    std::string text = std::to_string(count(StepStatus::kRunning)) + " steps are running";
    if (state.gates_open != 0) {
        text += ", " + std::to_string(state.gates_open) + " wait for a decision";
    }
    return text + ", " + std::to_string(count(StepStatus::kSucceeded)) + " of " +
           std::to_string(state.steps.size()) + " have succeeded.";
}

}  // namespace slipway::core::detail
