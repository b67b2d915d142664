// A clock that stands still until a test moves it: EngineOptions::clock, and the clock of the executor kit.
#pragma once

#include <atomic>

#include "slipway/engine.hpp"

namespace slipway::testing {

/// Thread-safe.
class SimulatedClock final : public Clock {
public:
    explicit SimulatedClock(TimeMs now = 1'800'000'000'000) : now_(now) {}
    TimeMs now_ms() override { return now_; }
    void advance(DurationMs by) { now_ += by; }
    /// May go back, too: wall clocks do.
    void set(TimeMs now) { now_ = now; }

private:
    std::atomic<TimeMs> now_;
};

}  // namespace slipway::testing
