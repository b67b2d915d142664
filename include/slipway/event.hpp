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
};
struct StepReady { StepIndex step = kNoStep; };
struct AttemptStarted {
    StepIndex step = kNoStep;
    std::uint32_t round = 1;
    std::uint32_t attempt = 1;   ///< within the round, from 1
    Fence fence = 0;
    Payload input;               ///< resolved
    TimeMs deadline_ms = 0;      ///< 0: none
};
struct EvidenceRecorded { StepIndex step = kNoStep; Fence fence = 0; Evidence evidence; };
struct StepSucceeded { StepIndex step = kNoStep; Payload output; };
struct StepBackingOff { StepIndex step = kNoStep; StepFailure failure; TimeMs due_ms = 0; };
struct StepFailed { StepIndex step = kNoStep; StepFailure failure; };
struct StepWaiting {
    StepIndex step = kNoStep;
    WaitKind kind = WaitKind::kTimer;
    std::string name;            ///< of the gate
    Digest shown;                ///< of `what`
    Payload what;                ///< what a gate shows
    TimeMs due_ms = 0;           ///< of a timer
    TimeMs expires_ms = 0;       ///< of a gate; 0: never
};
struct WaitResolved { StepIndex step = kNoStep; Resolution resolution; };  ///< an attempt's wait ended: ready again
struct GateDecided {
    StepIndex step = kNoStep;
    std::uint32_t round = 1;
    Digest shown;
    Decision decision = Decision::kApprove;
    Principal by;
    std::string role;
    std::string note;
};
struct StepSkipped { StepIndex step = kNoStep; SkipMode mode = SkipMode::kGoOn; Principal by; std::string reason; };
struct StepCancelled { StepIndex step = kNoStep; CancelReason reason = CancelReason::kRunCancelled; };
struct StepInDoubt { StepIndex step = kNoStep; std::string reason; };
struct CancelAsked {             ///< of a live attempt; `force` once the first request's time is over
    StepIndex step = kNoStep;
    Fence fence = 0;
    CancelReason reason = CancelReason::kTimeout;
    bool force = false;
    TimeMs due_ms = 0;           ///< when the next escalation is due
};
struct StepSettled { StepIndex step = kNoStep; bool succeeded = false; Principal by; std::string note; };
struct StepRetried { StepIndex step = kNoStep; Principal by; };            ///< failed or backing off -> ready, by an operator
struct RedoAsked { StepIndex step = kNoStep; std::string why; Principal by; bool automatic = false; };
struct RoundOpened { std::vector<StepIndex> steps; std::string why; };     ///< each gets its next round and is pending
struct RunPaused { Principal by; };
struct RunResumed { Principal by; };
struct RunBlocked { std::string reason; };
struct RunUnblocked {};
struct RunCancelAsked { Principal by; bool stop = false; std::string note; };  ///< stop: the run will end failed
struct RunFinished { RunStatus status = RunStatus::kSucceeded; std::string reason; };
struct ApproveAllSet { bool on = true; Principal by; };
struct AttemptVoided {           ///< an attempt that is proven never to have acted: ready again, not counted as a failure
    StepIndex step = kNoStep;
    Fence fence = 0;
    std::string why;
};
struct ExecutorNotFound { StepIndex step = kNoStep; };  ///< stays ready; an operator must bring the executor

using EventBody =
    std::variant<RunStarted, StepReady, AttemptStarted, EvidenceRecorded, StepSucceeded, StepBackingOff, StepFailed, StepWaiting,
                 WaitResolved, GateDecided, StepSkipped, StepCancelled, StepInDoubt, CancelAsked, StepSettled, StepRetried,
                 RedoAsked, RoundOpened, RunPaused, RunResumed, RunBlocked, RunUnblocked, RunCancelAsked, RunFinished,
                 ApproveAllSet, AttemptVoided, ExecutorNotFound>;

struct Event {
    EventSeq seq = 0;
    TimeMs at_ms = 0;
    EventBody body;
};

/// "step_succeeded" and so on.
std::string_view event_name(const EventBody& body);
/// The step an event is about; kNoStep for events of the run.
StepIndex event_step(const EventBody& body);

}  // namespace slipway
