// Variables on their way to Terraform: through descriptors, so that they stand in no argument, environment or
// file.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>

#include "steps/terraform/inputs.hpp"

namespace slipway::terraform {

/// Names of the root module's variables that are declared with a structural type (list, set, map, object,
/// tuple, any): a text given for one of them is meant as its JSON, as it would be on the command line.
std::set<std::string> structural_variables(std::string_view module_text);

struct VariableFiles {
    std::vector<std::string> contents;  ///< in the order in which later ones win
    std::string digest;  ///< keyed with the state's nonce: says "the same values" and nothing else
};

/// `input.vars` are resolved. `module_text` is all of the root module's configuration.
Result<VariableFiles> render_variables(const PlanInput& input, std::string_view module_text,
                                       std::string_view nonce);

}  // namespace slipway::terraform
