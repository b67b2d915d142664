// What copies of a Workflow share: the specification and its adjacency in flat arrays.
#pragma once

#include <map>
#include <string_view>
#include <vector>

#include "slipway/workflow.hpp"

namespace slipway {

/// Rows of different length, one after the other.
template <class T>
struct Rows {
    std::vector<std::uint32_t> start;  ///< one more than there are rows
    std::vector<T> values;

    std::span<const T> row(std::size_t index) const {
        return {values.data() + start[index], start[index + 1] - start[index]};
    }
};

struct Workflow::Body {
    WorkflowSpec spec;
    Digest digest;
    std::map<std::string_view, StepIndex> by_id;  ///< views into spec
    Rows<StepIndex> dependencies;
    Rows<DependencyKind> dependency_kinds;
    Rows<StepIndex> dependents;
    Rows<StepIndex> sections;
    std::vector<StepIndex> order;
    std::vector<std::uint32_t> section_of;
    bool claims_beyond_steps = false;
};

namespace core {

/// Checks the specification and makes everything but the digest.
Result<std::shared_ptr<Workflow::Body>> make_body(WorkflowSpec spec, const WorkflowLimits& limits);

}  // namespace core
}  // namespace slipway
