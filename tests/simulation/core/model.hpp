// The engine's shell in a page: one tick is inputs -> core -> admission -> one commit; commands leave only
// afterwards. Every event passes the oracle. Planted bugs show that the oracle has teeth.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "tests/simulation/core/situation.hpp"

namespace search {

/// Bugs that others had or that we could have; each must be found by the search.
enum class Bug : std::uint8_t {
    kNone,
    kResumeOwesNothing,
    kResumeForgetsTimers,
    kResumeForgetsTickets,
    kStaleReportAccepted,
    kReadyTooEarly,
    kRunNeverCloses,
    kDispatchBeforeCommit,
    kPlaceLeaked,
    kTicketLost,
    kTimerLost,
    kOldRoundAnswerAccepted,
    kOtherDigestAnswerAccepted,
    kRoundForgetsDependents,
    kFenceRestarts,
    kSkipForgetsReaders,
    kEndsWhileRunning,
    kAttemptNumberJumps,
    kLimitIgnored,
    kStartsWhilePaused,
    kOutputChanges,
    kEventNotStored,
    kNeverUnblocks,
    kDoubtIsFailure,
    kReconcileRunsAgain,
    kRefusalChangesState,
    kUndoTooEarly,
    kUndoForgotten,
    kUndoFenceRestarts,
    kUnwoundTooEarly,
    kStuckUndoIsSilent,
    kWakeOfChildrenLost,
    kChildrenLeftBehind,
    kBugCount,
};
const char* bug_name(Bug bug);

struct Tick {
    Situation after;                   ///< committed, nothing dispatched yet
    std::vector<core::Command> owed;   ///< to dispatch after the commit
    std::optional<std::string> wrong;  ///< what the oracle found
    std::optional<Error> refused;      ///< of the first input
    std::size_t events = 0;
};

/// The input as a core with this bug would take it.
core::Input tampered(const Situation& situation, const Workflow& workflow, core::Input input, Bug bug);

Tick run_tick(const Workflow& workflow, const Situation& before, const std::vector<core::Input>& inputs,
              Bug bug);

/// Hands commands to the world and the timers. Wrong: a second live attempt.
std::optional<std::string> deliver(const Workflow& workflow, Situation& situation,
                                   const std::vector<core::Command>& commands, std::size_t count, Bug bug);

/// What resume() owes, as a core with this bug would say it.
std::vector<core::Command> commands_of_recovery(const Workflow& workflow, const core::RunState& state,
                                                Bug bug);

/// kill -9 and a new process: all that is not durable is gone, resume() says what is owed. Gives every
/// situation that can come of it, crashes during recovery included.
struct Recovery {
    std::vector<Situation> results;
    std::optional<std::string> wrong;
};
Recovery crash_and_recover(const Workflow& workflow, Situation situation, Bug bug, int depth = 0);

/// Makes the first situation: the run was begun and committed, its commands are owed.
Tick first_tick(const Workflow& workflow, std::uint32_t capacity, Bug bug);

// --- the oracle ----------------------------------------------------------------------------------

/// May `event` follow `state`? Asked before it is applied.
std::optional<std::string> check_event(const Workflow& workflow, const core::RunState& state,
                                       const Event& event);
/// After a tick: counters, places and tickets.
std::optional<std::string> check_tick(const Workflow& workflow, const Situation& situation);
/// With everything delivered: each unfinished step has the waker it names, and something can still move.
std::optional<std::string> check_rest(const Workflow& workflow, const Situation& situation);
/// Late, duplicate and unknown reports and answers are refused and change nothing.
std::optional<std::string> probe(const Workflow& workflow, const Situation& situation, Bug bug);

/// It succeeded, can be taken back, and its run is being unwound.
bool is_to_be_undone(const Workflow& workflow, const core::RunState& state, StepIndex step);
/// Of events that undo, and of the end of a run that is unwound.
std::optional<std::string> check_undo_event(const Workflow& workflow, const core::RunState& state,
                                            const EventBody& body);
/// A step that is to be undone, and is not yet: something must stand before it.
std::optional<std::string> check_turn(const Workflow& workflow, const core::RunState& state, StepIndex step);

std::optional<std::string> first_difference(const core::RunState& a, const core::RunState& b);

}  // namespace search
