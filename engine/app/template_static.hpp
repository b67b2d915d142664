// What is wrong with a template whatever the state says.
#pragma once

#include <vector>

#include "engine/app/template_ast.hpp"

namespace slipway::app {

struct StaticProblem {
    lifecycle::TemplateProblem problem;
    /// False where the template would still render: a foreign name in a fallback of `default` and its kin.
    bool fails = true;
};

/// Functions that do not exist or get too few or too many arguments, variables that nobody declared, formats
/// of printf, and names that no state document has at its root. In order of appearance.
std::vector<StaticProblem> static_problems(const TemplateTree& tree);

/// Names that may follow the first dot.
bool is_state_root(std::string_view name);

}  // namespace slipway::app
