// What is wrong with a text that somebody wrote, with its place: all findings at once, not the first.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace slipway {

enum class Severity : std::uint8_t { kError = 1, kWarning = 2, kHint = 3 };

struct Diagnostic {
    Severity severity = Severity::kError;
    std::string file;          ///< relative to the app's root; empty when the finding has no file
    std::uint32_t line = 0;    ///< from 1; 0 when unknown
    std::uint32_t column = 0;  ///< from 1, in bytes; 0 when unknown
    std::string key;           ///< dotted key, e.g. "component.vars.region"; may be empty
    std::string message;       ///< what is wrong
    std::string hint;          ///< "did you mean …"; may be empty
    std::string source_line;   ///< the line of text, for the caret; may be empty

    friend bool operator==(const Diagnostic&, const Diagnostic&) = default;
};

/// `file:line:column: error: key: message (hint)` and, with `with_source`, the source line and a caret below.
std::string to_text(const Diagnostic& diagnostic, bool with_source = false);

inline bool has_error(const std::vector<Diagnostic>& diagnostics) {
    for (const auto& d : diagnostics) {
        if (d.severity == Severity::kError) {
            return true;
        }
    }
    return false;
}

}  // namespace slipway
