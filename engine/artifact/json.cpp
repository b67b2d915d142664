#include "engine/artifact/json.hpp"

namespace slipway::artifact {
namespace {

constexpr std::size_t kDepthMax = 32;

}  // namespace

Error bad(const std::string& where, const std::string& what) {
    return environment_error(ErrorCode::kCorrupt, where + ": " + what);
}

Result<json::object> parse_object(std::string_view bytes, const std::string& what, std::size_t max) {
    if (bytes.size() > max) {
        return bad(what, "longer than " + std::to_string(max) + " bytes");
    }
    boost::system::error_code code;
    json::parse_options options;
    options.max_depth = kDepthMax;
    json::value value = json::parse(json::string_view(bytes.data(), bytes.size()), code, {}, options);
    if (code) {
        return bad(what, "not JSON (" + code.message() + ")");
    }
    if (!value.is_object()) {
        return bad(what, "not a JSON object");
    }
    return std::move(value.as_object());
}

Result<std::string> text_at(const json::object& object, std::string_view key, const std::string& where) {
    const json::value* value = object.if_contains(key);
    if (value == nullptr) {
        return std::string();
    }
    if (!value->is_string()) {
        return bad(where + std::string(key), "not a string");
    }
    return std::string(value->get_string());
}

Result<std::string> needed_text_at(const json::object& object, std::string_view key,
                                   const std::string& where) {
    SLIPWAY_TRY(auto text, text_at(object, key, where));
    if (text.empty()) {
        return bad(where + std::string(key), "missing");
    }
    return text;
}

Result<std::uint64_t> size_at(const json::object& object, std::string_view key, const std::string& where) {
    const json::value* value = object.if_contains(key);
    if (value == nullptr || !value->is_int64() || value->get_int64() < 0) {
        return bad(where + std::string(key), "not a size");
    }
    return static_cast<std::uint64_t>(value->get_int64());
}

Result<std::map<std::string, std::string>> texts_at(const json::object& object, std::string_view key,
                                                    const std::string& where) {
    std::map<std::string, std::string> out;
    const json::value* value = object.if_contains(key);
    if (value == nullptr || value->is_null()) {
        return out;
    }
    if (!value->is_object()) {
        return bad(where + std::string(key), "not an object");
    }
    for (const auto& member : value->get_object()) {
        if (!member.value().is_string()) {
            return bad(where + std::string(key) + "." + std::string(member.key()), "not a string");
        }
        out[std::string(member.key())] = std::string(member.value().get_string());
    }
    return out;
}

json::object to_object(const std::map<std::string, std::string>& texts) {
    json::object object;
    for (const auto& [key, value] : texts) {
        object[key] = value;
    }
    return object;
}

}  // namespace slipway::artifact
