// What is wrong with a text that somebody wrote, with its place: all findings at once, not the first.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace slipway {

enum class Severity : std::uint8_t { kError = 1, kWarning = 2, kHint = 3 };

struct Diagnostic {
    Severity severity = Severity::kError;
    std::string file;          ///< relative to the app's root; empty when the finding has no file
    std::uint32_t line = 0;    ///< from 1; 0 when unknown
    std::uint32_t column = 0;  ///< from 1, in characters (code points); 0 when unknown
    std::string key;           ///< dotted key, e.g. "component.vars.region"; may be empty
    std::string message;       ///< what is wrong
    std::string hint;          ///< "did you mean …"; may be empty
    std::string source_line;   ///< the line of text, of a long one what is around the place; may be empty
    std::uint32_t caret = 0;   ///< from 1, the place in `source_line` in bytes; 0: none
    std::uint32_t utf16_column = 0;  ///< as `column`, in UTF-16 units; 0 when unknown

    friend bool operator==(const Diagnostic&, const Diagnostic&) = default;
};

/// `file:line:column: error: key: message (hint)` and, with `with_source`, the source line and a caret below.
/// Safe for a terminal, whatever the texts hold: see printable().
std::string to_text(const Diagnostic& diagnostic, bool with_source = false);
/// `text` with what a terminal would act on (control characters, marks of text direction) and bytes that are
/// no UTF-8 written as escapes: \n, \u001b, \xff.
std::string printable(std::string_view text);

bool has_error(const std::vector<Diagnostic>& diagnostics);

}  // namespace slipway
