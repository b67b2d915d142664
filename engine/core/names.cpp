#include <array>
#include <type_traits>

#include "slipway/event.hpp"

namespace slipway {
namespace {

/// The name at an enumerator's place; enumerators count from `first`.
template <std::size_t N, class E>
std::string_view name_of(const std::array<std::string_view, N>& names, E value, std::size_t first = 1) {
    const auto at = static_cast<std::size_t>(value) - first;
    return at < N ? names[at] : "unknown";
}

constexpr std::array<std::string_view, kStepStatusCount> kStepStatusNames{
    "pending", "ready",   "running",   "backing_off", "waiting", "succeeded",
    "failed",  "skipped", "cancelled", "in_doubt",    "undoing", "undone"};
constexpr std::array<std::string_view, 8> kRunStatusNames{"running",   "paused", "blocked",   "unwinding",
                                                          "succeeded", "failed", "cancelled", "unwound"};
constexpr std::array<std::string_view, 9> kFailureNames{
    "transient", "permanent", "timeout", "authoring", "denied", "expired", "cancelled", "crashed", "policy"};
constexpr std::array<std::string_view, 7> kDecisionNames{
    "approve", "deny", "retry_plan", "skip", "skip_with_dependents", "nothing_to_approve", "revoke"};
constexpr std::array<std::string_view, 8> kUndoNames{"none",    "to_do", "undone", "nothing_to_undo",
                                                     "no_undo", "left",  "failed", "in_doubt"};
constexpr std::array<std::string_view, 8> kWakerNames{"none",  "dependency", "attempt",   "gate",
                                                      "timer", "ticket",     "child_run", "operator"};
constexpr std::array<std::string_view, std::variant_size_v<EventBody>> kEventNames{
    "run_started",       "step_ready",       "attempt_started",
    "evidence_recorded", "step_succeeded",   "step_backing_off",
    "step_failed",       "step_waiting",     "wait_resolved",
    "gate_decided",      "step_skipped",     "step_cancelled",
    "step_in_doubt",     "cancel_asked",     "step_settled",
    "step_retried",      "redo_asked",       "round_opened",
    "run_paused",        "run_resumed",      "run_blocked",
    "run_unblocked",     "run_cancel_asked", "run_finished",
    "approve_all_set",   "attempt_voided",   "executor_not_found",
    "run_undo_asked",    "unwind_began",     "undo_passed",
    "undo_ready",        "undo_started",     "undo_backing_off",
    "step_undone",       "undo_left",        "children_asked",
    "children_started",  "child_ended",      "children_cancel_asked",
    "child_of"};

template <class T>
concept AboutStep = requires(const T& body) {
    body.step;
};

}  // namespace

std::string_view to_string(StepStatus status) {
    return name_of(kStepStatusNames, status);
}
std::string_view to_string(RunStatus status) {
    return name_of(kRunStatusNames, status);
}
std::string_view to_string(FailureClass failure) {
    return name_of(kFailureNames, failure);
}
std::string_view to_string(Decision decision) {
    return name_of(kDecisionNames, decision);
}
std::string_view to_string(WakerKind kind) {
    return name_of(kWakerNames, kind, 0);
}

std::string_view to_string(UndoStanding standing) {
    return name_of(kUndoNames, standing, 0);
}

bool is_settled(StepStatus status) {
    return status == StepStatus::kSucceeded || status == StepStatus::kSkipped ||
           status == StepStatus::kCancelled || status == StepStatus::kUndone;
}

std::string_view event_name(const EventBody& body) {
    return kEventNames[body.index()];
}

StepIndex event_step(const EventBody& body) {
    return std::visit(
        [](const auto& event) -> StepIndex {
            if constexpr (AboutStep<std::decay_t<decltype(event)>>) {
                return event.step;
            } else {
                return kNoStep;
            }
        },
        body);
}

}  // namespace slipway
