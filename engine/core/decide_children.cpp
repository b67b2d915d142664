// Child runs: asked for, started, ended, joined, cancelled.
#include <algorithm>
#include <limits>
#include <set>

#include "engine/core/counters.hpp"
#include "engine/core/decide_topics.hpp"

namespace slipway::core {
namespace {

constexpr std::size_t kChildrenMax = 100'000;
// All of it is in one event.
constexpr std::size_t kBytesMax = 32U << 20U;

bool has_decided(const ChildrenState& c) {
    switch (c.join.mode) {
        case JoinMode::kAny:
            return c.ended > c.failed;
        case JoinMode::kQuota:
            return c.failed > c.join.failures_max;
        case JoinMode::kAll:
            break;
    }
    return false;
}

StepFailure too_late(const StepSpec& spec) {
    StepFailure failure;
    failure.failure_class = FailureClass::kTimeout;
    failure.message = "the step did not succeed within " + std::to_string(spec.step_timeout_ms) +
                      " ms; its child runs were cancelled";
    return failure;
}

/// Why these cannot be started; empty when they can.
std::string obstacle(const WaitFor& wait) {
    if (wait.children.size() > kChildrenMax) {
        return "it asked for " + std::to_string(wait.children.size()) + " child runs, at most " +
               std::to_string(kChildrenMax) + " are allowed";
    }
    if (wait.join.mode < JoinMode::kAll || wait.join.mode > JoinMode::kQuota) {
        return "it asked to join its child runs in an unknown way";
    }
    std::set<std::string> keys;
    std::size_t bytes = 0;
    for (const ChildRun& child : wait.children) {
        bytes += child.key.size() + child.run.str().size() + child.input.bytes.size();
        for (const auto& [name, value] : child.labels) {
            bytes += name.size() + value.size();
        }
        if (!is_valid_id(child.key) || !keys.insert(child.key).second) {
            return "the key \"" + child.key + "\" of a child run is used twice, or is none";
        }
        if (child.workflow.empty() || !is_valid_id(child.run.str())) {
            return "child run \"" + child.key + "\" has no workflow, or no id";
        }
    }
    if (bytes > kBytesMax) {
        return "the inputs and labels of its child runs take up " + std::to_string(bytes) +
               " bytes, at most " + std::to_string(kBytesMax) + " are allowed: put what is large into blobs";
    }
    return {};
}

}  // namespace

void Transaction::start_children(StepIndex index, std::uint32_t most) {
    const ChildrenState& c = step(index).children;
    if (!waits_for_children(step(index)) || is_halted(state_) || step(index).held ||
        c.cancel != CancelReason::kNone) {
        return;
    }
    const auto unstarted = static_cast<std::uint32_t>(c.list.size()) - c.next;
    const std::uint32_t room = c.join.at_once_max == 0
                                   ? std::numeric_limits<std::uint32_t>::max()
                                   : c.join.at_once_max - std::min(c.join.at_once_max, c.live());
    const std::uint32_t count = std::min({unstarted, room, most});
    const std::uint32_t first = c.next;
    if (count != 0) {
        emit(ChildrenStarted{index, count});
    }
    for (std::uint32_t i = 0; i < count; ++i) {
        command(StartChild{index, first + i});
    }
    if (count < std::min(unstarted, room)) {
        command(GoOnChildren{index});
    }
}

void Transaction::join_children(StepIndex index, std::uint32_t most) {
    const StepState& s = step(index);
    const ChildrenState& c = s.children;
    const bool all_started = c.next == c.list.size();
    if (c.cancel == CancelReason::kNone && has_decided(c) && !(all_started && c.live() == 0)) {
        emit(ChildrenCancelAsked{index, CancelReason::kJoined});
        if (c.live() != 0) {
            command(CancelChildren{index});
        }
    }
    if (c.live() != 0 || (!all_started && c.cancel == CancelReason::kNone)) {
        start_children(index, most);
        return;
    }
    switch (c.cancel) {
        case CancelReason::kNone:
        case CancelReason::kJoined:
            emit(WaitResolved{index,
                              Resolution{WaitKind::kChildRuns, {}, {}, slipway::Decision::kApprove, {}}});
            return;
        case CancelReason::kTimeout:
            fail(index, too_late(spec(index)));
            return;
        default:
            emit(StepCancelled{index, c.cancel});
    }
}

void Transaction::end_children(StepIndex index, CancelReason reason) {
    if (!waits_for_children(step(index))) {
        return;
    }
    // Why the run ends, or its step is redone, wins over a time-out; what was decided in time stays decided.
    if (reason == CancelReason::kTimeout && step(index).children.cancel != CancelReason::kNone) {
        return;
    }
    emit(ChildrenCancelAsked{index, reason});
    if (step(index).children.live() != 0) {
        command(CancelChildren{index});
    }
    join_children(index);
}

namespace detail {

void children_wait(Transaction& t, StepIndex step, const WaitFor& wait) {
    if (const std::string why = obstacle(wait); !why.empty()) {
        StepFailure failure;
        failure.failure_class = FailureClass::kAuthoring;
        failure.message = why;
        t.fail(step, std::move(failure));
        return;
    }
    ChildrenAsked asked{step, wait.join, {}};
    asked.children.reserve(wait.children.size());
    for (const ChildRun& child : wait.children) {
        asked.children.push_back(
            {child.key, child.run, child.workflow.digest(), child.input, child.labels, child.result});
    }
    t.emit(std::move(asked));
    t.arm(step, TimerKind::kStepDeadline, t.step(step).step_deadline_ms);
    t.join_children(step);
}

Refusal on_child_reported(Transaction& t, const ChildReported& input) {
    const StepState& s = t.step(input.step);
    const ChildrenState& c = s.children;
    const bool known = waits_for_children(s) && input.child < c.next &&
                       c.list[input.child].spec.run == input.run && !is_final(c.list[input.child].status);
    if (!known || !is_final(input.status)) {
        return refused(t, input.step, "it does not wait for child run \"" + input.run.str() + "\"");
    }
    t.emit(ChildEnded{input.step, input.child, input.status, input.reason, input.output});
    // One for another. What could not be started costs nothing and would let all others through in one tick.
    t.join_children(input.step, input.begun ? 1 : 0);
    return std::nullopt;
}

}  // namespace detail
}  // namespace slipway::core
