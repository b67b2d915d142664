// The core's three functions. Pure: no clock, no I/O, no randomness, no exceptions.
#pragma once

#include <optional>
#include <vector>

#include "engine/core/command.hpp"
#include "engine/core/state.hpp"

namespace slipway::core {

struct Decision {
    std::vector<Event> events;  ///< already numbered and stamped
    std::vector<Command> commands;
    /// Set when the input was refused: an operator's act that does not fit, a stale fence, an unknown step.
    /// Then there are no events and no commands and the state is what it was. A stale timer is not refused:
    /// it just decides nothing. With ErrorClass::kBug the decision was impossible: `state` is void, drop it
    /// and quarantine the run.
    std::optional<Error> refused;
};

/// Makes the first state of a run and its first events.
Decision begin(const Workflow& workflow, const StartRun& start, const Moment& moment, RunState& state);

/// Decides one input and applies its events to `state` at once (the shell's working state). Cost does not
/// grow with the DAG but with what the input touches.
Decision advance(const Workflow& workflow, RunState& state, const Input& input, const Moment& moment);

/// The pure form: `state` stays as it is.
Decision decide(const Workflow& workflow, const RunState& state, const Input& input, const Moment& moment);

/// The only way state changes, live and in recovery. An event that does not fit is kCorrupt, naming run and
/// seq: the caller quarantines the run. Applying RunStarted to an empty state makes it.
Result<void> apply(const Workflow& workflow, RunState& state, const Event& event);

/// What is owed after a restart: reconcile live attempts, arm timers by absolute due time, ask for places
/// again where admission has none (admission tells; the shell drops RequestPlace for tickets that are there),
/// go on with what is ready.
std::vector<Command> resume(const Workflow& workflow, const RunState& state);

/// The one waker of an unfinished step; kNone for finished ones.
WakerKind waker(const Workflow& workflow, const RunState& state, StepIndex step);

/// Recomputes counters and wakers the slow way; the first thing that is off, or nothing. For tests, debug
/// builds and the audit.
std::optional<std::string> check_invariants(const Workflow& workflow, const RunState& state);

/// Its start goes through admission: attempts do, and gates and timers that claim something.
inline bool takes_places(const StepSpec& spec) {
    return spec.type == StepType::kExecutor || !spec.claims.empty();
}
/// Something of the section is still to come, so what it has claimed stays with it.
bool is_section_open(const Workflow& workflow, const RunState& state, std::uint32_t section);

/// Nothing new starts: paused, being cancelled, or a failure that blocks.
bool is_halted(const RunState& state);

/// No undo starts: paused, not yet begun, or ended.
bool is_undo_held(const RunState& state);

/// The only transition table: may a step go from one status to the other (within a round, or by RoundOpened)?
bool can_follow(StepStatus from, StepStatus to);
/// The same table for engine/DESIGN.md.
std::string transition_table_markdown();

}  // namespace slipway::core
