#include "engine/core/decide.hpp"

#include "engine/core/decide_topics.hpp"
#include "engine/core/overload.hpp"

namespace slipway::core {
namespace {

StepIndex step_of(const Input& input) {
    return std::visit(
        Overload{[](const StepAdmitted& i) { return i.step; },
                 [](const AttemptReported& i) { return i.step; },
                 [](const EvidenceReported& i) { return i.step; },
                 [](const AttemptReconciled& i) { return i.step; },
                 [](const TimerFired& i) { return i.kind == TimerKind::kRunDeadline ? kNoStep : i.step; },
                 [](const ExecutorMissing& i) { return i.step; }, [](const Operate&) { return kNoStep; },
                 [](const ChildReported& i) { return i.step; }, [](const ChildrenDue& i) { return i.step; }},
        input);
}

bool is_about_step(const Input& input) {
    if (const auto* timer = std::get_if<TimerFired>(&input)) {
        return timer->kind != TimerKind::kRunDeadline;
    }
    return !std::holds_alternative<Operate>(input);
}

detail::Refusal dispatch(Transaction& t, const Input& input) {
    return std::visit(Overload{[&](const StepAdmitted& i) { return detail::on_admitted(t, i); },
                               [&](const AttemptReported& i) { return detail::on_reported(t, i); },
                               [&](const EvidenceReported& i) { return detail::on_evidence(t, i); },
                               [&](const AttemptReconciled& i) { return detail::on_reconciled(t, i); },
                               [&](const TimerFired& i) { return detail::on_timer(t, i); },
                               [&](const ExecutorMissing& i) { return detail::on_missing(t, i); },
                               [&](const Operate& i) { return detail::on_operate(t, i); },
                               [&](const ChildReported& i) { return detail::on_child_reported(t, i); },
                               [&](const ChildrenDue& i) {
                                   t.start_children(i.step);
                                   return detail::Refusal{};
                               }},
                      input);
}

}  // namespace

namespace detail {

Error refused(const Transaction& t, StepIndex step, const std::string& why, std::string hint) {
    return usage_error(ErrorCode::kRefused, place_of(t.workflow(), t.state(), step) + ": " + why,
                       std::move(hint));
}

Error refused(const Transaction& t, const std::string& why, std::string hint) {
    return usage_error(ErrorCode::kRefused, place_of(t.state()) + ": " + why, std::move(hint));
}

}  // namespace detail

Decision begin(const Workflow& workflow, const StartRun& start, const Moment& moment, RunState& state) {
    const StartRequest& r = start.request;
    if (state.seq != 0) {
        return refuse(ErrorCode::kAlreadyExists, place_of(state) + " has begun already");
    }
    if (!is_valid_id(r.run.str())) {
        return refuse(
            ErrorCode::kInvalidArgument,
            "run \"" + r.run.str() + "\": the id must be 1 to 200 characters of A-Z a-z 0-9 . _ : / -");
    }
    if (workflow.empty()) {
        return refuse(ErrorCode::kInvalidArgument, "run \"" + r.run.str() + "\": the workflow is empty");
    }
    if (start.by.name.empty()) {
        return refuse(ErrorCode::kInvalidArgument,
                      "run \"" + r.run.str() + "\": nobody is named who starts it");
    }
    Transaction t(workflow, state, moment);
    const DurationMs limit = workflow.spec().run_timeout_ms;
    const TimeMs deadline = limit == 0 ? 0 : after(moment.now_ms, limit);
    t.emit(RunStarted{r.run, workflow.digest(), r.input, r.labels, start.by, deadline, r.approve_all,
                      r.successor_of, r.tenant, r.priority});
    if (!start.child_of.parent.empty()) {
        t.emit(start.child_of);
    }
    t.arm(kNoStep, TimerKind::kRunDeadline, deadline);
    for (StepIndex i = 0; i < state.steps.size(); ++i) {
        t.make_ready(i);
    }
    return t.finish();
}

Decision advance(const Workflow& workflow, RunState& state, const Input& input, const Moment& moment) {
    if (state.seq == 0 || workflow.size() != state.steps.size()) {
        return refuse(ErrorCode::kNotFound, place_of(state) + " has not begun, or not with this workflow");
    }
    const StepIndex step = step_of(input);
    if (is_about_step(input) && step >= state.steps.size()) {
        return refuse(ErrorCode::kNotFound,
                      place_of(state) + ": there is no step number " + std::to_string(step));
    }
    Transaction t(workflow, state, moment);
    if (auto no = dispatch(t, input)) {
        return {{}, {}, std::move(no)};
    }
    return t.finish();
}

Decision decide(const Workflow& workflow, const RunState& state, const Input& input, const Moment& moment) {
    RunState copy = state;
    return advance(workflow, copy, input, moment);
}

}  // namespace slipway::core
