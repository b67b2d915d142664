// Everything that the core can make of one durable state, worked out once: what each input leads to, and what
// the oracle asks of the live part of every situation with this durable state.
//
// A tick depends on the durable state and the input alone, never on what is armed or who listens. So it is
// carried out once for all situations that share the durable state, and the situations themselves are a
// number and a word (live.hpp).
#pragma once

#include <array>

#include "tests/simulation/core/durables.hpp"
#include "tests/simulation/core/moves.hpp"
#include "tests/simulation/core/prober.hpp"
#include "tests/simulation/core/tick_maker.hpp"

namespace search {

/// An input, as a number: what, of which step, and which of several.
enum class What : std::uint8_t { kResume, kReport, kReconcile, kTimer, kAct, kChild };
enum class Found : std::uint8_t { kNotStarted, kStillRunning, kPartial, kInDoubt, kFinished };
using Code = std::uint16_t;

constexpr Code code(What what, std::uint32_t step, std::uint32_t which) {
    return static_cast<Code>(static_cast<std::uint32_t>(what) << 12U | step << 8U | which);
}
constexpr Code report_code(StepIndex step, Answer answer) {
    return code(What::kReport, step, static_cast<std::uint32_t>(answer));
}
constexpr Code reconcile_code(StepIndex step, Found found, Answer answer = Answer::kOk) {
    return code(What::kReconcile, step,
                static_cast<std::uint32_t>(found) << 4U | static_cast<std::uint32_t>(answer));
}
constexpr Code timer_code(StepIndex step, core::TimerKind kind) {
    return code(What::kTimer, step < kStepsMax ? step : 0xfU, static_cast<std::uint32_t>(kind));
}

/// What one input makes of a durable state, and of the live part of a situation that has it.
struct Next {
    std::uint32_t durable = 0;
    std::uint32_t owed = 0;  ///< a list of Owed, by number
    TimerMask kept = 0;      ///< armed timers that still stand
    Code code = 0;
    std::uint8_t renaming = 0;  ///< from the names before to those of `durable`
    StepMask idle = 0;          ///< steps whose attempt has ended
    StepMask doubtful = 0;      ///< steps that are declared in doubt: the world begins anew
    StepMask moved = 0;         ///< steps with a new fence
    StepMask renewed = 0;       ///< steps whose effect, if it happened, no longer counts
    bool committed = false;
    bool refused = false;
};

/// A command to the world or to the timers, packed: what, and the step or the number of the timer's bit.
enum class Owed : std::uint8_t { kStart, kStartOldFence, kReconcile, kArm };
inline Owed owed_kind(char packed) {
    return static_cast<Owed>(static_cast<std::uint8_t>(packed) >> 6U);
}
inline std::uint32_t owed_index(char packed) {
    return static_cast<std::uint8_t>(packed) & 0x3fU;
}

/// What check_rest() asks of the live part.
struct Needs {
    TimerMask timers = 0;       ///< must be armed
    TimerMask moving = 0;       ///< any of these armed: something moves
    StepMask attempts = 0;      ///< somebody must hear of these
    StepMask held_waiting = 0;  ///< wait for one of `held` to be heard of
    StepMask held = 0;
    bool outsider = false;  ///< somebody outside is asked to act
    bool final = false;
};

struct Expansion {
    std::size_t first = 0;      ///< of its `Next`s; the recovery stands first, the acts stand last
    std::uint32_t others = 0;   ///< that are no acts
    std::uint32_t acts = 0;     ///< operators' acts that are carried out
    std::uint32_t refused = 0;  ///< and those that are not
    std::array<std::uint8_t, kStepsMax> answers{};  ///< what a live attempt may report, a bit for each
    Needs needs;
    bool done = false;
};

class Expander {
public:
    Expander(const Workflow& workflow, const MoveOptions& options, Bug bug, Durables& durables);

    /// The first tick of the run. On a wrong tick says what is wrong.
    std::optional<std::string> begin(std::uint32_t capacity, Next& next);
    std::optional<std::string> expand(std::uint32_t durable);

    const Expansion& at(std::uint32_t durable) const { return expansions_[durable]; }
    bool is_expanded(std::uint32_t durable) const {
        return durable < expansions_.size() && expansions_[durable].done;
    }
    const Next& next(std::size_t number) const { return nexts_[number]; }
    std::string_view owed(const Next& next) const { return owed_.at(next.owed); }
    std::string text(Code code) const;

private:
    using Wrong = std::optional<std::string>;

    Wrong note(Code code, Tick&& tick);
    Wrong one(Code code, const core::Input& input);
    Wrong attempts(StepIndex i, Expansion& e);
    Wrong timers(StepIndex i);
    Wrong recovery();
    Wrong acts(Expansion& e);
    Wrong act(const Move& move, std::size_t number, Prober& prober, Expansion& e);
    void compare_steps(const Situation& after, Next& next) const;
    void pack_owed(const core::RunState& after, const std::vector<core::Command>& commands, Next& next);

    const Workflow& w_;
    MoveOptions options_;
    Bug bug_;
    Durables& durables_;
    std::vector<Move> fixed_acts_;
    std::vector<Expansion> expansions_;
    std::vector<Next> nexts_;
    ByteTable owed_;
    Situation now_;        ///< the one that is being expanded
    core::RunState live_;  ///< of the tick in the making
    std::uint32_t number_ = 0;
};

/// Works out what check_rest() will ask; an error where no live part could do.
std::optional<std::string> needs_of(const Workflow& workflow, const Situation& situation, Needs& needs);
/// When a timer of this kind is due, if one stands in the step's state; 0: none does.
TimeMs standing(const core::StepState& step, core::TimerKind kind);

}  // namespace search
