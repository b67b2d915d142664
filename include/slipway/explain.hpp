// explain: why something waits, on whom, since when, and what comes next. Plain sentences for people, fields
// for programs.
#pragma once

#include <string>
#include <vector>

#include "slipway/run.hpp"

namespace slipway {

struct StepExplanation {
    StepId step;
    StepStatus status = StepStatus::kPending;
    WakerKind waker = WakerKind::kNone;
    std::string waits_for;  ///< one sentence: why, on whom
    TimeMs since_ms = 0;
    TimeMs due_ms = 0;              ///< when a timer, back-off or expiry is due; 0: none
    std::vector<StepId> unmet;      ///< dependencies that are not satisfied yet
    std::vector<std::string> next;  ///< acts that are possible now, e.g. "retry", "skip", "approve"
    std::string comes_next;         ///< what happens once it moves
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
