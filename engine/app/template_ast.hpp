// A parsed template.
#pragma once

#include <boost/json/value.hpp>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "slipway/lifecycle/templates.hpp"

namespace slipway::app {

struct TemplatePipeline;

/// One operand: a literal, `.`, `$x`, `.a.b`, a function name or a pipeline in parentheses, with the fields
/// that follow it.
struct TemplateOperand {
    enum class Kind : std::uint8_t { kLiteral, kDot, kVariable, kFunction, kPipeline };
    Kind kind = Kind::kDot;
    std::size_t offset = 0;
    boost::json::value literal;
    std::string name;                 ///< of a variable ("$x", "$") or function
    std::vector<std::string> fields;  ///< "a", "b" of .a.b
    std::shared_ptr<const TemplatePipeline> pipeline;
};

struct TemplateCommand {
    std::size_t offset = 0;
    std::vector<TemplateOperand> operands;  ///< the first one may be a function
};

struct TemplatePipeline {
    std::size_t offset = 0;
    std::vector<std::string> variables;  ///< declared or assigned by it
    bool declares = false;               ///< := rather than =
    std::vector<TemplateCommand> commands;
};

struct TemplatePart {
    enum class Kind : std::uint8_t { kText, kOutput, kIf, kWith, kRange, kBreak, kContinue };
    Kind kind = Kind::kText;
    std::size_t offset = 0;
    std::string text;
    TemplatePipeline pipeline;
    std::vector<TemplatePart> body;
    std::vector<TemplatePart> otherwise;
};

struct TemplateTree {
    std::vector<TemplatePart> parts;
};

/// Parses `text`; false with one problem, at its place.
bool parse_template(std::string_view text, TemplateTree& tree, lifecycle::TemplateProblem& problem);

}  // namespace slipway::app
