// Splits a template into text and actions, and an action into tokens.
#pragma once

#include <boost/json/value.hpp>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "slipway/lifecycle/templates.hpp"

namespace slipway::app {

struct TemplateSegment {
    bool action = false;
    std::size_t begin = 0;  ///< of the text, or of what stands between the braces
    std::size_t end = 0;
};

struct TemplateToken {
    enum class Kind : std::uint8_t {
        kDot,
        kField,
        kVariable,
        kWord,
        kLiteral,
        kLeft,
        kRight,
        kPipe,
        kDeclare,
        kAssign,
        kComma,
        kEnd
    };
    Kind kind = Kind::kEnd;
    bool glued = false;  ///< no blank before it
    std::size_t offset = 0;
    std::string text;  ///< name of a field, variable or word
    boost::json::value literal;
};

/// Text and actions in order; blanks that trim markers take are already left out, comments too.
bool split_template(std::string_view text, std::vector<TemplateSegment>& segments,
                    lifecycle::TemplateProblem& problem);
bool lex_action(std::string_view text, const TemplateSegment& action, std::vector<TemplateToken>& tokens,
                lifecycle::TemplateProblem& problem);

bool is_word_char(char c);

}  // namespace slipway::app
