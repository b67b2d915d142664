#include "steps/policy/json.hpp"

#include <boost/json.hpp>
#include <map>

namespace slipway::policy {
namespace {

void write(const json::value& value, std::string& out) {
    if (value.is_object()) {
        std::map<std::string_view, const json::value*> sorted;
        for (const auto& member : value.get_object()) {
            sorted.emplace(std::string_view(member.key().data(), member.key().size()), &member.value());
        }
        char before = '{';
        for (const auto& [key, member] : sorted) {
            out += before;
            out += json::serialize(json::string_view(key.data(), key.size()));
            out += ':';
            write(*member, out);
            before = ',';
        }
        out += sorted.empty() ? "{}" : "}";
    } else if (value.is_array()) {
        char before = '[';
        for (const auto& item : value.get_array()) {
            out += before;
            write(item, out);
            before = ',';
        }
        out += value.get_array().empty() ? "[]" : "]";
    } else {
        out += json::serialize(value);
    }
}

}  // namespace

Result<json::value> parse_json(std::string_view text, std::string_view what) {
    json::parse_options options;
    options.max_depth = 200;
    json::error_code error;
    auto value = json::parse(json::string_view(text.data(), text.size()), error, {}, options);
    if (error) {
        return environment_error(ErrorCode::kCorrupt, std::string(what) + " is not JSON: " + error.message());
    }
    return value;
}

std::string canonical(const json::value& value) {
    std::string out;
    write(value, out);
    return out;
}

std::string text(const json::string& string) {
    return {string.data(), string.size()};
}

}  // namespace slipway::policy
