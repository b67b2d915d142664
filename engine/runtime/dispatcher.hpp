// Carries out what is owed once a tick is durable: hands attempts to executors, cancels them, arms timers.
#pragma once

#include <map>

#include "engine/runtime/shell.hpp"

namespace slipway::runtime {

/// What a tick owes to the world outside.
struct Owed {
    RunEntry* run = nullptr;
    core::Command command;
    bool attach = false;  ///< of a ReconcileAttempt: the attempt lives, take it over
};

/// Of the engine's thread.
class Dispatcher {
public:
    explicit Dispatcher(Shell& shell) : shell_(shell) {}

    void dispatch(const Owed& owed);
    /// Lets go of contexts whose attempt ended by this event, and of scratch directories that nobody needs
    /// any more.
    void close_ended(RunEntry& run, const Event& event);
    /// Reconciliations whose executor did not answer in time end in doubt.
    void expire_reconciliations(TimeMs now);
    std::optional<TimeMs> next_deadline() const;

private:
    void start(RunEntry& run, StepIndex step, Fence fence);
    void reconcile(RunEntry& run, StepIndex step, Fence fence, bool attach);
    void cancel(RunEntry& run, const core::CancelAttempt& command);
    void close_step(RunEntry& run, StepIndex step, const Event& event);
    void drop_scratch(const RunEntry& run, StepIndex step, std::uint32_t round);
    std::shared_ptr<LiveAttempt> open_attempt(RunEntry& run, StepIndex step, AttemptMode mode);

    Shell& shell_;
    struct Reconciling {
        std::weak_ptr<LiveAttempt> attempt;
        DurationMs timeout_ms = 0;
    };
    std::multimap<TimeMs, Reconciling> reconcile_deadlines_;
};

}  // namespace slipway::runtime
