#include "tests/simulation/core/moves.hpp"

#include <algorithm>

namespace search {

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
    }
    return InDoubt{"cannot tell", {}};
}

namespace {

constexpr const char* kAnswerNames[] = {
    "ok", "transient", "permanent", "waits for a timer", "waits for a gate", "redo", "in doubt"};

std::vector<Answer> answers(const Workflow& w, const Situation& s, StepIndex i, const MoveOptions& options) {
    std::vector<Answer> list{Answer::kOk, Answer::kTransient, Answer::kPermanent};
    if (options.doubts) {
        list.push_back(Answer::kDoubt);
    }
    if (options.new_rounds && w.step(i).retry_mode == RetryMode::kNewRound) {
        list.push_back(Answer::kRedo);
    }
    if (w.step(i).labels.contains("waits") && s.state.steps[i].resolutions.empty()) {
        list.push_back(Answer::kWaitTimer);
        list.push_back(Answer::kWaitGate);
    }
    return list;
}

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
        for (Answer answer : answers(w, s, i, options)) {
            add(list, Move::Kind::kReport, i, core::AttemptReported{i, world.fence, make_outcome(answer), {}},
                w.step(i).id.str() + " reports " + kAnswerNames[static_cast<std::size_t>(answer)], answer);
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

void gate_moves(std::vector<Move>& list, const Workflow& w, const Situation& s, StepIndex i,
                const MoveOptions& options) {
    const auto& step = s.state.steps[i];
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

std::vector<Move> moves(const Workflow& w, const Situation& s, const MoveOptions& options) {
    std::vector<Move> list;
    add(list, Move::Kind::kCrash, kNoStep, core::TimerFired{}, "kill -9");
    for (StepIndex i = 0; i < w.size(); ++i) {
        attempt_moves(list, w, s, i, options);
        if (options.operators) {
            gate_moves(list, w, s, i, options);
            operator_moves(list, w, i, options);
        }
    }
    for (const auto& timer : s.timers) {
        add(list, Move::Kind::kTimer, timer.step, core::TimerFired{timer.step, timer.kind, timer.due_ms},
            "timer " + std::to_string(static_cast<int>(timer.kind)) +
                (timer.step < w.size() ? " of " + w.step(timer.step).id.str() : ""));
    }
    if (options.run_acts) {
        run_moves(list, has_gate(w));
    }
    return list;
}

namespace {

/// What the outside did before the engine heard of it; it is there whether the tick commits or not.
std::optional<std::string> act_outside(const Workflow& w, Situation& s, const Move& move) {
    if (move.kind == Move::Kind::kTimer) {
        s.now_ms = std::max(s.now_ms, std::get<core::TimerFired>(move.input).due_ms);
    }
    if (move.kind == Move::Kind::kReconcile &&
        std::holds_alternative<NotStarted>(std::get<core::AttemptReconciled>(move.input).verdict)) {
        s.world[move.step].phase = Outside::kIdle;
    }
    if (move.kind != Move::Kind::kReport) {
        return std::nullopt;
    }
    WorldStep& world = s.world[move.step];
    world.phase = Outside::kDone;
    world.answer = move.answer;
    if (move.answer == Answer::kOk) {
        const auto round = s.state.steps[move.step].round;
        if (world.effects_round != round) {
            world.effects_round = round;
            world.effects = 0;
        }
        if (++world.effects > 1) {
            return "the effect of step " + w.step(move.step).id.str() + " happened twice in one round";
        }
    }
    return std::nullopt;
}

bool take_in(Successors& out, Recovery recovery) {
    if (recovery.wrong) {
        out.wrong = recovery.wrong;
        return false;
    }
    for (auto& one : recovery.results) {
        out.situations.push_back(std::move(one));
    }
    return true;
}

void forget_timer(Situation& s, const Move& move) {
    if (move.kind != Move::Kind::kTimer) {
        return;
    }
    const auto& fired = std::get<core::TimerFired>(move.input);
    std::erase(s.timers, ArmedTimer{fired.step, fired.kind, fired.due_ms});
}

void link(Situation& s, const Move& move, bool refused) {
    if (move.kind != Move::Kind::kReconcile || refused) {
        return;
    }
    const auto& verdict = std::get<core::AttemptReconciled>(move.input).verdict;
    if (std::holds_alternative<StillRunning>(verdict)) {
        s.world[move.step].linked = true;
        s.world[move.step].asked = false;
    }
}

}  // namespace

Successors carry_out(const Workflow& w, const Situation& before, const Move& move, Bug bug) {
    Successors out;
    if (move.kind == Move::Kind::kCrash) {
        take_in(out, crash_and_recover(w, before, bug));
        return out;
    }
    Situation s = before;
    out.wrong = act_outside(w, s, move);
    if (out.wrong) {
        return out;
    }
    Tick tick = run_tick(w, s, {move.input}, bug);
    out.wrong = tick.wrong;
    out.refused = tick.refused.has_value();
    if (out.wrong) {
        return out;
    }
    if (tick.refused && tick.refused->message.empty()) {
        out.wrong = "refused without a reason: " + move.text;
    }
    if (move.kind == Move::Kind::kOperator && !tick.refused && tick.events == 0) {
        out.wrong = "ignored: " + move.text;
    }
    if (out.wrong || (tick.refused && move.kind == Move::Kind::kOperator)) {
        return out;
    }
    forget_timer(tick.after, move);
    link(tick.after, move, out.refused);
    const bool early = bug == Bug::kDispatchBeforeCommit && !tick.owed.empty();
    if (move.kind == Move::Kind::kReport || early) {
        if (early) {
            out.wrong = deliver(w, s, tick.owed, tick.owed.size(), bug);
        }
        if (out.wrong || !take_in(out, crash_and_recover(w, s, bug))) {
            return out;
        }  // crash before the commit
    }
    for (std::size_t count = 0; tick.events > 0 && count < std::max<std::size_t>(tick.owed.size(), 1);
         ++count) {
        Situation partly = tick.after;  // crash after the commit, with `count` commands gone out
        out.wrong = deliver(w, partly, tick.owed, count, bug);
        if (out.wrong || !take_in(out, crash_and_recover(w, std::move(partly), bug))) {
            return out;
        }
    }
    out.wrong = deliver(w, tick.after, tick.owed, tick.owed.size(), bug);
    if (!out.wrong) {
        out.situations.push_back(std::move(tick.after));
    }
    return out;
}

namespace {

/// Feeds inputs to one scratch copy of the state, which none of them may change.
class Prober {
public:
    Prober(const Workflow& w, const Situation& s, Bug bug) : w_(w), s_(s), bug_(bug), scratch_(s.state) {}

    /// Nothing comes of the input: it is refused, or (a stale timer) decides nothing.
    void expect_refused(const core::Input& input, const char* what) {
        const core::Decision decision = feed(input);
        if (!wrong_ && !decision.refused) {
            wrong_ = std::string(what) + " was accepted";
        }
        expect_unchanged(decision, what);
    }
    void expect_nothing(const core::Input& input, const char* what) { expect_unchanged(feed(input), what); }
    /// True when the act is refused; then it has a reason and changes nothing.
    bool is_refused(const core::Input& input) {
        const core::Decision decision = feed(input);
        if (!decision.refused) {
            scratch_ = s_.state;
            return false;
        }
        if (decision.refused->message.empty()) {
            wrong_ = "refused without a reason";
        }
        if (decision.refused->error_class == ErrorClass::kBug) {
            wrong_ = "an impossible decision: " + decision.refused->message;
        }
        if (!wrong_) {
            expect_unchanged(decision, "an act");
        }
        return true;
    }
    std::optional<std::string> wrong() const { return wrong_; }

private:
    core::Decision feed(const core::Input& input) {
        return core::advance(w_, scratch_, tampered(s_, w_, input, bug_), {s_.now_ms, 12345, 2000, 1000, {}});
    }
    void expect_unchanged(const core::Decision& decision, const char* what) {
        if (bug_ == Bug::kRefusalChangesState && decision.refused) {
            scratch_.paused = !scratch_.paused;
        }
        if (wrong_) {
            return;
        }
        if (!decision.events.empty() || !(scratch_ == s_.state)) {
            wrong_ = std::string(what) + " was refused and changed the state";
        }
    }

    const Workflow& w_;
    const Situation& s_;
    Bug bug_;
    core::RunState scratch_;
    std::optional<std::string> wrong_;
};

void probe_step(const Workflow& w, const Situation& s, StepIndex i, Prober& prober) {
    const auto& step = s.state.steps[i];
    for (Fence fence : {step.fence - 1, step.fence + 1}) {
        prober.expect_refused(core::AttemptReported{i, fence, make_outcome(Answer::kOk), {}},
                              "a report with another fence");
        prober.expect_refused(core::EvidenceReported{i, fence, {}}, "evidence with another fence");
    }
    if (step.status != StepStatus::kRunning) {
        prober.expect_refused(core::AttemptReported{i, step.fence, make_outcome(Answer::kOk), {}},
                              "a duplicate report");
    }
    for (int kind = 1; kind <= 6; ++kind) {
        prober.expect_nothing(core::TimerFired{i, static_cast<core::TimerKind>(kind), s.now_ms - 123},
                              "a stale timer");
    }
    if (step.status != StepStatus::kWaiting || step.wait_kind != WaitKind::kGate) {
        return;
    }
    GateAnswer answer{w.step(i).id, step.round + 1, step.shown, Decision::kApprove, "", "", {}};
    prober.expect_refused(core::Operate{AnswerGate{answer}, Principal{"ana", {}}},
                          "an answer to another round");
    answer.round = step.round;
    answer.shown.bytes[0] ^= 1U;
    prober.expect_refused(core::Operate{AnswerGate{answer}, Principal{"ana", {}}},
                          "an answer to another digest");
}

}  // namespace

std::optional<std::string> probe(const Workflow& w, const Situation& s, Bug bug) {
    Prober prober(w, s, bug);
    for (StepIndex i = 0; i < w.size() && !prober.wrong(); ++i) {
        probe_step(w, s, i, prober);
    }
    prober.expect_refused(
        core::AttemptReported{static_cast<StepIndex>(w.size()), 1, make_outcome(Answer::kOk), {}},
        "a report of an unknown step");
    return prober.wrong();
}

std::optional<std::string> drop_refused(const Workflow& w, const Situation& s, Bug bug,
                                        std::vector<Move>& list, std::uint64_t& refused) {
    Prober prober(w, s, bug);
    const auto is_refused = [&](const Move& move) {
        return move.kind == Move::Kind::kOperator && prober.is_refused(move.input);
    };
    refused += std::erase_if(list, is_refused);
    return prober.wrong();
}

}  // namespace search
