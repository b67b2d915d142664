// Events: what was durably decided, in order. A run's state is the fold of its events and nothing else.
// Each event type has a number in engine/codec/FORMAT.md that is never reused.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "slipway/run.hpp"

namespace slipway {

struct RunStarted {
    RunId run;
    Digest workflow;
    Payload input;
    std::map<std::string, std::string> labels;
    Principal by;
    TimeMs deadline_ms = 0;
    bool approve_all = false;
    RunId successor_of;
    std::string tenant;
    std::int32_t priority = 0;
    friend bool operator==(const RunStarted&, const RunStarted&) = default;
};
struct StepReady {
    StepIndex step = kNoStep;
    friend bool operator==(const StepReady&, const StepReady&) = default;
};
struct AttemptStarted {
    StepIndex step = kNoStep;
    std::uint32_t round = 1;
    std::uint32_t attempt = 1;  ///< within the round, from 1
    Fence fence = 0;
    Payload input;           ///< resolved
    TimeMs deadline_ms = 0;  ///< 0: none
    friend bool operator==(const AttemptStarted&, const AttemptStarted&) = default;
};
struct EvidenceRecorded {
    StepIndex step = kNoStep;
    Fence fence = 0;
    Evidence evidence;
    friend bool operator==(const EvidenceRecorded&, const EvidenceRecorded&) = default;
};
struct StepSucceeded {
    StepIndex step = kNoStep;
    Payload output;
    friend bool operator==(const StepSucceeded&, const StepSucceeded&) = default;
};
struct StepBackingOff {
    StepIndex step = kNoStep;
    StepFailure failure;
    TimeMs due_ms = 0;
    friend bool operator==(const StepBackingOff&, const StepBackingOff&) = default;
};
struct StepFailed {
    StepIndex step = kNoStep;
    StepFailure failure;
    friend bool operator==(const StepFailed&, const StepFailed&) = default;
};
struct StepWaiting {
    StepIndex step = kNoStep;
    WaitKind kind = WaitKind::kTimer;
    std::string name;       ///< of the gate
    Digest shown;           ///< of `what`
    Payload what;           ///< what a gate shows
    TimeMs due_ms = 0;      ///< of a timer
    TimeMs expires_ms = 0;  ///< of a gate; 0: never
    friend bool operator==(const StepWaiting&, const StepWaiting&) = default;
};
struct WaitResolved {  ///< an attempt's wait ended: ready again
    StepIndex step = kNoStep;
    Resolution resolution;
    friend bool operator==(const WaitResolved&, const WaitResolved&) = default;
};
struct GateDecided {
    StepIndex step = kNoStep;
    std::uint32_t round = 1;
    Digest shown;
    Decision decision = Decision::kApprove;
    Principal by;
    std::string role;
    std::string note;
    friend bool operator==(const GateDecided&, const GateDecided&) = default;
};
struct StepSkipped {
    StepIndex step = kNoStep;
    SkipMode mode = SkipMode::kGoOn;
    Principal by;
    std::string reason;
    friend bool operator==(const StepSkipped&, const StepSkipped&) = default;
};
struct StepCancelled {
    StepIndex step = kNoStep;
    CancelReason reason = CancelReason::kRunCancelled;
    friend bool operator==(const StepCancelled&, const StepCancelled&) = default;
};
struct StepInDoubt {
    StepIndex step = kNoStep;
    std::string reason;
    friend bool operator==(const StepInDoubt&, const StepInDoubt&) = default;
};
struct CancelAsked {  ///< of a live attempt; `force` once the first request's time is over
    StepIndex step = kNoStep;
    Fence fence = 0;
    CancelReason reason = CancelReason::kTimeout;
    bool force = false;
    TimeMs due_ms = 0;  ///< when the next escalation is due
    friend bool operator==(const CancelAsked&, const CancelAsked&) = default;
};
struct StepSettled {
    StepIndex step = kNoStep;
    bool succeeded = false;
    Principal by;
    std::string note;
    friend bool operator==(const StepSettled&, const StepSettled&) = default;
};
struct StepRetried {  ///< failed or backing off -> ready, by an operator
    StepIndex step = kNoStep;
    Principal by;
    std::string note = {};
    friend bool operator==(const StepRetried&, const StepRetried&) = default;
};
struct RedoAsked {
    StepIndex step = kNoStep;
    std::string why;
    Principal by;
    bool automatic = false;
    friend bool operator==(const RedoAsked&, const RedoAsked&) = default;
};
struct RoundOpened {  ///< each gets its next round and is pending
    std::vector<StepIndex> steps;
    std::string why;
    friend bool operator==(const RoundOpened&, const RoundOpened&) = default;
};
struct RunPaused {
    Principal by;
    std::string note = {};
    friend bool operator==(const RunPaused&, const RunPaused&) = default;
};
struct RunResumed {
    Principal by;
    std::string note = {};
    friend bool operator==(const RunResumed&, const RunResumed&) = default;
};
struct RunBlocked {
    std::string reason;
    friend bool operator==(const RunBlocked&, const RunBlocked&) = default;
};
struct RunUnblocked {
    friend bool operator==(const RunUnblocked&, const RunUnblocked&) = default;
};
struct RunCancelAsked {  ///< stop: the run will end failed
    Principal by;
    bool stop = false;
    std::string note;
    friend bool operator==(const RunCancelAsked&, const RunCancelAsked&) = default;
};
struct RunFinished {
    RunStatus status = RunStatus::kSucceeded;
    std::string reason;
    friend bool operator==(const RunFinished&, const RunFinished&) = default;
};
struct ApproveAllSet {
    bool on = true;
    Principal by;
    std::string note = {};
    friend bool operator==(const ApproveAllSet&, const ApproveAllSet&) = default;
};
struct AttemptVoided {  ///< an attempt that is proven never to have acted, or whose rest another one does:
                        ///< ready again, not counted as a failure
    StepIndex step = kNoStep;
    Fence fence = 0;
    std::string why;
    friend bool operator==(const AttemptVoided&, const AttemptVoided&) = default;
};
struct RunUndoAsked {
    Principal by;
    std::string note;
    friend bool operator==(const RunUndoAsked&, const RunUndoAsked&) = default;
};
struct UnwindBegan {  ///< nothing is running or in doubt any more: undoing may begin
    friend bool operator==(const UnwindBegan&, const UnwindBegan&) = default;
};
struct UndoPassed {  ///< its turn came, and there is nothing to undo, or it is left as it is
    StepIndex step = kNoStep;
    friend bool operator==(const UndoPassed&, const UndoPassed&) = default;
};
struct UndoReady {  ///< its turn has come (again)
    StepIndex step = kNoStep;
    friend bool operator==(const UndoReady&, const UndoReady&) = default;
};
struct UndoStarted {
    StepIndex step = kNoStep;
    std::uint32_t attempt = 1;  ///< to undo it, from 1
    Fence fence = 0;
    TimeMs deadline_ms = 0;  ///< 0: none
    friend bool operator==(const UndoStarted&, const UndoStarted&) = default;
};
struct UndoBackingOff {
    StepIndex step = kNoStep;
    StepFailure failure;
    TimeMs due_ms = 0;
    friend bool operator==(const UndoBackingOff&, const UndoBackingOff&) = default;
};
struct StepUndone {
    StepIndex step = kNoStep;
    friend bool operator==(const StepUndone&, const StepUndone&) = default;
};
struct UndoLeft {  ///< its effect stays, because somebody said so
    StepIndex step = kNoStep;
    Principal by;
    std::string note;
    friend bool operator==(const UndoLeft&, const UndoLeft&) = default;
};
struct ExecutorNotFound {  ///< stays ready; an operator must bring the executor
    StepIndex step = kNoStep;
    friend bool operator==(const ExecutorNotFound&, const ExecutorNotFound&) = default;
};

/// One run that a step asked for.
struct ChildSpec {
    std::string key;
    RunId run;
    Digest workflow;
    Payload input;
    std::map<std::string, std::string> labels;
    StepId result;
    friend bool operator==(const ChildSpec&, const ChildSpec&) = default;
};
struct ChildrenAsked {  ///< an attempt ended by waiting for child runs
    StepIndex step = kNoStep;
    Join join;
    std::vector<ChildSpec> children;
    friend bool operator==(const ChildrenAsked&, const ChildrenAsked&) = default;
};
struct ChildrenStarted {  ///< the next so many, in order
    StepIndex step = kNoStep;
    std::uint32_t count = 0;
    friend bool operator==(const ChildrenStarted&, const ChildrenStarted&) = default;
};
struct ChildEnded {
    StepIndex step = kNoStep;
    std::uint32_t child = 0;  ///< its place in ChildrenAsked
    RunStatus status = RunStatus::kSucceeded;
    std::string reason;
    Payload output;
    friend bool operator==(const ChildEnded&, const ChildEnded&) = default;
};
struct ChildrenCancelAsked {  ///< no more are started; those that run are cancelled
    StepIndex step = kNoStep;
    CancelReason reason = CancelReason::kJoined;
    friend bool operator==(const ChildrenCancelAsked&, const ChildrenCancelAsked&) = default;
};
/// The second event of a child run: who started it.
struct ChildOf {
    RunId parent;
    StepIndex parent_step = kNoStep;
    std::uint32_t round = 1;
    std::uint32_t child = 0;
    std::uint32_t depth = 1;  ///< 1: its parent has none
    friend bool operator==(const ChildOf&, const ChildOf&) = default;
};

using EventBody =
    std::variant<RunStarted, StepReady, AttemptStarted, EvidenceRecorded, StepSucceeded, StepBackingOff,
                 StepFailed, StepWaiting, WaitResolved, GateDecided, StepSkipped, StepCancelled, StepInDoubt,
                 CancelAsked, StepSettled, StepRetried, RedoAsked, RoundOpened, RunPaused, RunResumed,
                 RunBlocked, RunUnblocked, RunCancelAsked, RunFinished, ApproveAllSet, AttemptVoided,
                 ExecutorNotFound, RunUndoAsked, UnwindBegan, UndoPassed, UndoReady, UndoStarted,
                 UndoBackingOff, StepUndone, UndoLeft, ChildrenAsked, ChildrenStarted, ChildEnded,
                 ChildrenCancelAsked, ChildOf>;

struct Event {
    EventSeq seq = 0;
    TimeMs at_ms = 0;
    EventBody body;
    friend bool operator==(const Event&, const Event&) = default;
};

/// "step_succeeded" and so on.
std::string_view event_name(const EventBody& body);
/// The step an event is about; kNoStep for events of the run.
StepIndex event_step(const EventBody& body);

}  // namespace slipway
