#include "engine/core/closure.hpp"

#include <algorithm>
#include <set>

namespace slipway::core {

std::vector<StepIndex> redo_closure(const Workflow& workflow, StepIndex root) {
    std::set<std::uint32_t> seen{workflow.section_of(root)};
    std::vector<std::uint32_t> todo(seen.begin(), seen.end());
    std::vector<StepIndex> closure;
    while (!todo.empty()) {
        const std::uint32_t section = todo.back();
        todo.pop_back();
        for (const StepIndex step : workflow.section_steps(section)) {
            closure.push_back(step);
            for (const StepIndex dependent : workflow.dependents(step)) {
                if (seen.insert(workflow.section_of(dependent)).second) {
                    todo.push_back(workflow.section_of(dependent));
                }
            }
        }
    }
    std::sort(closure.begin(), closure.end());
    return closure;
}

}  // namespace slipway::core
