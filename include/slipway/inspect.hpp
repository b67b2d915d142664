// Looking into runs: as they stood at any point of their history, and beside each other.
#pragma once

#include <string>
#include <vector>

#include "slipway/engine.hpp"

namespace slipway {

/// The run as it stood right after this event of its history (1: its start). It is worked out anew from the
/// record, so it costs as much as the run has events up to there. What is sensitive is empty, as in view().
/// kNotFound: no such run, or it has not that many events.
Result<RunView> view_at(Engine& engine, const RunId& run, EventSeq seq);

/// Two runs, or one run at two points of its history, differ here. `step` is empty where it is about the run
/// as a whole. `aspect`: "workflow", "input", "status", "step" (only one has it), "kind", "definition",
/// "round", "attempt", "output", "failure". What is sensitive cannot be compared and is left out.
struct Difference {
    StepId step;
    std::string aspect;
    std::string one;
    std::string other;
    friend bool operator==(const Difference&, const Difference&) = default;
};

/// In order of the steps of `one`, then of those that only `other` has. Empty: they stand alike.
std::vector<Difference> compare(const RunView& one, const RunView& other);

}  // namespace slipway
