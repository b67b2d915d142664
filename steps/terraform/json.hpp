// Small helpers over Boost.JSON that this room shares: bounded parsing, reading with a default, canonical
// text.
#pragma once

#include <boost/json/value.hpp>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "slipway/result.hpp"

namespace slipway::terraform {

namespace json = boost::json;

/// Parses one value of any depth up to 200; `what` names the text in the error (kCorrupt).
Result<json::value> parse_json(std::string_view text, std::string_view what);
/// The same, and it must be an object.
Result<json::object> parse_object(std::string_view text, std::string_view what);

/// Members with a default for a missing or differently typed value: what we read was written by other
/// programs.
std::string text_of(const json::object& object, std::string_view key, std::string_view fallback = {});
bool flag_of(const json::object& object, std::string_view key, bool fallback = false);
std::uint64_t number_of(const json::object& object, std::string_view key, std::uint64_t fallback = 0);
/// Null when the member is missing. The reference lives as long as `object`.
const json::value& member_of(const json::object& object, std::string_view key);
/// An empty object or array when the member is missing or of another type. The reference lives as long as
/// `object`.
const json::object& object_of(const json::object& object, std::string_view key);
const json::array& array_of(const json::object& object, std::string_view key);

/// An array of texts, both ways; other items are left out.
json::array texts(const std::vector<std::string>& list);
std::vector<std::string> strings_of(const json::object& object, std::string_view key);

/// Keys sorted at every level, no white space: equal values give equal bytes.
std::string canonical(const json::value& value);

}  // namespace slipway::terraform
