// What runs in memory take up, and which of them may go first.
#pragma once

#include <cstdint>
#include <deque>

#include "engine/runtime/run_table.hpp"

namespace slipway::runtime {

/// Of the engine's thread.
class MemoryBudget {
public:
    explicit MemoryBudget(std::uint64_t limit) : limit_(limit) {}

    /// From now on it takes up this much, about.
    void count(RunEntry& run, std::uint64_t bytes) {
        used_ += bytes - run.bytes;
        run.bytes = bytes;
    }
    /// It has no state any more, or is gone altogether.
    void forget(RunEntry& run) {
        count(run, 0);
        run.rest = 0;
    }
    /// It waits, and all of it is in the store: it may be let go, after those that came to rest before it.
    void rest(RunEntry& run);
    /// The next one to be let go, off the list; nullptr: nothing has to, or nothing can.
    RunEntry* take_excess(RunTable& runs);

    std::uint64_t used() const { return used_; }
    /// So much has come in since the last fold that a fold may find something to let go.
    bool is_pressed() const { return used_ > limit_ && used_ - limit_ > pressed_at_; }
    /// After a fold: what could go is gone; the rest is needed.
    void settled() { pressed_at_ = (used_ > limit_ ? used_ - limit_ : 0) + limit_ / 8 + kStepUp; }

private:
    static constexpr std::uint64_t kStepUp = 64U << 10U;
    struct Resting {
        RunId run;
        std::uint64_t rest = 0;
    };

    std::uint64_t limit_;
    std::uint64_t used_ = 0;
    std::uint64_t pressed_at_ = kStepUp;
    std::uint64_t clock_ = 0;
    std::deque<Resting> resting_;  // some have moved since, or rest again further back
};

/// What a loaded run takes up whose checkpoint has so many bytes, about.
std::uint64_t loaded_bytes(const core::RunState& state, std::uint64_t checkpoint_bytes);

}  // namespace slipway::runtime
