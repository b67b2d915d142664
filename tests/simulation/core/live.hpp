// What the search knows of a situation beyond its durable state, in one word: per step what the world does
// and which timers are armed.
//
// Fences, rounds and times are not in it. All that the model ever asks of them is there as a bit: whether the
// world's attempt has the fence that the durable state names last, whether the effect of the step's present
// round has happened, and whether a timer is armed for the time that stands in the durable state. A timer for
// any other time decides nothing when it fires (every durable state is probed for that), so it is dropped.
#pragma once

#include "tests/simulation/core/situation.hpp"

namespace search {

inline constexpr std::uint32_t kStepsMax = 4;
inline constexpr std::uint32_t kTimerKinds = 6;  ///< those of a step; the run's deadline has a bit of its own

/// A set of steps, a bit for each.
using StepMask = std::uint8_t;
/// A set of timers: bit `step * kTimerKinds + kind - 1`, and kRunTimer.
using TimerMask = std::uint32_t;
inline constexpr TimerMask kRunTimer = 1U << (kStepsMax * kTimerKinds);

inline TimerMask timer_bit(StepIndex step, core::TimerKind kind) {
    return kind == core::TimerKind::kRunDeadline
               ? kRunTimer
               : 1U << (step * kTimerKinds + static_cast<std::uint32_t>(kind) - 1);
}

class Live {
public:
    static constexpr std::uint32_t kPhase = 0x3;
    static constexpr std::uint32_t kAnswerShift = 2;
    static constexpr std::uint32_t kAnswer = 0x7U << kAnswerShift;
    static constexpr std::uint32_t kLinked = 1U << 5U;
    static constexpr std::uint32_t kAsked = 1U << 6U;
    static constexpr std::uint32_t kCurrent = 1U << 7U;  ///< the fence is the durable state's
    static constexpr std::uint32_t kEffect = 1U << 8U;   ///< the effect of this round happened
    static constexpr std::uint32_t kStepBits = 9;
    static constexpr std::uint32_t kStepField = (1U << kStepBits) - 1;
    static constexpr std::uint32_t kTimersAt = kStepBits * kStepsMax;

    Live() = default;
    explicit Live(std::uint64_t word) : word_(word) {}
    std::uint64_t word() const { return word_; }

    std::uint32_t step(StepIndex i) const {
        return static_cast<std::uint32_t>(word_ >> (i * kStepBits)) & kStepField;
    }
    void set_step(StepIndex i, std::uint32_t field) {
        const std::uint32_t shift = i * kStepBits;
        word_ = (word_ & ~(std::uint64_t{kStepField} << shift)) | (std::uint64_t{field} << shift);
    }
    bool has(StepIndex i, std::uint32_t bit) const { return (step(i) & bit) != 0; }
    void set(StepIndex i, std::uint32_t bits) { set_step(i, step(i) | bits); }
    void clear(StepIndex i, std::uint32_t bits) { set_step(i, step(i) & ~bits); }
    Outside phase(StepIndex i) const { return static_cast<Outside>(step(i) & kPhase); }
    Answer answer(StepIndex i) const { return static_cast<Answer>((step(i) & kAnswer) >> kAnswerShift); }
    void set_phase(StepIndex i, Outside phase, Answer answer = Answer::kOk) {
        set_step(i, (step(i) & ~(kPhase | kAnswer)) | static_cast<std::uint32_t>(phase) |
                        static_cast<std::uint32_t>(answer) << kAnswerShift);
    }

    TimerMask timers() const { return static_cast<TimerMask>(word_ >> kTimersAt); }
    void set_timers(TimerMask timers) {
        word_ = (word_ & ((std::uint64_t{1} << kTimersAt) - 1)) | (std::uint64_t{timers} << kTimersAt);
    }

    /// What a crash takes away.
    void forget() {
        std::uint64_t lost = 0;
        for (std::uint32_t i = 0; i < kStepsMax; ++i) {
            lost |= std::uint64_t{kLinked | kAsked} << (i * kStepBits);
        }
        word_ &= ~lost;
        set_timers(0);
    }

    Live renamed(const Renaming& name) const {
        Live out;
        TimerMask timers_out = timers() & kRunTimer;
        for (StepIndex i = 0; i < name.size(); ++i) {
            out.set_step(name[i], step(i));
            const TimerMask of_step = timers() >> (i * kTimerKinds) & ((1U << kTimerKinds) - 1);
            timers_out |= of_step << (name[i] * kTimerKinds);
        }
        out.set_timers(timers_out);
        return out;
    }

private:
    std::uint64_t word_ = 0;
};

}  // namespace search
