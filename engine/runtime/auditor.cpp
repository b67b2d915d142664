#include "engine/runtime/auditor.hpp"

#include <algorithm>

#include "engine/runtime/wishes.hpp"

namespace slipway::runtime {
namespace {

constexpr std::size_t kStepsPerSlice = 2048;
constexpr std::size_t kStepsPerRun = 64;   // what a run counts at least: it has to be found, too
constexpr std::size_t kStepsToRead = 512;  // what it counts beside that when it is in the store

}  // namespace

void Auditor::begin_pass() {
    pass_tick_ = shell_.last_tick;
    for (auto& [id, run] : shell_.runs.all()) {
        if (run.quarantined) {
            continue;
        }
        if (run.loaded != nullptr) {
            queue_.push_back(id);
        } else if (!run.audited) {
            run.audited = true;
            away_.push_back(id);
        }
    }
    if (const auto wrong = core::check_invariants(shell_.admission)) {
        report(RunId{}, *wrong);
    }
}

void Auditor::slice() {
    if (shell_.failed) {
        return;
    }
    if (queue_.empty() && pass_tick_ != shell_.last_tick) {
        begin_pass();
    }
    for (std::size_t steps = 0; steps < kStepsPerSlice && in_pass();) {
        auto& queue = queue_.empty() ? away_ : queue_;
        const RunId id = std::move(queue.back());
        queue.pop_back();
        if (auto* run = shell_.runs.find(id); run != nullptr && !run->quarantined) {
            steps += check(*run);
        }
    }
}

std::size_t Auditor::check(RunEntry& run) {
    ++checked_;
    std::size_t steps = 0;
    std::optional<std::string> fault;
    if (run.loaded != nullptr) {
        steps = run.loaded->state.steps.size();
        fault = find_fault(run);
    } else if (run.waiting == nullptr) {
        fault = find_fault_away(run, steps);
        steps += kStepsToRead;
    }
    if (fault) {
        report(run.id, *fault);
    }
    return steps + kStepsPerRun;
}

// What cannot be read is found when something comes for the run: only then does it matter whether it passes.
std::optional<std::string> Auditor::find_fault_away(const RunEntry& run, std::size_t& steps) const {
    const auto stored = shell_.runs.rebuild(run.id, {});
    if (!stored) {
        return is_damage(stored.error()) ? std::optional<std::string>(stored.error().message) : std::nullopt;
    }
    if (!*stored) {
        return "it is not in memory, and its checkpoint is gone";
    }
    const auto& state = (*stored)->state;
    steps = state.steps.size();
    if (auto wrong = core::check_invariants((*stored)->plan->workflow, state)) {
        return wrong;
    }
    const auto index = RunTable::index_of(*(*stored)->plan, state);
    if (index.wake_ms != 0 && run.wake_ms == 0) {
        return "it is not in memory, and no timer would bring it back";
    }
    // A place that was granted while the disk did not give the run back was returned: it asks anew when it is
    // looked at again.
    const bool looks_again = run.wake_ms != 0 && run.wake_ms != index.wake_ms;
    for (const auto step : index.asks) {
        if (!looks_again && !shell_.admission.queued.contains({run.id, step})) {
            return "it is not in memory, and its wish for a place is not queued";
        }
    }
    if (index.moves) {
        return "it is not in memory, and something is owed to it";
    }
    for (StepIndex i = 0; index.children != 0 && !looks_again && i < state.steps.size(); ++i) {
        if (core::waker((*stored)->plan->workflow, state, i) == WakerKind::kChildRun &&
            !has_live_child(state.steps[i].children)) {
            return "it is not in memory, and waits for child runs that are not there";
        }
    }
    return std::nullopt;
}

std::optional<std::string> Auditor::find_fault(const RunEntry& run) const {
    const auto& plan = *run.loaded->plan;
    const auto& state = run.loaded->state;
    if (auto wrong = core::check_invariants(plan.workflow, state)) {
        return wrong;
    }
    if (is_final(state.status)) {
        return std::nullopt;
    }
    for (StepIndex i = 0; i < state.steps.size(); ++i) {
        const auto status = state.steps[i].status;
        const bool live = status == StepStatus::kRunning || status == StepStatus::kWaiting;
        const bool attempt = plan.workflow.step(i).type == StepType::kExecutor;
        if (live && attempt == (status == StepStatus::kRunning)) {
            if (auto missing = missing_claim(shell_, run, i)) {
                return "step \"" + plan.workflow.step(i).id.str() + "\" " + *missing;
            }
        }
        if (!has_waker(run, i)) {
            return "step \"" + plan.workflow.step(i).id.str() + "\" is " +
                   std::string(to_string(state.steps[i].status)) + ", and nothing would move it again";
        }
    }
    return std::nullopt;
}

// Tickets and attempts; timers are armed by absolute time and looked at every second.
bool Auditor::has_waker(const RunEntry& run, StepIndex step) const {
    const auto& plan = *run.loaded->plan;
    const auto& state = run.loaded->state;
    const core::TicketKey key{run.id, step};
    switch (core::waker(plan.workflow, state, step)) {
        case WakerKind::kTicket:
            return !core::takes_places(plan.workflow.step(step)) || shell_.admission.queued.contains(key);
        case WakerKind::kAttempt:
            if (state.steps[step].held && state.steps[step].status != StepStatus::kRunning) {
                return state.redo_live != 0;  // it waits for an attempt of another step of its closure
            }
            return shell_.admission.holders.contains(key) &&
                   (run.loaded->live.contains(step) || RunTable::lacks_executor(plan, state, step));
        case WakerKind::kChildRun:
            return has_live_child(state.steps[step].children) || run.wake_ms != 0;
        default:
            return true;
    }
}

// Or one that is to be started.
bool Auditor::has_live_child(const core::ChildrenState& children) const {
    if (children.next < children.list.size() && children.cancel == CancelReason::kNone) {
        return true;
    }
    return std::any_of(children.list.begin(), children.list.end(), [&](const core::ChildState& child) {
        return !is_final(child.status) && shell_.runs.find(child.spec.run) != nullptr;
    });
}

void Auditor::report(const RunId& run, const std::string& what) {
    ++findings_;
    if (reported_.insert(run).second) {
        shell_.alarm("audit", run, what + " (finding " + std::to_string(findings_) + " since open)");
    }
}

}  // namespace slipway::runtime
