// Order and cycles of a graph given as rows of edges.
#pragma once

#include <optional>
#include <vector>

#include "engine/core/workflow_body.hpp"

namespace slipway::core {

/// Rows of `edges` the other way round.
Rows<StepIndex> reversed(const Rows<StepIndex>& edges);

/// Each one behind everything it depends on, ties by index; shorter than the graph when there is a cycle.
std::vector<StepIndex> topological_order(const Rows<StepIndex>& dependencies,
                                         const Rows<StepIndex>& dependents);

/// One cycle as a path along the dependents, first = last; empty when there is none.
std::vector<StepIndex> find_cycle(const Rows<StepIndex>& dependents);

}  // namespace slipway::core
