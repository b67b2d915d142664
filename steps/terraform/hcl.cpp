#include "steps/terraform/hcl.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <cstdio>

namespace slipway::terraform {
namespace {

namespace json = boost::json;

bool is_name(std::string_view name) {
    const auto letter = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
               (static_cast<unsigned char>(c) & 0x80U) != 0;
    };
    const auto rest = [&](char c) { return letter(c) || (c >= '0' && c <= '9') || c == '-'; };
    return !name.empty() && letter(name.front()) && std::all_of(name.begin(), name.end(), rest);
}

void escape(char c, std::string& out) {
    const auto code = static_cast<unsigned char>(c);
    if (c == '\n') {
        out += "\\n";
    } else if (c == '\r') {
        out += "\\r";
    } else if (c == '\t') {
        out += "\\t";
    } else if (c == '"' || c == '\\') {
        out += '\\';
        out += c;
    } else if (code < 0x20 || code == 0x7f) {
        char text[8];
        std::snprintf(text, sizeof text, "\\u%04x", code);
        out += text;
    } else {
        out += c;
    }
}

std::string_view view(json::string_view text) {
    return {text.data(), text.size()};
}

}  // namespace

std::string hcl_quote(std::string_view text) {
    std::string out = "\"";
    for (std::size_t i = 0; i < text.size(); ++i) {
        escape(text[i], out);
        const bool opens_template =
            (text[i] == '$' || text[i] == '%') && i + 1 < text.size() && text[i + 1] == '{';
        if (opens_template) {
            out += text[i];
        }
    }
    return out + "\"";
}

std::string hcl_literal(const json::value& value) {
    if (value.is_string()) {
        return hcl_quote(view(value.get_string()));
    }
    if (value.is_array()) {
        std::string out = "[";
        for (const auto& item : value.get_array()) {
            out += hcl_literal(item) + ", ";
        }
        return out + "]";
    }
    if (value.is_object()) {
        std::string out = "{";
        for (const auto& [name, item] : value.get_object()) {
            out += hcl_quote(view(name)) + " = " + hcl_literal(item) + ", ";
        }
        return out + "}";
    }
    return json::serialize(value);
}

Result<std::string> hcl_assignments(const json::object& values) {
    std::string out;
    for (const auto& [name, value] : values) {
        if (!is_name(view(name))) {
            return authoring_error("no Terraform variable can be named \"" + std::string(view(name)) + "\"");
        }
        out += std::string(view(name)) + " = " + hcl_literal(value) + "\n";
    }
    return out;
}

}  // namespace slipway::terraform
