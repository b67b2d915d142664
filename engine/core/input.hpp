// Input: what the world reported to one run. `now` and a random number ride along, so that deciding is pure.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <variant>

#include "slipway/event.hpp"
#include "slipway/executor.hpp"
#include "slipway/resolver.hpp"
#include "slipway/run.hpp"

namespace slipway::core {

struct StartRun {
    StartRequest request;
    Principal by;
    ChildOf child_of = {};  ///< of a child run
};
/// A place was granted (executor steps) or none is needed (gate and timer steps), and the input was resolved
/// - or could not be. `shown` is sha256 of the resolved input's bytes: what an approval is bound to. The
/// shell hashes, the core cannot.
struct StepAdmitted {
    StepIndex step = kNoStep;
    Result<ResolvedInput> resolved;
    Digest shown;
};
/// `shown`: sha256 of WaitFor::what where the outcome is a wait for a gate; zero otherwise.
struct AttemptReported {
    StepIndex step = kNoStep;
    Fence fence = 0;
    Outcome outcome;
    Digest shown;
};
struct EvidenceReported {
    StepIndex step = kNoStep;
    Fence fence = 0;
    Evidence evidence;
};
struct AttemptReconciled {
    StepIndex step = kNoStep;
    Fence fence = 0;
    Verdict verdict;
    Digest shown;
};

enum class TimerKind : std::uint8_t {
    kBackOff = 1,
    kWait = 2,  ///< a timer step, or an attempt's timer wait
    kGateExpiry = 3,
    kAttemptDeadline = 4,
    kStepDeadline = 5,
    kCancelEscalation = 6,
    kRunDeadline = 7,
};
struct TimerFired {
    StepIndex step = kNoStep;
    TimerKind kind = TimerKind::kBackOff;
    TimeMs due_ms = 0;
};
/// The executor of this kind and version is not there: the step cannot start.
struct ExecutorMissing {
    StepIndex step = kNoStep;
};
/// A child run has ended, or could not be started.
struct ChildReported {
    StepIndex step = kNoStep;
    std::uint32_t child = 0;
    RunId run;
    RunStatus status = RunStatus::kSucceeded;
    std::string reason;
    Payload output;
    bool begun = true;  ///< false: it could not be
};
/// More child runs may be started now.
struct ChildrenDue {
    StepIndex step = kNoStep;
};
struct Operate {
    OperatorAct act;
    Principal by;
};

using Input = std::variant<StepAdmitted, AttemptReported, EvidenceReported, AttemptReconciled, TimerFired,
                           ExecutorMissing, Operate, ChildReported, ChildrenDue>;

/// How long an executor has to end an attempt that is cancelled, kindly and then by force.
struct Grace {
    DurationMs cancel_ms = 30'000;
    DurationMs force_ms = 10'000;
};

/// What rides along with every input.
struct Moment {
    TimeMs now_ms = 0;
    std::uint64_t random = 0;             ///< for jitter
    DurationMs cancel_grace_ms = 30'000;  ///< of steps that `graces` does not reach
    DurationMs force_grace_ms = 10'000;
    std::span<const Grace> graces;  ///< by step: one input may cancel attempts of many executors

    Grace grace_of(StepIndex step) const {
        return step < graces.size() ? graces[step] : Grace{cancel_grace_ms, force_grace_ms};
    }
};

}  // namespace slipway::core
