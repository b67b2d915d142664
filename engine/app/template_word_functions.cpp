// More functions on text.
#include <algorithm>
#include <cctype>

#include "engine/app/template_value.hpp"

namespace slipway::app {

namespace json = boost::json;

namespace {

using Arguments = TemplateArguments;

TemplateValue call_title(Arguments a, std::string&) {
    std::string text = text_of(a[0]);
    bool begins = true;
    for (char& c : text) {
        if (begins && c >= 'a' && c <= 'z') {
            c = static_cast<char>(c - 'a' + 'A');
        }
        begins = c == ' ' || c == '\t' || c == '\n' || c == '-';
    }
    return text_value(text);
}

TemplateValue call_nospace(Arguments a, std::string&) {
    std::string text = text_of(a[0]);
    std::erase_if(text, [](char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; });
    return text_value(text);
}

/// substr from to TEXT, in bytes; past the end means the end.
TemplateValue call_substr(Arguments a, std::string& problem) {
    const auto* first = a[0].get().if_int64();
    const auto* last = a[1].get().if_int64();
    if (first == nullptr || last == nullptr) {
        problem = "needs whole numbers, not " + kind_name((first == nullptr ? a[0] : a[1]).get());
        return {};
    }
    std::int64_t from = *first;
    std::int64_t to = *last;
    const std::string text = text_of(a[2]);
    const auto size = static_cast<std::int64_t>(text.size());
    from = std::clamp<std::int64_t>(from, 0, size);
    to = to < 0 || to > size ? size : std::max(to, from);
    return text_value(text.substr(static_cast<std::size_t>(from), static_cast<std::size_t>(to - from)));
}

TemplateValue call_cat(Arguments a, std::string&) {
    std::string out;
    for (const auto& one : a) {
        if (!one.null()) {
            out += (out.empty() ? "" : " ") + text_of(one);
        }
    }
    return text_value(out);
}

/// "Some Name" -> "some_name" or "some-name"
template <char kBetween>
TemplateValue call_joined_words(Arguments a, std::string&) {
    std::string out;
    bool lower_before = false;
    for (const char c : text_of(a[0])) {
        const bool upper = c >= 'A' && c <= 'Z';
        const bool blank = c == ' ' || c == '-' || c == '_';
        if ((upper && lower_before) || (blank && !out.empty() && out.back() != kBetween)) {
            out.push_back(kBetween);
        }
        if (!blank) {
            out.push_back(upper ? static_cast<char>(c - 'A' + 'a') : c);
        }
        lower_before = !upper && !blank;
    }
    return text_value(out);
}

TemplateValue call_urlquery(Arguments a, std::string&) {
    static constexpr char kHex[] = "0123456789ABCDEF";
    std::string out;
    for (const char c : text_of(a[0])) {
        const auto byte = static_cast<unsigned char>(c);
        if (std::isalnum(byte) != 0 || c == '-' || c == '_' || c == '.' || c == '~') {
            out.push_back(c);
        } else if (c == ' ') {
            out.push_back('+');
        } else {
            out += {'%', kHex[byte >> 4U], kHex[byte & 15U]};
        }
    }
    return text_value(out);
}

constexpr TemplateFunction kFunctions[] = {
    {"title", 1, 1, call_title},
    {"nospace", 1, 1, call_nospace},
    {"substr", 3, 3, call_substr},
    {"cat", 1, -1, call_cat},
    {"snakecase", 1, 1, call_joined_words<'_'>},
    {"kebabcase", 1, 1, call_joined_words<'-'>},
    {"urlquery", 1, 1, call_urlquery},
};

}  // namespace

std::span<const TemplateFunction> word_functions() {
    return kFunctions;
}

}  // namespace slipway::app
