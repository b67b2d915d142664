// JSON text with a depth that a state document may have, and no more.
#pragma once

#include <boost/json/value.hpp>
#include <string>
#include <string_view>

namespace slipway::app {

/// False with the reason in `problem`.
bool read_json(std::string_view text, boost::json::value& out, std::string& problem);

}  // namespace slipway::app
