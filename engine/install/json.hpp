// Boost.JSON as this room uses it, and the few helpers that every file here needs.
#pragma once

#include <boost/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "slipway/lifecycle/app.hpp"
#include "slipway/result.hpp"

namespace slipway::lifecycle {

namespace json = boost::json;

/// kInvalidArgument that names `what` for anything but one JSON value.
Result<json::value> parse_json(std::string_view text, std::string_view what);
/// The same, and the value has to be an object.
Result<json::object> parse_object(std::string_view text, std::string_view what);

/// Null when the key is not there or holds another type.
const json::object* find_object(const json::object& object, std::string_view key);
const json::array* find_array(const json::object& object, std::string_view key);
std::string get_string(const json::object& object, std::string_view key, std::string_view fallback = {});
bool get_bool(const json::object& object, std::string_view key, bool fallback = false);
std::uint64_t get_uint(const json::object& object, std::string_view key, std::uint64_t fallback = 0);

json::object to_object(const StringMap& map);
/// Members that are strings; others as JSON text.
StringMap to_string_map(const json::object& object);
/// A scalar as people write it: strings without quotes.
std::string plain_text(const json::value& value);

/// The object at a dotted path, made on the way where it is missing (or where something else stands).
json::object& object_at(json::object& root, std::string_view dotted);

}  // namespace slipway::lifecycle
