// Acts of operators on the run as a whole, and the way to those on a step.
#include "engine/core/counters.hpp"
#include "engine/core/decide_topics.hpp"
#include "engine/core/overload.hpp"

namespace slipway::core::detail {
namespace {

Refusal set_approve_all(Transaction& t, const SetApproveAll& act, const Principal& by) {
    t.emit(ApproveAllSet{act.on, by, act.note});
    if (!act.on || t.state().counts[static_cast<std::size_t>(StepStatus::kWaiting)] == 0) {
        return std::nullopt;
    }
    for (StepIndex i = 0; i < t.state().steps.size(); ++i) {
        approve_if_all(t, i);
    }
    return std::nullopt;
}

void pause_children(Transaction& t, bool on) {
    for (StepIndex i = 0; t.state().child_waits != 0 && i < t.state().steps.size(); ++i) {
        if (waits_for_children(t.step(i)) && t.step(i).children.live() != 0) {
            t.command(PauseChildren{i, on});
        }
    }
}

Refusal pause_run(Transaction& t, const PauseRun& act, const Principal& by) {
    if (t.state().paused) {
        return refused(t, "it is paused already");
    }
    if (t.state().cancel_asked && !t.state().unwind.asked) {
        return refused(t, "it is being cancelled");
    }
    t.emit(RunPaused{by, act.note});
    pause_children(t, true);
    return std::nullopt;
}

Refusal resume_run(Transaction& t, const ResumeRun& act, const Principal& by) {
    if (!t.state().paused) {
        return refused(t, "it is not paused");
    }
    t.emit(RunResumed{by, act.note});
    pause_children(t, false);
    return std::nullopt;
}

Refusal cancel_run(Transaction& t, bool stop, const std::string& note, const Principal& by) {
    if (t.state().unwind.asked) {
        return refused(t, "it is being unwound", "skip the steps that shall be left as they are");
    }
    if (t.state().cancel_asked) {
        return refused(t,
                       t.state().stop_asked ? "it is being stopped already" : "it is being cancelled already",
                       "settle the steps that are in doubt");
    }
    t.cancel_run(by, stop, note);
    return std::nullopt;
}

/// Finds the step and does what is asked.
template <class Act>
Refusal on_step(Transaction& t, const StepId& id, Act&& act) {
    const auto step = t.workflow().find(id);
    if (!step) {
        return usage_error(ErrorCode::kNotFound,
                           place_of(t.state()) + ": there is no step \"" + id.str() + "\"");
    }
    return act(*step);
}

Refusal dispatch(Transaction& t, const OperatorAct& act, const Principal& by) {
    return std::visit(
        Overload{[&](const AnswerGate& a) { return answer_gate(t, a.answer, by); },
                 [&](const SetApproveAll& a) { return set_approve_all(t, a, by); },
                 [&](const RetryStep& a) {
                     return on_step(t, a.step, [&](StepIndex step) { return retry_step(t, step, a, by); });
                 },
                 [&](const SkipStep& a) {
                     return on_step(t, a.step, [&](StepIndex step) { return skip_step(t, step, a, by); });
                 },
                 [&](const SettleStep& a) {
                     return on_step(t, a.step, [&](StepIndex step) { return settle_step(t, step, a, by); });
                 },
                 [&](const RedoSection& a) {
                     return on_step(t, a.step,
                                    [&](StepIndex step) { return redo_section(t, step, a.why, by); });
                 },
                 [&](const PauseRun& a) { return pause_run(t, a, by); },
                 [&](const ResumeRun& a) { return resume_run(t, a, by); },
                 [&](const CancelRun& a) { return cancel_run(t, false, a.note, by); },
                 [&](const StopRun& a) { return cancel_run(t, true, a.note, by); },
                 [&](const UndoRun& a) { return undo_run(t, a.note, by); }},
        act);
}

}  // namespace

Refusal on_operate(Transaction& t, const Operate& input) {
    if (input.by.name.empty()) {
        return usage_error(ErrorCode::kInvalidArgument, place_of(t.state()) + ": nobody is named who acts");
    }
    if (is_final(t.state().status)) {
        return refused(t, "the run has ended: " + std::string(to_string(t.state().status)),
                       "start a new run");
    }
    t.refresh_reason();
    return dispatch(t, input.act, input.by);
}

}  // namespace slipway::core::detail
