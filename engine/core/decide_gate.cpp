// Gates: opened, passed, answered, taken back. A decision holds for exactly the round and digest that were
// shown.
#include <algorithm>

#include "engine/core/counters.hpp"
#include "engine/core/decide_topics.hpp"

namespace slipway::core::detail {
namespace {

using GateDecision = slipway::Decision;

bool has_role(const std::vector<std::string>& roles, const std::string& role) {
    return std::find(roles.begin(), roles.end(), role) != roles.end();
}

/// The role in which `who` may answer; nullopt when there is none. Empty where no role is needed or claimed.
std::optional<std::string> acting_role(const GateSpec& gate, const Principal& who,
                                       const std::string& claimed) {
    if (!claimed.empty()) {
        const bool fits =
            has_role(who.roles, claimed) && (gate.roles.empty() || has_role(gate.roles, claimed));
        return fits ? std::optional<std::string>(claimed) : std::nullopt;
    }
    if (gate.roles.empty()) {
        return std::string();
    }
    for (const std::string& role : who.roles) {
        if (has_role(gate.roles, role)) {
            return role;
        }
    }
    return std::nullopt;
}

bool is_open(const Transaction& t, StepIndex step) {
    return t.step(step).status == StepStatus::kWaiting && t.step(step).wait_kind == WaitKind::kGate;
}

void record(Transaction& t, StepIndex step, GateDecision decision, const Principal& by, std::string role,
            std::string note) {
    t.emit(GateDecided{step, t.step(step).round, t.step(step).shown, decision, by, std::move(role),
                       std::move(note)});
}

/// An approved gate step succeeds; an attempt that waited goes on with the answer.
void release(Transaction& t, StepIndex step, GateDecision decision, const Payload& payload) {
    if (t.spec(step).type == StepType::kGate) {
        t.succeed(step, payload);
        return;
    }
    t.emit(WaitResolved{step, Resolution{WaitKind::kGate, t.step(step).wait_name, payload, decision}});
}

void deny(Transaction& t, StepIndex step, const GateAnswer& answer, const Principal& by) {
    StepFailure failure;
    failure.failure_class = FailureClass::kDenied;
    failure.message = "denied by " + by.name + (answer.note.empty() ? "" : ": " + answer.note);
    t.fail(step, std::move(failure));
}

bool is_skippable_now(StepStatus status) {
    return status == StepStatus::kPending || status == StepStatus::kReady ||
           status == StepStatus::kBackingOff || status == StepStatus::kWaiting ||
           status == StepStatus::kFailed;
}

Refusal section_skip_obstacle(const Transaction& t, StepIndex gate) {
    for (const StepIndex i : t.workflow().section_steps(t.workflow().section_of(gate))) {
        const StepStatus status = t.step(i).status;
        if (status == StepStatus::kRunning || waits_for_children(t.step(i)) ||
            status == StepStatus::kUndoing || status == StepStatus::kInDoubt) {
            return refused(
                t, gate,
                "step \"" + t.spec(i).id.str() + "\" of its section is " + std::string(to_string(status)),
                status == StepStatus::kInDoubt ? "settle that step first" : "wait until it has ended");
        }
    }
    return std::nullopt;
}

void skip_section(Transaction& t, StepIndex gate, SkipMode mode, const Principal& by,
                  const std::string& note) {
    const auto steps = t.workflow().section_steps(t.workflow().section_of(gate));
    const std::string reason =
        "decided at gate \"" + t.spec(gate).id.str() + "\"" + (note.empty() ? "" : ": " + note);
    for (auto it = steps.rbegin(); it != steps.rend(); ++it) {
        if (is_skippable_now(t.step(*it).status)) {
            t.skip(*it, mode, by, reason);
        }
    }
}

/// The first step behind the gate that has started in this round; kNoStep when there is none.
StepIndex started_behind(const Transaction& t, StepIndex gate) {
    std::vector<StepIndex> todo{gate};
    std::vector<bool> seen(t.state().steps.size());
    while (!todo.empty()) {
        const StepIndex step = todo.back();
        todo.pop_back();
        for (const StepIndex dependent : t.workflow().dependents(step)) {
            const StepState& s = t.step(dependent);
            if (s.attempt != 0 || s.status == StepStatus::kSucceeded) {
                return dependent;
            }
            if (!seen[dependent]) {
                seen[dependent] = true;
                todo.push_back(dependent);
            }
        }
    }
    return kNoStep;
}

Refusal revoke(Transaction& t, StepIndex step, const GateAnswer& answer, const Principal& by,
               const std::string& role) {
    const StepState& s = t.step(step);
    if (t.spec(step).type != StepType::kGate || s.status != StepStatus::kSucceeded ||
        s.decided != GateDecision::kApprove) {
        return refused(t, step,
                       "there is no approval to take back; it is " + std::string(to_string(s.status)));
    }
    if (const StepIndex started = started_behind(t, step); started != kNoStep) {
        return refused(t, step,
                       "the approval cannot be taken back: \"" + t.spec(started).id.str() + "\" has started",
                       "cancel the run, or wait and redo the section");
    }
    if (auto no = redo_obstacle(t, step)) {
        return no;
    }
    record(t, step, GateDecision::kRevoke, by, role, answer.note);
    t.ask_redo(step, "approval taken back by " + by.name, by, false);
    return std::nullopt;
}

Refusal check_binding(const Transaction& t, StepIndex step, const GateAnswer& answer) {
    const StepState& s = t.step(step);
    const std::string place = place_of(t.workflow(), t.state(), step);
    if (answer.round != s.round) {
        return usage_error(ErrorCode::kConflict,
                           place + ": the answer is for round " + std::to_string(answer.round) +
                               ", the gate is in round " + std::to_string(s.round),
                           "look at what the gate shows now and answer that");
    }
    const bool bound = t.spec(step).gate.kind == GateKind::kApproval;
    const bool has_shown = is_open(t, step) || answer.decision == GateDecision::kRevoke;
    if (bound && has_shown && answer.shown != s.shown) {
        return usage_error(ErrorCode::kConflict,
                           place + ": the answer is for another digest than the gate shows",
                           "look at what the gate shows now and answer that");
    }
    return std::nullopt;
}

Refusal check_open(const Transaction& t, StepIndex step) {
    const StepState& s = t.step(step);
    if (is_open(t, step) && !s.held) {
        return std::nullopt;
    }
    if (s.held) {
        return refused(t, step, "it is about to get a new round", "answer the gate when it asks again");
    }
    if (s.decided) {
        return refused(t, step, "the gate has been decided already: " + std::string(to_string(*s.decided)));
    }
    return refused(t, step, "no gate is open; it is " + std::string(to_string(s.status)));
}

Refusal carry_out(Transaction& t, StepIndex step, const GateAnswer& answer, const Principal& by,
                  const std::string& role) {
    switch (answer.decision) {
        case GateDecision::kApprove:
            record(t, step, answer.decision, by, role, answer.note);
            release(t, step, answer.decision, answer.payload);
            return std::nullopt;
        case GateDecision::kDeny:
            record(t, step, answer.decision, by, role, answer.note);
            deny(t, step, answer, by);
            return std::nullopt;
        case GateDecision::kRetryPlan:
            if (auto no = redo_obstacle(t, step)) {
                return no;
            }
            record(t, step, answer.decision, by, role, answer.note);
            t.ask_redo(
                step, "asked for at the gate by " + by.name + (answer.note.empty() ? "" : ": " + answer.note),
                by, false);
            return std::nullopt;
        case GateDecision::kSkip:
        case GateDecision::kSkipWithDependents:
            if (auto no = section_skip_obstacle(t, step)) {
                return no;
            }
            record(t, step, answer.decision, by, role, answer.note);
            skip_section(t, step, answer.decision == GateDecision::kSkip ? SkipMode::kGoOn : SkipMode::kSkip,
                         by, answer.note);
            return std::nullopt;
        case GateDecision::kNothingToApprove:
        case GateDecision::kRevoke:
            break;
    }
    return usage_error(ErrorCode::kInvalidArgument,
                       place_of(t.workflow(), t.state(), step) + ": this is no answer to a gate");
}

}  // namespace

void open_gate(Transaction& t, StepIndex step, StepWaiting wait, bool nothing_to_approve) {
    const TimeMs expires = wait.expires_ms;
    const GateSpec& gate = t.spec(step).gate;
    t.emit(std::move(wait));
    if (nothing_to_approve && gate.kind == GateKind::kApproval && gate.pass_when_unchanged) {
        record(t, step, GateDecision::kNothingToApprove, engine_principal(), {}, {});
        release(t, step, GateDecision::kNothingToApprove, {});
        return;
    }
    t.arm(step, TimerKind::kGateExpiry, expires);
    approve_if_all(t, step);
}

void approve_if_all(Transaction& t, StepIndex step) {
    const GateSpec& gate = t.spec(step).gate;
    if (!t.state().approve_all || gate.kind != GateKind::kApproval || !is_open(t, step) ||
        t.step(step).held) {
        return;
    }
    const Principal by = t.state().approve_all_by;
    const auto role = acting_role(gate, by, {});
    if (!role) {
        return;  // the gate asks somebody who may
    }
    record(t, step, GateDecision::kApprove, by, *role, "approve all");
    release(t, step, GateDecision::kApprove, {});
}

Refusal answer_gate(Transaction& t, const GateAnswer& answer, const Principal& by) {
    const auto found = t.workflow().find(answer.step);
    if (!found) {
        return usage_error(ErrorCode::kNotFound,
                           place_of(t.state()) + ": there is no step \"" + answer.step.str() + "\"");
    }
    const StepIndex step = *found;
    if (t.spec(step).type != StepType::kGate && !is_open(t, step)) {
        return refused(t, step, "no gate is open; it is " + std::string(to_string(t.step(step).status)));
    }
    if (auto no = check_binding(t, step, answer)) {
        return no;
    }
    if (answer.decision != GateDecision::kRevoke) {
        if (auto no = check_open(t, step)) {
            return no;
        }
    } else if (t.step(step).held) {
        return refused(t, step, "it is about to get a new round");
    }
    const auto role = acting_role(t.spec(step).gate, by, answer.role);
    if (!role) {
        return usage_error(ErrorCode::kForbidden,
                           place_of(t.workflow(), t.state(), step) + ": " + by.name +
                               " does not have a role in which this gate may be answered");
    }
    if (answer.decision == GateDecision::kRevoke) {
        return revoke(t, step, answer, by, *role);
    }
    return carry_out(t, step, answer, by, *role);
}

}  // namespace slipway::core::detail
