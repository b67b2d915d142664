// Takes sensitive bytes out of events before they leave the engine.
#pragma once

#include "slipway/event.hpp"

namespace slipway::runtime {

void mask(Event& event);

}  // namespace slipway::runtime
