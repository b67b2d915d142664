#include "slipway/diagnostic.hpp"

#include <string_view>

namespace slipway {

namespace {

std::string_view word_for(Severity severity) {
    switch (severity) {
        case Severity::kError:
            return "error";
        case Severity::kWarning:
            return "warning";
        case Severity::kHint:
            return "hint";
    }
    return "error";
}

}  // namespace

std::string to_text(const Diagnostic& diagnostic, bool with_source) {
    std::string out;
    if (!diagnostic.file.empty()) {
        out += diagnostic.file + ":";
        if (diagnostic.line > 0) {
            out += std::to_string(diagnostic.line) + ":";
            if (diagnostic.column > 0) {
                out += std::to_string(diagnostic.column) + ":";
            }
        }
        out += " ";
    }
    out += word_for(diagnostic.severity);
    out += ": ";
    if (!diagnostic.key.empty()) {
        out += diagnostic.key + ": ";
    }
    out += diagnostic.message;
    if (!diagnostic.hint.empty()) {
        out += " (" + diagnostic.hint + ")";
    }
    if (!with_source || diagnostic.source_line.empty() || diagnostic.column == 0) {
        return out;
    }
    // Tabs are kept, so that the caret stands below its column however wide a tab is shown.
    out += "\n    " + diagnostic.source_line + "\n    ";
    for (std::uint32_t i = 1; i < diagnostic.column; ++i) {
        const bool tab = i <= diagnostic.source_line.size() && diagnostic.source_line[i - 1] == '\t';
        // A character of several bytes is one column on the screen.
        const bool rest = i <= diagnostic.source_line.size() &&
                          (static_cast<unsigned char>(diagnostic.source_line[i - 1]) & 0xC0U) == 0x80U;
        if (!rest) {
            out += tab ? '\t' : ' ';
        }
    }
    return out + "^";
}

}  // namespace slipway
