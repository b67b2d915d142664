// Small helpers over Boost.JSON that the cluster rooms share: bounded parsing, reading with a default,
// canonical text.
#pragma once

#include <boost/json/value.hpp>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "slipway/result.hpp"

namespace slipway::kubernetes {

namespace json = boost::json;

/// Parses one object of a depth up to 200; `what` names the text in the error (kCorrupt).
Result<json::object> parse_object(std::string_view text, std::string_view what);

/// Members with a default for a missing or differently typed value: what we read was written by others.
std::string text_of(const json::object& object, std::string_view key, std::string_view fallback = {});
bool flag_of(const json::object& object, std::string_view key, bool fallback = false);
std::int64_t number_of(const json::object& object, std::string_view key, std::int64_t fallback = 0);
/// Empty when the member is missing or of another type. The reference lives as long as `object`.
const json::object& object_of(const json::object& object, std::string_view key);
const json::array& array_of(const json::object& object, std::string_view key);
/// The value at a path of members; null when there is none. The reference lives as long as `object`.
const json::value& value_at(const json::object& object, std::initializer_list<std::string_view> path);
std::string text_at(const json::object& object, std::initializer_list<std::string_view> path);

json::array texts(const std::vector<std::string>& list);
/// Items that are texts; others are left out.
std::vector<std::string> strings_of(const json::object& object, std::string_view key);

/// Keys sorted at every level, no white space: equal values give equal bytes.
std::string canonical(const json::value& value);

}  // namespace slipway::kubernetes
