// Arithmetic of times: when a failed attempt is tried again, and due times that do not overflow.
#pragma once

#include "slipway/workflow.hpp"

namespace slipway::core {

/// `failures` counts from 1. `retry_after_ms` > 0 wins over the policy. Integer arithmetic that saturates;
/// `random` gives the jitter.
DurationMs retry_delay(const RetryPolicy& policy, std::uint32_t failures, DurationMs retry_after_ms,
                       std::uint64_t random);

/// `now` + `delay`, saturating, and never 0, which means "none".
TimeMs after(TimeMs now, DurationMs delay);

}  // namespace slipway::core
