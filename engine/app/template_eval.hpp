// Runs a parsed template over a document.
#pragma once

#include <string>

#include "engine/app/template_ast.hpp"
#include "engine/app/template_budget.hpp"
#include "engine/app/template_value.hpp"

namespace slipway::app {

/// False with the first problem at its place.
bool run_template(const TemplateTree& tree, const boost::json::value& root,
                  const lifecycle::RenderOptions& options, TemplateBudget& budget, std::string& output,
                  lifecycle::TemplateProblem& problem);

}  // namespace slipway::app
