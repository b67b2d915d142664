#include "tests/simulation/core/moves.hpp"

#include <algorithm>

#include "tests/simulation/core/dags.hpp"

namespace search {

namespace {

/// The first of the two that succeeds decides.
Outcome two_children() {
    static const Workflow kChild = make_workflow({.roles = {Role::kPlain}});
    WaitFor wait;
    wait.kind = WaitKind::kChildRuns;
    wait.join.mode = JoinMode::kAny;
    for (const char* key : {"x", "y"}) {
        wait.children.push_back({key, kChild, {}, {}, {}, RunId{std::string("run/") + key}});
    }
    return wait;
}

}  // namespace

Outcome make_outcome(Answer answer) {
    switch (answer) {
        case Answer::kOk:
            return Succeeded{{"out", false}};
        case Answer::kTransient:
            return Failed{{FailureClass::kTransient, "try again", "", 0, false}};
        case Answer::kPermanent:
            return Failed{{FailureClass::kPermanent, "no", "", 0, false}};
        case Answer::kWaitTimer:
            return WaitFor{WaitKind::kTimer, 700, "", {}, 0};
        case Answer::kWaitGate:
            return WaitFor{WaitKind::kGate, 0, "asked", {"what", false}, 0};
        case Answer::kRedo:
            return Redo{"stale"};
        case Answer::kDoubt:
            return InDoubt{"cannot tell", {}};
        case Answer::kWaitChildren:
            return two_children();
    }
    return InDoubt{"cannot tell", {}};
}

const char* answer_name(Answer answer) {
    static constexpr const char* kNames[] = {
        "ok",   "transient", "permanent",           "waits for a timer", "waits for a gate",
        "redo", "in doubt",  "waits for child runs"};
    return kNames[static_cast<std::size_t>(answer)];
}

std::vector<Answer> answers(const Workflow& w, const core::RunState& state, StepIndex i,
                            const MoveOptions& options) {
    std::vector<Answer> list{Answer::kOk, Answer::kTransient, Answer::kPermanent};
    if (options.doubts) {
        list.push_back(Answer::kDoubt);
    }
    if (state.steps[i].status == StepStatus::kUndoing) {
        return list;
    }
    if (options.new_rounds && w.step(i).retry_mode == RetryMode::kNewRound) {
        list.push_back(Answer::kRedo);
    }
    if (w.step(i).labels.contains("waits") && state.steps[i].resolutions.empty()) {
        list.push_back(Answer::kWaitTimer);
        list.push_back(Answer::kWaitGate);
    }
    if (w.step(i).labels.contains("children") && state.steps[i].resolutions.empty()) {
        list.push_back(Answer::kWaitChildren);
    }
    return list;
}

namespace {

void add(std::vector<Move>& list, Move::Kind kind, StepIndex step, core::Input input, std::string text,
         Answer answer = Answer::kOk) {
    list.push_back({kind, step, answer, std::move(input), std::move(text)});
}

void add_verdict(std::vector<Move>& list, const Workflow& w, const Situation& s, StepIndex i, Verdict verdict,
                 const char* text, Answer answer = Answer::kOk) {
    add(list, Move::Kind::kReconcile, i,
        core::AttemptReconciled{i, s.state.steps[i].fence, std::move(verdict), {}},
        w.step(i).id.str() + " reconciles: " + text, answer);
}

void attempt_moves(std::vector<Move>& list, const Workflow& w, const Situation& s, StepIndex i,
                   const MoveOptions& options) {
    const auto& world = s.world[i];
    if (world.linked && world.phase == Outside::kRunning) {
        for (Answer answer : answers(w, s.state, i, options)) {
            add(list, Move::Kind::kReport, i, core::AttemptReported{i, world.fence, make_outcome(answer), {}},
                w.step(i).id.str() + " reports " + answer_name(answer), answer);
        }
    }
    if (!world.asked) {
        return;
    }
    if (options.doubts) {
        add_verdict(list, w, s, i, InDoubt{"cannot tell", {}}, "in doubt");
    }
    if (world.phase == Outside::kIdle || world.fence != s.state.steps[i].fence) {
        add_verdict(list, w, s, i, NotStarted{}, "never started");
    } else if (world.phase == Outside::kRunning) {
        add_verdict(list, w, s, i, StillRunning{}, "still running");
        add_verdict(list, w, s, i, NotStarted{}, "died without an effect");
        if (options.new_rounds) {
            add_verdict(list, w, s, i, Partial{"half"}, "partly done");
        }
    } else {
        add_verdict(list, w, s, i, Finished{make_outcome(world.answer)}, "finished", world.answer);
    }
}

core::Input operate(OperatorAct act) {
    return core::Operate{std::move(act), Principal{"ana", {"approver"}}};
}

}  // namespace

void add_gate_acts(std::vector<Move>& list, const Workflow& w, const core::RunState& state, StepIndex i,
                   const MoveOptions& options) {
    const auto& step = state.steps[i];
    const auto answer = [&](Decision decision) {
        GateAnswer text;
        text.step = w.step(i).id;
        text.round = step.round;
        text.shown = step.shown;
        text.decision = decision;
        add(list, Move::Kind::kOperator, i, operate(AnswerGate{std::move(text)}),
            w.step(i).id.str() + " answered: " + std::string(to_string(decision)));
    };
    if (step.status == StepStatus::kWaiting && step.wait_kind == WaitKind::kGate) {
        answer(Decision::kApprove);
        answer(Decision::kDeny);
        answer(Decision::kSkip);
        answer(Decision::kSkipWithDependents);
        if (options.new_rounds) {
            answer(Decision::kRetryPlan);
        }
    } else if (w.step(i).type == StepType::kGate && step.status == StepStatus::kSucceeded &&
               options.new_rounds) {
        answer(Decision::kRevoke);
    }
}

namespace {

void operator_moves(std::vector<Move>& list, const Workflow& w, StepIndex i, const MoveOptions& options) {
    const StepId id = w.step(i).id;
    add(list, Move::Kind::kOperator, i, operate(RetryStep{id}), "retry " + id.str());
    add(list, Move::Kind::kOperator, i, operate(SkipStep{id, SkipMode::kGoOn, ""}),
        "skip " + id.str() + ", go on");
    add(list, Move::Kind::kOperator, i, operate(SkipStep{id, SkipMode::kSkip, ""}),
        "skip " + id.str() + " and dependents");
    add(list, Move::Kind::kOperator, i, operate(SettleStep{id, true, {"settled", false}, ""}),
        "settle " + id.str() + " as succeeded");
    add(list, Move::Kind::kOperator, i, operate(SettleStep{id, false, {}, ""}),
        "settle " + id.str() + " as failed");
    if (options.new_rounds) {
        add(list, Move::Kind::kOperator, i, operate(RedoSection{id, "again"}), "redo " + id.str());
    }
}

bool has_gate(const Workflow& w) {
    for (const auto& step : w.spec().steps) {
        if (step.type == StepType::kGate || step.labels.contains("waits")) {
            return true;
        }
    }
    return false;
}

bool has_undo(const Workflow& w) {
    const auto& steps = w.spec().steps;
    return std::any_of(steps.begin(), steps.end(), [](const StepSpec& step) { return step.has_undo; });
}

void run_moves(std::vector<Move>& list, bool gates) {
    add(list, Move::Kind::kOperator, kNoStep, operate(PauseRun{}), "pause");
    add(list, Move::Kind::kOperator, kNoStep, operate(ResumeRun{}), "resume");
    add(list, Move::Kind::kOperator, kNoStep, operate(CancelRun{""}), "cancel");
    add(list, Move::Kind::kOperator, kNoStep, operate(StopRun{""}), "stop");
    if (gates) {
        add(list, Move::Kind::kOperator, kNoStep, operate(SetApproveAll{true}), "approve all");
    }
}

}  // namespace

std::vector<Move> fixed_acts(const Workflow& w, const MoveOptions& options) {
    std::vector<Move> list;
    for (StepIndex i = 0; options.operators && i < w.size(); ++i) {
        operator_moves(list, w, i, options);
    }
    if (options.run_acts) {
        run_moves(list, has_gate(w));
    }
    if (has_undo(w)) {
        add(list, Move::Kind::kOperator, kNoStep, operate(UndoRun{}), "undo");
    }
    return list;
}

void add_child_moves(std::vector<Move>& list, const Workflow& w, const core::RunState& state, StepIndex i) {
    const auto& children = state.steps[i].children;
    for (std::uint32_t k = 0; k < children.next; ++k) {
        if (is_final(children.list[k].status)) {
            continue;
        }
        for (RunStatus status : {RunStatus::kSucceeded, RunStatus::kFailed}) {
            add(list, Move::Kind::kChild, i,
                core::ChildReported{i, k, children.list[k].spec.run, status, "", {}},
                "child run " + std::to_string(k) + " of " + w.step(i).id.str() + " has " +
                    std::string(to_string(status)));
        }
    }
}

std::vector<Move> moves(const Workflow& w, const Situation& s, const MoveOptions& options) {
    std::vector<Move> list = fixed_acts(w, options);
    add(list, Move::Kind::kCrash, kNoStep, core::TimerFired{}, "kill -9");
    for (StepIndex i = 0; i < w.size(); ++i) {
        attempt_moves(list, w, s, i, options);
        add_child_moves(list, w, s.state, i);
        if (options.operators) {
            add_gate_acts(list, w, s.state, i, options);
        }
    }
    for (const auto& timer : s.timers) {
        if (!stands(s.state, timer)) {
            continue;  // decides nothing, as the probes of every situation show
        }
        add(list, Move::Kind::kTimer, timer.step, core::TimerFired{timer.step, timer.kind, timer.due_ms},
            "timer " + std::to_string(static_cast<int>(timer.kind)) +
                (timer.step < w.size() ? " of " + w.step(timer.step).id.str() : ""));
    }
    return list;
}

}  // namespace search
