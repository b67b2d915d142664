// decide() by topic: what each input does. All of them check before they emit.
#pragma once

#include "engine/core/transaction.hpp"

namespace slipway::core::detail {

/// nullopt: carried out, or nothing to do. An error: refused, and nothing was emitted.
using Refusal = std::optional<Error>;

Refusal on_admitted(Transaction& t, const StepAdmitted& input);
Refusal on_reported(Transaction& t, const AttemptReported& input);
Refusal on_evidence(Transaction& t, const EvidenceReported& input);
Refusal on_reconciled(Transaction& t, const AttemptReconciled& input);
Refusal on_timer(Transaction& t, const TimerFired& input);
Refusal on_missing(Transaction& t, const ExecutorMissing& input);
Refusal on_operate(Transaction& t, const Operate& input);

// Parts that topics share.
/// The attempt of this step ended with `outcome`.
void end_attempt(Transaction& t, StepIndex step, const Outcome& outcome, const Digest& shown);
void attempt_failed(Transaction& t, StepIndex step, StepFailure failure);
void redo_or_fail(Transaction& t, StepIndex step, const std::string& why);
/// Opens the wait of a gate that has just begun, or passes it.
void open_gate(Transaction& t, StepIndex step, StepWaiting wait, bool nothing_to_approve);
/// Gives an open approval on the strength of approve_all, where that is allowed.
void approve_if_all(Transaction& t, StepIndex step);
Refusal answer_gate(Transaction& t, const GateAnswer& answer, const Principal& by);
Refusal retry_step(Transaction& t, StepIndex step, const RetryStep& act, const Principal& by);
Refusal skip_step(Transaction& t, StepIndex step, const SkipStep& act, const Principal& by);
Refusal settle_step(Transaction& t, StepIndex step, const SettleStep& act, const Principal& by);
Refusal redo_section(Transaction& t, StepIndex step, const std::string& why, const Principal& by);
Refusal on_child_reported(Transaction& t, const ChildReported& input);
/// The attempt ended by waiting for child runs.
void children_wait(Transaction& t, StepIndex step, const WaitFor& wait);
void attempt_in_doubt(Transaction& t, StepIndex step, const InDoubt& doubt);
// Of a run that is being unwound (decide_undo.cpp).
Refusal undo_run(Transaction& t, const std::string& note, const Principal& by);
void start_undo(Transaction& t, StepIndex step);
void end_undo(Transaction& t, StepIndex step, const Outcome& outcome);
void undo_failed(Transaction& t, StepIndex step, StepFailure failure);
void undo_partly_done(Transaction& t, StepIndex step, const std::string& why);
Refusal leave_step(Transaction& t, StepIndex step, const std::string& note, const Principal& by);
Refusal settle_undo(Transaction& t, StepIndex step, const SettleStep& act, const Principal& by);
Refusal retry_undo(Transaction& t, StepIndex step, const RetryStep& act, const Principal& by);

Error refused(const Transaction& t, StepIndex step, const std::string& why, std::string hint = {});
Error refused(const Transaction& t, const std::string& why, std::string hint = {});
/// An in-doubt or undone step in the closure of a redo: then no redo is possible.
Refusal redo_obstacle(const Transaction& t, StepIndex root);

}  // namespace slipway::core::detail
