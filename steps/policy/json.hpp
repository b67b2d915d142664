// Small helpers over Boost.JSON that this room shares.
#pragma once

#include <boost/json/value.hpp>
#include <string>
#include <string_view>

#include "slipway/result.hpp"

namespace slipway::policy {

namespace json = boost::json;

/// Any value nested at most 200 deep; `what` names the text in the error (kCorrupt).
Result<json::value> parse_json(std::string_view text, std::string_view what);
/// Keys sorted at every level, no white space: equal values give equal bytes.
std::string canonical(const json::value& value);
std::string text(const json::string& string);

}  // namespace slipway::policy
