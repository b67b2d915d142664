#include "engine/runtime/auditor.hpp"

namespace slipway::runtime {
namespace {

constexpr std::size_t kRunsPerSlice = 16;

}  // namespace

void Auditor::begin_pass() {
    pass_tick_ = shell_.last_tick;
    for (const auto& [id, run] : shell_.runs.all()) {
        if (run.loaded != nullptr && !run.quarantined) {
            queue_.push_back(id);
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
    if (queue_.empty()) {
        if (pass_tick_ == shell_.last_tick) {
            return;
        }
        begin_pass();
    }
    for (std::size_t n = 0; n < kRunsPerSlice && !queue_.empty(); ++n) {
        const RunId id = std::move(queue_.back());
        queue_.pop_back();
        if (const auto* run = shell_.runs.find(id);
            run != nullptr && run->loaded != nullptr && !run->quarantined) {
            check(*run);
        }
    }
}

void Auditor::check(const RunEntry& run) {
    ++checked_;
    if (auto fault = find_fault(run)) {
        report(run.id, *fault);
    }
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
            return plan.workflow.step(step).type != StepType::kExecutor ||
                   shell_.admission.queued.contains(key);
        case WakerKind::kAttempt:
            if (state.steps[step].held && state.steps[step].status != StepStatus::kRunning) {
                return state.redo_live != 0;  // it waits for an attempt of another step of its closure
            }
            return shell_.admission.holders.contains(key) &&
                   (run.loaded->live.contains(step) || RunTable::lacks_executor(plan, state, step));
        default:
            return true;
    }
}

void Auditor::report(const RunId& run, const std::string& what) {
    ++findings_;
    if (reported_.insert(run).second) {
        shell_.alarm("audit", run, what + " (finding " + std::to_string(findings_) + " since open)");
    }
}

}  // namespace slipway::runtime
