// explain: why something waits, on whom, since when, and what comes next. Plain sentences for people, fields
// for programs.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "slipway/run.hpp"

namespace slipway {

/// Who has what a step waits for.
struct PlaceHolder {
    RunId run;
    StepId step;  ///< that took it
    ClaimScope scope = ClaimScope::kStep;
    std::uint32_t amount = 1;
    TimeMs since_ms = 0;
};

/// One link of a deadlock: the step waits for `name`, which `holder` has; the next link is a step that the
/// holder cannot do without. The last one waits for the first.
struct DeadlockLink {
    RunId run;
    StepId step;
    std::string name;
    RunId holder;
};

/// The lock or limit that a ready step waits for.
struct PlaceWait {
    std::string name;  ///< "engine": the limit of live attempts
    std::uint32_t capacity = 0;
    std::vector<PlaceHolder> holders;    ///< the first few
    std::size_t ahead = 0;               ///< of those that wait for it, how many asked earlier
    std::size_t waiting = 0;             ///< how many wait for it, this one included
    std::vector<DeadlockLink> deadlock;  ///< empty: there is none
};

struct StepExplanation {
    StepId step;
    StepStatus status = StepStatus::kPending;
    WakerKind waker = WakerKind::kNone;
    std::string waits_for;  ///< one sentence: why, on whom
    TimeMs since_ms = 0;
    TimeMs due_ms = 0;               ///< when a timer, back-off or expiry is due; 0: none
    std::vector<StepId> unmet;       ///< dependencies that are not satisfied yet
    std::vector<std::string> next;   ///< acts that are possible now, e.g. "retry", "skip", "approve"
    std::string comes_next;          ///< what happens once it moves
    std::optional<PlaceWait> place;  ///< while its waker is a ticket
};

struct RunExplanation {
    RunId run;
    RunStatus status = RunStatus::kRunning;
    std::string sentence;  ///< why the run is where it is
    TimeMs since_ms = 0;
    std::vector<StepExplanation> steps;  ///< unfinished ones that hold the run up, most urgent first
    std::vector<std::string> next;       ///< acts on the run that are possible now
};

}  // namespace slipway
