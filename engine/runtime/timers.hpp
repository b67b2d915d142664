// Timers by absolute due time. Nothing is cancelled: a stale firing is harmless, the core looks at what the
// run waits for now. When the stale ones could be many, they are thrown out all at once.
#pragma once

#include <algorithm>
#include <optional>
#include <tuple>
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
    void arm(Due due) {
        heap_.push_back(std::move(due));
        std::push_heap(heap_.begin(), heap_.end(), Later{});
    }
    bool empty() const { return heap_.empty(); }
    std::size_t size() const { return heap_.size(); }
    /// When the next one is due.
    std::optional<TimeMs> next() const {
        return heap_.empty() ? std::nullopt : std::optional<TimeMs>(heap_.front().due_ms);
    }
    /// Takes out the next one that is due at `now`.
    std::optional<Due> pop(TimeMs now) {
        if (heap_.empty() || heap_.front().due_ms > now) {
            return std::nullopt;
        }
        std::pop_heap(heap_.begin(), heap_.end(), Later{});
        Due due = std::move(heap_.back());
        heap_.pop_back();
        return due;
    }
    /// It has doubled since it was tidied: stale ones may be the most of it.
    bool wants_tidying() const { return heap_.size() >= tidy_at_; }
    /// Keeps those that `is_meant`, each once. The order of calls: by run.
    template <class IsMeant>
    void tidy(const IsMeant& is_meant) {
        std::sort(heap_.begin(), heap_.end(), ByRun{});
        heap_.erase(std::unique(heap_.begin(), heap_.end(), same), heap_.end());
        std::erase_if(heap_, [&](const Due& due) { return !is_meant(due); });
        heap_.shrink_to_fit();
        std::make_heap(heap_.begin(), heap_.end(), Later{});
        tidy_at_ = 2 * heap_.size() + kFew;
    }

private:
    static constexpr std::size_t kFew = 1024;
    struct Later {
        bool operator()(const Due& a, const Due& b) const { return a.due_ms > b.due_ms; }
    };
    struct ByRun {
        bool operator()(const Due& a, const Due& b) const { return key(a) < key(b); }
    };
    static std::tuple<const RunId&, TimeMs, bool, StepIndex, core::TimerKind, TimeMs> key(const Due& due) {
        const auto timer = due.timer.value_or(core::TimerFired{});
        return {due.run, due.due_ms, due.timer.has_value(), timer.step, timer.kind, timer.due_ms};
    }
    static bool same(const Due& a, const Due& b) { return key(a) == key(b); }

    std::vector<Due> heap_;  // the earliest in front
    std::size_t tidy_at_ = kFew;
};

struct Shell;
/// Throws out what would do nothing when it fired.
void tidy_timers(Shell& shell);

}  // namespace slipway::runtime
