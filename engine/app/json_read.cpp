#include "engine/app/json_read.hpp"

#include <boost/json/parse.hpp>

namespace slipway::app {

bool read_json(std::string_view text, boost::json::value& out, std::string& problem) {
    boost::json::parse_options options;
    options.max_depth = 128;
    boost::json::error_code ec;
    out = boost::json::parse(boost::json::string_view(text.data(), text.size()), ec, {}, options);
    if (ec) {
        problem = ec.message();
    }
    return !ec;
}

}  // namespace slipway::app
