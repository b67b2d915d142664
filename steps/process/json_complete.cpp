#include "steps/process/json_complete.hpp"

#include <cstddef>
#include <string>

namespace slipway::process {
namespace {

bool is_space(char c) {
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

// Position after the closing quote, or npos. `i` stands behind the opening one.
std::size_t skip_string(std::string_view text, std::size_t i) {
    for (; i < text.size(); ++i) {
        if (text[i] == '\\') {
            ++i;
        } else if (text[i] == '"') {
            return i + 1;
        }
    }
    return std::string_view::npos;
}

// Position after the object that begins at `i`, or npos.
std::size_t skip_object(std::string_view text, std::size_t i) {
    std::string open;
    while (i < text.size()) {
        const char c = text[i++];
        if (c == '"') {
            i = skip_string(text, i);
            if (i == std::string_view::npos) {
                return i;
            }
        } else if (c == '{' || c == '[') {
            open += c;
        } else if (c == '}' || c == ']') {
            if (open.empty() || open.back() != (c == '}' ? '{' : '[')) {
                return std::string_view::npos;
            }
            open.pop_back();
            if (open.empty()) {
                return i;
            }
        }
    }
    return std::string_view::npos;
}

}  // namespace

bool is_complete_json_object(std::string_view text) {
    while (!text.empty() && is_space(text.front())) {
        text.remove_prefix(1);
    }
    while (!text.empty() && is_space(text.back())) {
        text.remove_suffix(1);
    }
    if (text.empty() || text.front() != '{') {
        return false;
    }
    return skip_object(text, 0) == text.size();
}

}  // namespace slipway::process
