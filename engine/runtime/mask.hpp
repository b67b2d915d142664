// Takes sensitive bytes out of events before they leave the engine.
#pragma once

#include "slipway/event.hpp"

namespace slipway::runtime {

void mask(Event& event);

/// Without the sensitive inputs of its steps, which gives it another digest. Nothing sensitive in it: the
/// same.
Workflow masked(const Workflow& workflow);

}  // namespace slipway::runtime
