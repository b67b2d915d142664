// JSON of strangers, read with the place of whatever is wrong.
#pragma once

#include <boost/json.hpp>
#include <map>
#include <string>
#include <string_view>

#include "slipway/result.hpp"

namespace slipway::artifact {

namespace json = boost::json;

Error bad(const std::string& where, const std::string& what);
/// One JSON object of at most `max` bytes, nested at most 32 deep.
Result<json::object> parse_object(std::string_view bytes, const std::string& what, std::size_t max);

/// A member that is a string; `fallback` when it is not there. Another type is an error.
Result<std::string> text_at(const json::object& object, std::string_view key, const std::string& where);
Result<std::string> needed_text_at(const json::object& object, std::string_view key,
                                   const std::string& where);
Result<std::uint64_t> size_at(const json::object& object, std::string_view key, const std::string& where);
/// An object of strings; empty when it is not there.
Result<std::map<std::string, std::string>> texts_at(const json::object& object, std::string_view key,
                                                    const std::string& where);
json::object to_object(const std::map<std::string, std::string>& texts);

}  // namespace slipway::artifact
