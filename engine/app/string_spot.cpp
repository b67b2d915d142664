// Where inside the quotes a byte of a string was written: walks the source and its decoded text side by side.
#include <cctype>

#include "engine/app/toml_tree.hpp"

namespace slipway::app {

namespace {

/// A reader of raw TOML text that counts lines and columns.
struct Cursor {
    const std::string& text;
    std::size_t at = 0;
    std::uint32_t line = 1;
    std::uint32_t column = 1;

    bool done() const { return at >= text.size(); }
    char now() const { return done() ? '\0' : text[at]; }
    bool starts(std::string_view what) const { return std::string_view(text).substr(at).starts_with(what); }
    void step() {
        if (done()) {
            return;
        }
        if (text[at] == '\n') {
            ++line;
            column = 1;
        } else {
            ++column;
        }
        ++at;
    }
    void step(std::size_t count) {
        for (; count > 0; --count) {
            step();
        }
    }
};

Cursor seek(const std::string& text, const Spot& spot) {
    Cursor cursor{text};
    while (!cursor.done() && cursor.line < spot.line) {
        const std::size_t next = text.find('\n', cursor.at);
        if (next == std::string::npos) {
            break;
        }
        cursor.at = next + 1;
        ++cursor.line;
    }
    while (!cursor.done() && cursor.column < spot.column && cursor.now() != '\n') {
        cursor.step();
    }
    return cursor;
}

/// Steps over one escape; returns how many decoded bytes it stands for.
std::size_t step_escape(Cursor& cursor, bool multi_line) {
    cursor.step();  // the backslash
    const char kind = cursor.now();
    if (kind == 'u' || kind == 'U') {
        const std::size_t digits = kind == 'u' ? 4 : 8;
        unsigned long point = 0;
        const std::string hex = cursor.text.substr(cursor.at + 1, digits);
        for (char c : hex) {
            point = point * 16 + static_cast<unsigned long>(std::isdigit(static_cast<unsigned char>(c)) != 0
                                                                ? c - '0'
                                                                : ((c | 0x20) - 'a' + 10));
        }
        cursor.step(1 + digits);
        if (point < 0x80) {
            return 1;
        }
        if (point < 0x800) {
            return 2;
        }
        return point < 0x10000 ? 3 : 4;
    }
    if (multi_line && (kind == '\n' || kind == '\r' || kind == ' ' || kind == '\t')) {
        while (!cursor.done() && std::isspace(static_cast<unsigned char>(cursor.now())) != 0) {
            cursor.step();
        }
        return 0;
    }
    cursor.step();
    return 1;
}

}  // namespace

Spot spot_in_string(const Sources& sources, const TomlValue& value, std::size_t offset) {
    if (value.at.line == 0) {
        return value.at;
    }
    Cursor cursor = seek(sources.text(value.at.file), value.at);
    if (value.inlined) {
        cursor.step(offset);
        return {value.at.file, cursor.line, cursor.column};
    }
    const char quote = cursor.now();
    if (quote != '"' && quote != '\'') {
        return value.at;
    }
    const bool multi_line = cursor.starts(std::string(3, quote));
    cursor.step(multi_line ? 3 : 1);
    if (multi_line && cursor.now() == '\r') {
        cursor.step();
    }
    if (multi_line && cursor.now() == '\n') {
        cursor.step();
    }
    std::size_t decoded = 0;
    while (!cursor.done() && decoded < offset) {
        if (quote == '"' && cursor.now() == '\\') {
            decoded += step_escape(cursor, multi_line);
        } else if (multi_line && cursor.starts("\r\n")) {
            cursor.step(2);  // the value has the line feed alone
            ++decoded;
        } else {
            cursor.step();
            ++decoded;
        }
    }
    return {value.at.file, cursor.line, cursor.column};
}

}  // namespace slipway::app
