#include "tests/simulation/core/prober.hpp"

namespace search {

void Prober::expect_unchanged(const core::Decision& decision, const char* what) {
    if (bug_ == Bug::kRefusalChangesState && decision.refused) {
        ++scratch_.since_ms;
    }
    if (!wrong_ && (!decision.events.empty() || (each_ && !(scratch_ == s_.state)))) {
        wrong_ = std::string(what) + " was refused and changed the state";
    }
}

void Prober::expect_refused(const core::Input& input, const char* what) {
    const core::Decision decision = feed(input);
    if (!wrong_ && !decision.refused) {
        wrong_ = std::string(what) + " was accepted";
    }
    expect_unchanged(decision, what);
}

std::optional<core::Decision> Prober::carry_out(const core::Input& input) {
    core::Decision decision = feed(input);
    if (!decision.refused) {
        return decision;
    }
    if (decision.refused->message.empty()) {
        wrong_ = "refused without a reason";
    }
    if (decision.refused->error_class == ErrorClass::kBug) {
        wrong_ = "an impossible decision: " + decision.refused->message;
    }
    expect_unchanged(decision, "an act");
    return std::nullopt;
}

std::optional<std::string> Prober::finish() {
    if (!wrong_ && !(scratch_ == s_.state)) {
        wrong_ = "something that was refused changed the state: " +
                 first_difference(scratch_, s_.state).value_or("?");
    }
    return wrong_;
}

void Prober::probe_step(StepIndex i) {
    const auto& step = s_.state.steps[i];
    for (Fence fence : {step.fence - 1, step.fence + 1}) {
        expect_refused(core::AttemptReported{i, fence, make_outcome(Answer::kOk), {}},
                       "a report with another fence");
        expect_refused(core::EvidenceReported{i, fence, {}}, "evidence with another fence");
    }
    if (!core::has_attempt(step)) {
        expect_refused(core::AttemptReported{i, step.fence, make_outcome(Answer::kOk), {}},
                       "a duplicate report");
    }
    for (int kind = 1; kind <= 6; ++kind) {
        expect_nothing(core::TimerFired{i, static_cast<core::TimerKind>(kind), s_.now_ms - 123},
                       "a stale timer");
    }
    if (step.status != StepStatus::kWaiting || step.wait_kind != WaitKind::kGate) {
        return;
    }
    GateAnswer answer{w_.step(i).id, step.round + 1, step.shown, Decision::kApprove, "", "", {}};
    expect_refused(core::Operate{AnswerGate{answer}, Principal{"ana", {}}}, "an answer to another round");
    answer.round = step.round;
    answer.shown.bytes[0] ^= 1U;
    expect_refused(core::Operate{AnswerGate{answer}, Principal{"ana", {}}}, "an answer to another digest");
}

void Prober::probe_all() {
    for (StepIndex i = 0; i < w_.size() && !wrong_; ++i) {
        probe_step(i);
    }
    expect_refused(core::AttemptReported{static_cast<StepIndex>(w_.size()), 1, make_outcome(Answer::kOk), {}},
                   "a report of an unknown step");
}

std::optional<std::string> probe(const Workflow& w, const Situation& s, Bug bug) {
    Prober prober(w, s, bug, true);
    prober.probe_all();
    return prober.wrong();
}

std::optional<std::string> drop_refused(const Workflow& w, const Situation& s, Bug bug,
                                        std::vector<Move>& list, std::uint64_t& refused) {
    Prober prober(w, s, bug, true);
    const auto is_refused = [&](const Move& move) {
        if (move.kind != Move::Kind::kOperator) {
            return false;
        }
        if (prober.carry_out(move.input)) {
            prober.restore();
            return false;
        }
        return true;
    };
    refused += std::erase_if(list, is_refused);
    return prober.wrong();
}

}  // namespace search
