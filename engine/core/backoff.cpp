#include "engine/core/backoff.hpp"

#include <algorithm>

namespace slipway::core {

DurationMs retry_delay(const RetryPolicy& policy, std::uint32_t failures, DurationMs retry_after_ms,
                       std::uint64_t random) {
    if (retry_after_ms > 0) {
        return retry_after_ms;
    }
    const DurationMs longest = std::max<DurationMs>(policy.delay_max_ms, 0);
    DurationMs delay = std::clamp<DurationMs>(policy.initial_ms, 0, longest);
    for (std::uint32_t n = 1; n < failures && delay < longest; ++n) {
        const DurationMs multiplier = policy.multiplier_percent;
        const bool over = multiplier != 0 && delay > longest / multiplier * 100;
        const DurationMs next = over ? longest : delay * multiplier / 100;
        if (next <= delay) {
            break;
        }
        delay = std::min(next, longest);
    }
    const DurationMs spread = delay / 100 * policy.jitter_percent + delay % 100 * policy.jitter_percent / 100;
    if (spread == 0) {
        return delay;
    }
    const auto width = static_cast<std::uint64_t>(spread) * 2 + 1;
    return delay - spread + static_cast<DurationMs>(random % width);
}

TimeMs after(TimeMs now, DurationMs delay) {
    constexpr TimeMs kLast = INT64_MAX / 4;  // so that sums of two do not overflow either
    const TimeMs from = std::clamp(now, -kLast, kLast);
    const TimeMs due = from + std::clamp<DurationMs>(delay, 0, kLast);
    return std::max<TimeMs>(due, 1);  // 0 means "none"
}

}  // namespace slipway::core
