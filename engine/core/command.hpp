// Command: what the shell owes once the tick is durable (or, for RequestPlace, ReturnPlace and ResolveInput,
// within the tick).
#pragma once

#include <variant>

#include "engine/core/input.hpp"

namespace slipway::core {

// Within the tick.
struct RequestPlace {
    StepIndex step = kNoStep;
};  ///< to admission: a ticket for a ready step that takes places
struct ReturnPlace {
    StepIndex step = kNoStep;
    ClaimScope scope = ClaimScope::kStep;
};  ///< to admission: gives back the places or the ticket of a step; what a section (`step` is its number) or
    ///< the run has. Nothing to give back is fine.
struct ResolveInput {
    StepIndex step = kNoStep;
};  ///< a ready gate or timer step: resolve and feed StepAdmitted back

struct StartChild {
    StepIndex step = kNoStep;
    std::uint32_t child = 0;
};  ///< or feed ChildReported with why it cannot be
struct CancelChildren {
    StepIndex step = kNoStep;
};  ///< those that are live; with CancelReason::kRunUnwound they are unwound
struct PauseChildren {
    StepIndex step = kNoStep;
    bool on = true;
};
struct CheckChildren {
    StepIndex step = kNoStep;
};  ///< after a restart: feed what has ended meanwhile, ask again who was asked to end, then ChildrenDue

// After the commit.
struct GoOnChildren {
    StepIndex step = kNoStep;
};  ///< feed ChildrenDue: a tick starts only so many
struct StartAttempt {
    StepIndex step = kNoStep;
    Fence fence = 0;
};
struct ReconcileAttempt {
    StepIndex step = kNoStep;
    Fence fence = 0;
};
struct CancelAttempt {
    StepIndex step = kNoStep;
    Fence fence = 0;
    CancelReason reason = CancelReason::kNone;
    bool force = false;
};
struct ArmTimer {
    StepIndex step = kNoStep;
    TimerKind kind = TimerKind::kBackOff;
    TimeMs due_ms = 0;
};
struct EndRun {
    RunStatus status = RunStatus::kSucceeded;
};  ///< wake waiters, drop what is cached; within the tick already: tell the parent run

using Command =
    std::variant<RequestPlace, ReturnPlace, ResolveInput, StartAttempt, ReconcileAttempt, CancelAttempt,
                 ArmTimer, EndRun, StartChild, CancelChildren, PauseChildren, CheckChildren, GoOnChildren>;

}  // namespace slipway::core
