// The parsed state document behind lifecycle::TemplateState.
#pragma once

#include <boost/json/value.hpp>

#include "slipway/lifecycle/templates.hpp"

namespace slipway::lifecycle {

struct TemplateState::Document {
    boost::json::value root;
};

}  // namespace slipway::lifecycle
