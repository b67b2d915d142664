// Parts of apply(), one overload per event. Each checks before it changes anything.
#pragma once

#include "engine/core/decide.hpp"

namespace slipway::core::detail {

/// Where an event is applied.
struct Applied {
    const Workflow& workflow;
    RunState& state;
    TimeMs at_ms;

    /// The place in messages: run, seq, event.
    std::string place;
};

Result<void> misfit(const Applied& a, const std::string& why);
void set_status(const Applied& a, RunStatus status);
/// A redo that waits is given up.
void release_redo(const Applied& a);

Result<void> apply_run_event(const Applied& a, const RunStarted& e);
Result<void> apply_run_event(const Applied& a, const RunPaused& e);
Result<void> apply_run_event(const Applied& a, const RunResumed& e);
Result<void> apply_run_event(const Applied& a, const RunBlocked& e);
Result<void> apply_run_event(const Applied& a, const RunUnblocked& e);
Result<void> apply_run_event(const Applied& a, const RunCancelAsked& e);
Result<void> apply_run_event(const Applied& a, const RunFinished& e);
Result<void> apply_run_event(const Applied& a, const ApproveAllSet& e);
Result<void> apply_run_event(const Applied& a, const RoundOpened& e);
Result<void> apply_run_event(const Applied& a, const RedoAsked& e);
Result<void> apply_run_event(const Applied& a, const RunUndoAsked& e);
Result<void> apply_run_event(const Applied& a, const UnwindBegan& e);
Result<void> apply_run_event(const Applied& a, const ChildOf& e);

Result<void> apply_step_event(const Applied& a, const StepReady& e);
Result<void> apply_step_event(const Applied& a, const AttemptStarted& e);
Result<void> apply_step_event(const Applied& a, const EvidenceRecorded& e);
Result<void> apply_step_event(const Applied& a, const StepSucceeded& e);
Result<void> apply_step_event(const Applied& a, const StepBackingOff& e);
Result<void> apply_step_event(const Applied& a, const StepFailed& e);
Result<void> apply_step_event(const Applied& a, const StepWaiting& e);
Result<void> apply_step_event(const Applied& a, const WaitResolved& e);
Result<void> apply_step_event(const Applied& a, const GateDecided& e);
Result<void> apply_step_event(const Applied& a, const StepSkipped& e);
Result<void> apply_step_event(const Applied& a, const StepCancelled& e);
Result<void> apply_step_event(const Applied& a, const StepInDoubt& e);
Result<void> apply_step_event(const Applied& a, const CancelAsked& e);
Result<void> apply_step_event(const Applied& a, const StepSettled& e);
Result<void> apply_step_event(const Applied& a, const StepRetried& e);
Result<void> apply_step_event(const Applied& a, const AttemptVoided& e);
Result<void> apply_step_event(const Applied& a, const ExecutorNotFound& e);
Result<void> apply_step_event(const Applied& a, const UndoPassed& e);
Result<void> apply_step_event(const Applied& a, const UndoReady& e);
Result<void> apply_step_event(const Applied& a, const UndoStarted& e);
Result<void> apply_step_event(const Applied& a, const UndoBackingOff& e);
Result<void> apply_step_event(const Applied& a, const StepUndone& e);
Result<void> apply_step_event(const Applied& a, const UndoLeft& e);
Result<void> apply_step_event(const Applied& a, const ChildrenAsked& e);
Result<void> apply_step_event(const Applied& a, const ChildrenStarted& e);
Result<void> apply_step_event(const Applied& a, const ChildEnded& e);
Result<void> apply_step_event(const Applied& a, const ChildrenCancelAsked& e);

}  // namespace slipway::core::detail
