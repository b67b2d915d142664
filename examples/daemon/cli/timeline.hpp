// A run as a table of times: when each step ran, how long it took, and what came of it.
#pragma once

#include <boost/json/value.hpp>

namespace cli {

/// One entry for each step that ever started, in order of its first start.
boost::json::array timeline_of(const boost::json::value& run, const boost::json::array& events);
void print_timeline(const boost::json::value& run, const boost::json::array& lines);

}  // namespace cli
