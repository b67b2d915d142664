// Takes sensitive bytes out of events before they leave the engine.
#pragma once

#include "slipway/event.hpp"

namespace slipway::runtime {

void mask(Event& event);

/// Takes the sensitive inputs of its steps out: what is left has another digest. Nothing sensitive in it: it
/// stays as it is.
Result<void> mask(Workflow& workflow);

}  // namespace slipway::runtime
