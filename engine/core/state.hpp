// RunState: everything the engine knows of a run, foldable from its events. Plain data; only apply() changes
// it.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "slipway/event.hpp"

namespace slipway::core {

/// A cancel request to a live attempt that has not ended yet.
struct CancelState {
    CancelReason reason = CancelReason::kNone;
    bool forced = false;
    TimeMs due_ms = 0;  ///< next escalation

    friend bool operator==(const CancelState&, const CancelState&) = default;
};

/// How far the undoing of a step is, once the run is being unwound.
struct UndoState {
    UndoPhase phase = UndoPhase::kNone;
    bool begun = false;      ///< the status (undoing, failed, in doubt) is that of the undo
    bool through = false;    ///< undone, or passed over
    bool left = false;       ///< an operator chose to leave it
    std::uint32_t wait = 0;  ///< dependents that are not through yet
    std::uint32_t attempt = 0;
    std::uint32_t failures = 0;  ///< that count against RetryPolicy::attempts_max
    std::string why;             ///< who left it, and why
    bool earlier = false;        ///< an earlier round of it succeeded: that effect is not undone

    friend bool operator==(const UndoState&, const UndoState&) = default;
};

/// The unwinding of a run. Who asked and why stand in RunState::cancel_by and cancel_note.
struct UnwindState {
    bool asked = false;
    bool begun = false;         ///< nothing is running or in doubt any more
    std::uint32_t through = 0;  ///< steps
    std::uint32_t failed = 0;   ///< steps whose undo failed

    friend bool operator==(const UnwindState&, const UnwindState&) = default;
};

struct ChildState {
    ChildSpec spec;  ///< without input and labels once it has ended
    RunStatus status = RunStatus::kRunning;
    std::string reason;
    Payload output;

    friend bool operator==(const ChildState&, const ChildState&) = default;
};

/// The reason of a child run that never came to be, as its siblings had decided.
inline constexpr std::string_view kNeverStarted = "it was not started any more";

/// The child runs that a step waits for.
struct ChildrenState {
    Join join;
    std::vector<ChildState> list;
    std::uint32_t next = 0;   ///< the first that was not started
    std::uint32_t ended = 0;  ///< of those before it
    std::uint32_t failed = 0;
    CancelReason cancel = CancelReason::kNone;  ///< no more start, and those that run were asked to end

    std::uint32_t live() const { return next - ended; }
    friend bool operator==(const ChildrenState&, const ChildrenState&) = default;
};

/// Who started this run, as a child run. No parent: `run` is empty.
struct Parentage {
    RunId run;
    StepIndex step = kNoStep;
    std::uint32_t round = 1;
    std::uint32_t child = 0;
    std::uint32_t depth = 0;

    friend bool operator==(const Parentage&, const Parentage&) = default;
};

struct StepState {
    StepStatus status = StepStatus::kPending;
    std::uint32_t round = 1;
    std::uint32_t attempt = 0;  ///< attempts started in this round
    std::uint32_t failures =
        0;                    ///< failed attempts of this round that count against RetryPolicy::attempts_max
    std::uint32_t unmet = 0;  ///< dependencies not satisfied yet
    Fence fence = 0;          ///< last one given out; grows over all rounds
    TimeMs since_ms = 0;
    TimeMs due_ms = 0;      ///< backing_off and timer waits
    TimeMs expires_ms = 0;  ///< of an open gate
    TimeMs attempt_deadline_ms = 0;
    TimeMs step_deadline_ms = 0;
    CancelState cancel;
    Payload input;        ///< resolved, of the last attempt
    Payload output;       ///< once succeeded
    StepFailure failure;  ///< of the last failed attempt, also while backing off
    std::string doubt;
    bool held = false;     ///< in the closure of a redo that is under way: does not start
    bool missing = false;  ///< ready, but its executor is not there
    SkipMode skip_mode = SkipMode::kGoOn;
    WaitKind wait_kind = WaitKind::kTimer;  ///< while waiting
    std::string wait_name;
    Digest shown;                              ///< of an open gate; kept once decided
    std::optional<slipway::Decision> decided;  ///< the gate's last decision in this round
    Payload what;                              ///< what an open gate shows; empty when it is not open
    std::vector<Evidence> evidence;            ///< of the last attempt
    std::vector<Resolution> resolutions;       ///< of ended waits of this round
    UndoState undo;
    ChildrenState children;

    friend bool operator==(const StepState&, const StepState&) = default;
};

struct RunState {
    RunId run;
    Digest workflow;
    Payload input;
    std::map<std::string, std::string> labels;
    Principal started_by;
    RunId successor_of;
    std::string tenant;
    std::int32_t priority = 0;
    EventSeq seq = 0;  ///< of the last event
    RunStatus status = RunStatus::kRunning;
    std::string reason;   ///< why blocked or how it ended
    bool paused = false;  ///< stands beside status: a paused run may also be blocked
    bool approve_all = false;
    Principal approve_all_by;
    bool cancel_asked = false;  ///< also set while it is being unwound
    bool stop_asked = false;    ///< ends failed rather than cancelled
    Principal cancel_by;
    std::string cancel_note;
    TimeMs started_ms = 0;
    TimeMs finished_ms = 0;
    TimeMs since_ms = 0;
    TimeMs deadline_ms = 0;
    std::array<std::uint32_t, kStepStatusCount + 1> counts{};  ///< steps by status
    std::vector<std::uint32_t> auto_rounds;  ///< by section: rounds opened by executors and retries
    StepIndex redo_root = kNoStep;           ///< a redo that waits for running steps of its closure to end
    std::string redo_why;
    bool redo_automatic = false;
    // Counters over the steps; check_invariants() recomputes them the slow way.
    std::uint32_t blocking = 0;     ///< failed or in doubt under FailurePolicy::kBlock: nothing new starts
    std::uint32_t missing = 0;      ///< ready without an executor
    std::uint32_t redo_live = 0;    ///< held and running or in doubt: the redo waits for them
    std::uint32_t redo_doubts = 0;  ///< held and in doubt
    std::uint32_t gates_open = 0;   ///< waiting for a gate
    std::uint32_t child_waits = 0;  ///< waiting for child runs
    Parentage parent;
    UnwindState unwind;
    std::vector<StepState> steps;

    friend bool operator==(const RunState&, const RunState&) = default;
};

}  // namespace slipway::core
