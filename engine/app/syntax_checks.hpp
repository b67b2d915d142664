// Whether a text could be what it is said to be: YAML, Rego, HCL, a regular expression. None of them is run
// or evaluated.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace slipway::app {

struct SyntaxProblem {
    std::size_t offset = 0;  ///< in bytes, into the text
    std::string message;
};

/// Any number of YAML documents.
std::optional<SyntaxProblem> yaml_problem(const std::string& text);
/// For YAML without a problem: each document is nothing or a table with a kind.
std::optional<SyntaxProblem> manifest_problem(const std::string& text);
/// A policy of the Open Policy Agent, as far as brackets, strings and its package tell.
std::optional<SyntaxProblem> rego_problem(std::string_view text);
/// Brackets and strings of HCL.
std::optional<SyntaxProblem> hcl_problem(std::string_view text);
std::optional<SyntaxProblem> regex_problem(const std::string& text);

}  // namespace slipway::app
