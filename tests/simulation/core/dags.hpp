// The workflows of the search: every DAG of n steps (edges from lower to higher numbers), with a role for
// each step.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "slipway/workflow.hpp"

namespace search {

using namespace slipway;

enum class Role : std::uint8_t {
    kPlain,  ///< executor step, one automatic retry
    kOnce,   ///< executor step whose retry is a new round
    kGate,   ///< approval
    kTimer,
    kWaits,     ///< executor step that may wait for a timer or a gate
    kChildren,  ///< executor step that may wait for two child runs
};

struct Shape {
    std::uint32_t steps = 1;
    std::uint32_t edges = 0;  ///< bit k: the k-th pair (a, b), a < b, in lexicographic order
    std::vector<Role> roles;
    DependencyKind kind = DependencyKind::kData;
    FailurePolicy policy = FailurePolicy::kBlock;
    bool one_section = false;    ///< all steps in one section, else each alone
    bool deadlines = false;      ///< attempts and gates have time limits
    std::uint32_t undoable = 0;  ///< bit i: step i has an undo
};

/// Number of pairs (a, b) with a < b < n.
std::uint32_t pair_count(std::uint32_t steps);
Workflow make_workflow(const Shape& shape);
std::string describe(const Shape& shape);
/// Edge sets of n steps, one of each isomorphism class.
std::vector<std::uint32_t> edge_sets_up_to_isomorphism(std::uint32_t steps);

}  // namespace search
