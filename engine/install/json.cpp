#include "engine/install/json.hpp"

namespace slipway::lifecycle {

Result<json::value> parse_json(std::string_view text, std::string_view what) {
    boost::system::error_code failed;
    json::parse_options options;
    options.max_depth = 64;
    json::value value = json::parse(json::string_view(text.data(), text.size()), failed, {}, options);
    if (failed) {
        return authoring_error(std::string(what) + ": not JSON (" + failed.message() + ")");
    }
    return value;
}

Result<json::object> parse_object(std::string_view text, std::string_view what) {
    SLIPWAY_TRY(json::value value, parse_json(text, what));
    if (!value.is_object()) {
        return authoring_error(std::string(what) + ": not a JSON object");
    }
    return std::move(value.as_object());
}

const json::object* find_object(const json::object& object, std::string_view key) {
    const json::value* found = object.if_contains(key);
    return found == nullptr ? nullptr : found->if_object();
}

const json::array* find_array(const json::object& object, std::string_view key) {
    const json::value* found = object.if_contains(key);
    return found == nullptr ? nullptr : found->if_array();
}

std::string get_string(const json::object& object, std::string_view key, std::string_view fallback) {
    const json::value* found = object.if_contains(key);
    if (found == nullptr || !found->is_string()) {
        return std::string(fallback);
    }
    return std::string(found->get_string());
}

bool get_bool(const json::object& object, std::string_view key, bool fallback) {
    const json::value* found = object.if_contains(key);
    return found != nullptr && found->is_bool() ? found->get_bool() : fallback;
}

std::uint64_t get_uint(const json::object& object, std::string_view key, std::uint64_t fallback) {
    const json::value* found = object.if_contains(key);
    if (found == nullptr) {
        return fallback;
    }
    if (found->is_uint64()) {
        return found->get_uint64();
    }
    return found->is_int64() && found->get_int64() >= 0 ? static_cast<std::uint64_t>(found->get_int64())
                                                        : fallback;
}

json::object to_object(const StringMap& map) {
    json::object object;
    for (const auto& [key, value] : map) {
        object[key] = value;
    }
    return object;
}

std::string plain_text(const json::value& value) {
    return value.is_string() ? std::string(value.get_string()) : json::serialize(value);
}

StringMap to_string_map(const json::object& object) {
    StringMap map;
    for (const auto& member : object) {
        map[std::string(member.key())] = plain_text(member.value());
    }
    return map;
}

json::object& object_at(json::object& root, std::string_view dotted) {
    json::object* at = &root;
    while (!dotted.empty()) {
        const std::size_t dot = dotted.find('.');
        json::value& next = (*at)[dotted.substr(0, dot)];
        if (!next.is_object()) {
            next.emplace_object();
        }
        at = &next.get_object();
        dotted = dot == std::string_view::npos ? std::string_view{} : dotted.substr(dot + 1);
    }
    return *at;
}

}  // namespace slipway::lifecycle
