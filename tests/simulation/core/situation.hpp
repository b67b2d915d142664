// One point of the search: what is durable, what the live engine knows beyond it, and what the outside world
// really did.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/core/admission.hpp"
#include "engine/core/counters.hpp"
#include "engine/core/decide.hpp"
#include "tests/simulation/core/symmetry.hpp"

namespace search {

using namespace slipway;

enum class Outside : std::uint8_t {
    kIdle,     ///< nobody works on this step
    kRunning,  ///< an attempt is at work
    kDone,     ///< it ended, and the engine has not recorded so
};

/// What the executors may answer in this search.
enum class Answer : std::uint8_t {
    kOk,
    kTransient,
    kPermanent,
    kWaitTimer,
    kWaitGate,
    kRedo,
    kDoubt,
    kWaitChildren
};
inline constexpr std::uint8_t kAnswerCount = 8;

struct WorldStep {
    Outside phase = Outside::kIdle;
    Answer answer = Answer::kOk;  ///< while kDone
    Fence fence = 0;              ///< of the attempt that works or worked
    bool linked = false;          ///< the live engine will hear its report
    bool asked = false;           ///< the live engine has asked reconcile about it
    std::uint8_t effects = 0;     ///< effects under this round's idempotency key
    std::uint32_t effects_round = 0;
};

struct ArmedTimer {
    StepIndex step = kNoStep;
    core::TimerKind kind = core::TimerKind::kBackOff;
    TimeMs due_ms = 0;
    friend bool operator==(const ArmedTimer&, const ArmedTimer&) = default;
};

struct Situation {
    core::RunState state;            ///< durable; between ticks the live state is the same
    core::AdmissionState admission;  ///< durable, in the same commit
    std::vector<WorldStep> world;
    std::vector<ArmedTimer> timers;  ///< armed in the live engine; lost by a crash
    TimeMs now_ms = 1'000'000;
};

/// Child runs of this round ended badly: a retry of the step is another round.
inline bool has_spent_children(const core::StepState& step) {
    const bool over = step.status == StepStatus::kSucceeded || step.status == StepStatus::kSkipped ||
                      step.status == StepStatus::kCancelled || step.undo.begun;
    for (const auto& resolution : step.resolutions) {
        for (const auto& child : resolution.children) {
            if (!over && child.status != RunStatus::kSucceeded) {
                return true;
            }
        }
    }
    return false;
}

/// Child runs of a step as one number: two bits for each of two (not started, live, ended well, ended badly),
/// and why they were asked to end.
inline std::uint32_t children_key(const core::StepState& step) {
    std::uint32_t key =
        static_cast<std::uint32_t>(step.children.cancel) << 4U | (has_spent_children(step) ? 128U : 0U);
    for (std::uint32_t i = 0; i < step.children.list.size(); ++i) {
        const RunStatus status = step.children.list[i].status;
        const std::uint32_t stands = !is_final(status) ? 1U : (status == RunStatus::kSucceeded ? 2U : 3U);
        key |= (i < step.children.next ? stands : 0U) << 2U * i;
    }
    return key;
}

/// Effects count under the key of a round; those of an undo under one of their own.
inline std::uint32_t effects_key(const core::StepState& step) {
    return step.undo.begun ? step.round + 1000 : step.round;
}

/// Is it still due when the timer says? Otherwise it decides nothing when it fires.
bool stands(const core::RunState& state, const ArmedTimer& timer);

/// A short text in which everything that matters for the future stands, and nothing else (no absolute times,
/// no fences); equal for situations that differ only by a symmetry.
std::string canonical(const Workflow& workflow, const Situation& situation,
                      const std::vector<Renaming>& renamings);

}  // namespace search
