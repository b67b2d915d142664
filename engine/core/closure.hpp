// The closure of a redo: the step's section, then whole every section with a step that depends on it.
#pragma once

#include <vector>

#include "slipway/workflow.hpp"

namespace slipway::core {

/// Sorted by index. Cost grows with the closure, not with the workflow.
std::vector<StepIndex> redo_closure(const Workflow& workflow, StepIndex root);

}  // namespace slipway::core
