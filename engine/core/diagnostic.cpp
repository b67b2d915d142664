#include "slipway/diagnostic.hpp"

#include <algorithm>
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

/// The character at the front of `text` and how many bytes it takes; 0 bytes for what is no UTF-8.
struct Character {
    std::uint32_t point = 0;
    std::size_t size = 0;
};

Character first_of(std::string_view text) {
    static constexpr std::uint32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
    const auto byte = static_cast<unsigned char>(text.front());
    const std::size_t size = byte < 0x80 ? 1 : byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : byte >= 0xC0 ? 2 : 0;
    if (size == 0 || size > text.size()) {
        return {};
    }
    std::uint32_t point = size == 1 ? byte : byte & (0xFFU >> (size + 1));
    for (std::size_t i = 1; i < size; ++i) {
        const auto next = static_cast<unsigned char>(text[i]);
        if ((next & 0xC0U) != 0x80U) {
            return {};
        }
        point = (point << 6U) | (next & 0x3FU);
    }
    const bool surrogate = point >= 0xD800 && point <= 0xDFFF;
    return point < kLeast[size] || point > 0x10FFFF || surrogate ? Character{} : Character{point, size};
}

/// What a terminal acts on, or what turns the order of the text around it.
bool is_shown(std::uint32_t point) {
    const bool control = point < 0x20 || (point >= 0x7F && point < 0xA0);
    const bool separator = point == 0x2028 || point == 0x2029 || point == 0xFEFF;
    const bool direction = point == 0x61C || point == 0x200E || point == 0x200F ||
                           (point >= 0x202A && point <= 0x202E) || (point >= 0x2066 && point <= 0x2069);
    return !control && !separator && !direction;
}

void add_hex(std::string& out, std::string_view prefix, std::uint32_t value, int digits) {
    out += prefix;
    for (int i = digits - 1; i >= 0; --i) {
        out.push_back("0123456789abcdef"[(value >> (4U * static_cast<unsigned>(i))) & 15U]);
    }
}

void add_escaped(std::string& out, std::uint32_t point) {
    switch (point) {
        case '\n':
            out += "\\n";
            return;
        case '\r':
            out += "\\r";
            return;
        case '\t':
            out += "\\t";
            return;
        default:
            return add_hex(out, "\\u", point, 4);
    }
}

std::string printable(std::string_view text, bool keeps_tabs) {
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        const Character one = first_of(text);
        if (one.size == 0) {
            add_hex(out, "\\x", static_cast<unsigned char>(text.front()), 2);
        } else if (is_shown(one.point) || (keeps_tabs && one.point == '\t')) {
            out += text.substr(0, one.size);
        } else {
            add_escaped(out, one.point);
        }
        text.remove_prefix(std::max<std::size_t>(one.size, 1));
    }
    return out;
}

}  // namespace

std::string printable(std::string_view text) {
    return printable(text, false);
}

std::string to_text(const Diagnostic& diagnostic, bool with_source) {
    std::string out;
    if (!diagnostic.file.empty()) {
        out += printable(diagnostic.file) + ":";
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
        out += printable(diagnostic.key) + ": ";
    }
    out += printable(diagnostic.message);
    if (!diagnostic.hint.empty()) {
        out += " (" + printable(diagnostic.hint) + ")";
    }
    if (!with_source || diagnostic.source_line.empty() || diagnostic.caret == 0) {
        return out;
    }
    const std::string_view line = diagnostic.source_line;
    out += "\n    " + printable(line, true) + "\n    ";
    // Tabs are kept, so that the caret stands below its place however wide a tab is shown.
    for (const char c : printable(line.substr(0, diagnostic.caret - 1), true)) {
        // A character of several bytes is one column on the screen.
        if ((static_cast<unsigned char>(c) & 0xC0U) != 0x80U) {
            out.push_back(c == '\t' ? '\t' : ' ');
        }
    }
    // A place behind the end of the line.
    out.append(diagnostic.caret - 1 > line.size() ? diagnostic.caret - 1 - line.size() : 0, ' ');
    return out + "^";
}

bool has_error(const std::vector<Diagnostic>& diagnostics) {
    return std::any_of(diagnostics.begin(), diagnostics.end(),
                       [](const Diagnostic& d) { return d.severity == Severity::kError; });
}

}  // namespace slipway
