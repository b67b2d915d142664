#include <algorithm>

#include "engine/artifact/registry_link.hpp"

namespace slipway::artifact {
namespace {

std::string lower(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return out;
}

void skip(std::string_view& text, std::string_view what) {
    text.remove_prefix(std::min(text.find_first_not_of(what), text.size()));
}

std::string take_value(std::string_view& text) {
    std::string value;
    if (!text.starts_with('"')) {
        const auto end = std::min(text.find_first_of(", "), text.size());
        value = std::string(text.substr(0, end));
        text.remove_prefix(end);
        return value;
    }
    text.remove_prefix(1);
    while (!text.empty() && text.front() != '"') {
        if (text.front() == '\\' && text.size() > 1) {
            text.remove_prefix(1);
        }
        value.push_back(text.front());
        text.remove_prefix(1);
    }
    skip(text, "\"");
    return value;
}

}  // namespace

std::map<std::string, std::string> parse_challenge(std::string_view text) {
    std::map<std::string, std::string> out;
    skip(text, " ");
    const auto end = std::min(text.find(' '), text.size());
    out[""] = lower(text.substr(0, end));
    text.remove_prefix(end);
    for (;;) {
        skip(text, " ,");
        const auto equals = text.find('=');
        if (equals == std::string_view::npos) {
            return out;
        }
        const std::string key = lower(text.substr(0, equals));
        text.remove_prefix(equals + 1);
        out[key] = take_value(text);
    }
}

}  // namespace slipway::artifact
