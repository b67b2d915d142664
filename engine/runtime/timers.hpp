// Timers by absolute due time. Nothing is ever cancelled: a stale firing is harmless, the core looks at what
// the run waits for now.
#pragma once

#include <optional>
#include <queue>
#include <vector>

#include "engine/core/input.hpp"

namespace slipway::runtime {

struct Due {
    TimeMs due_ms = 0;
    RunId run;
    std::optional<core::TimerFired> timer;  ///< none: only load the run, its own timers follow
};

/// Of the engine's thread.
class Timers {
public:
    void arm(Due due) { heap_.push(std::move(due)); }
    bool empty() const { return heap_.empty(); }
    std::size_t size() const { return heap_.size(); }
    /// When the next one is due.
    std::optional<TimeMs> next() const {
        return heap_.empty() ? std::nullopt : std::optional<TimeMs>(heap_.top().due_ms);
    }
    /// Takes out the next one that is due at `now`.
    std::optional<Due> pop(TimeMs now) {
        if (heap_.empty() || heap_.top().due_ms > now) {
            return std::nullopt;
        }
        Due due = heap_.top();
        heap_.pop();
        return due;
    }

private:
    struct Later {
        bool operator()(const Due& a, const Due& b) const { return a.due_ms > b.due_ms; }
    };
    std::priority_queue<Due, std::vector<Due>, Later> heap_;
};

}  // namespace slipway::runtime
