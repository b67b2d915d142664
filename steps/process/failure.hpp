// What an error of ours means for a step.
#pragma once

#include "slipway/executor.hpp"

namespace slipway::process {

/// The failure that an error means for a step: what may pass is tried again.
Outcome failed_by(const Error& error);

}  // namespace slipway::process
