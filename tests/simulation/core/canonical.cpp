#include <algorithm>

#include "tests/simulation/core/situation.hpp"

namespace search {

namespace {

void put(std::string& out, std::uint64_t value) {
    out.push_back(static_cast<char>(value & 0xffU));
}

bool is_behind_gate(const Workflow& w, StepIndex i) {
    for (StepIndex d : w.dependencies(i)) {
        if (w.step(d).type == StepType::kGate || is_behind_gate(w, d)) {
            return true;
        }
    }
    return false;
}

bool is_over(StepStatus status) {
    return is_settled(status) || status == StepStatus::kFailed || status == StepStatus::kInDoubt ||
           status == StepStatus::kUndoing;
}

void put_step(std::string& out, const StepSpec& spec, const core::StepState& step, const WorldStep& world,
              bool behind_gate) {
    const bool waiting = step.status == StepStatus::kWaiting;
    const bool live = core::has_attempt(step);
    const bool over = is_over(step.status);
    put(out, static_cast<std::uint64_t>(step.status));
    // A new round that the engine asked for keeps the failures of some steps; a gate asks what stands behind
    // it whether it ever started.
    const bool kept = spec.retry_mode == RetryMode::kNewRound;
    put(out, !over ? step.failures : (kept ? std::min(step.failures, spec.retry.attempts_max - 1) : 0U));
    put(out, behind_gate && step.attempt != 0 ? 1U : 0U);
    put(out, step.unmet);
    put(out, (waiting && step.expires_ms != 0 ? 2U : 0U) | (live && step.attempt_deadline_ms != 0 ? 4U : 0U) |
                 (!over && step.step_deadline_ms != 0 ? 8U : 0U) | (live && step.cancel.forced ? 16U : 0U) |
                 (live ? static_cast<std::uint64_t>(step.cancel.reason) << 5U : 0U));
    put(out,
        static_cast<std::uint64_t>(step.status == StepStatus::kSkipped ? step.skip_mode : SkipMode::kGoOn) |
            (waiting ? static_cast<std::uint64_t>(step.wait_kind) << 2U : 0U) |
            (waiting && !step.wait_name.empty() ? 16U : 0U));
    put(out, (over ? 0U : step.resolutions.size()) | (step.held ? 8U : 0U) | (step.missing ? 16U : 0U) |
                 (step.decided ? static_cast<std::uint64_t>(*step.decided) << 5U : 0U));
    put(out, static_cast<std::uint64_t>(world.phase) |
                 (world.phase == Outside::kDone ? static_cast<std::uint64_t>(world.answer) << 2U : 0U) |
                 (world.linked ? 32U : 0U) | (world.asked ? 64U : 0U) |
                 (world.phase != Outside::kIdle && world.fence == step.fence ? 128U : 0U));
    put(out, children_key(step));
    put(out, static_cast<std::uint64_t>(step.undo.phase) | (step.undo.begun ? 4U : 0U) |
                 (step.undo.through ? 8U : 0U) | (step.undo.left ? 16U : 0U) |
                 (step.status == StepStatus::kUndoing ? step.undo.failures << 5U : 0U));
    put(out, world.effects_round == effects_key(step) && !is_settled(step.status) ? world.effects : 0U);
}

/// Everything but the steps' own blocks, with step `i` called `name[i]`.
void put_rest(std::string& out, const Situation& s, const Renaming& name) {
    std::vector<std::string> timers;
    for (const auto& timer : s.timers) {
        if (!stands(s.state, timer)) {
            continue;
        }
        std::string one;
        put(one, timer.step < name.size() ? name[timer.step] : timer.step);
        put(one, static_cast<std::uint64_t>(timer.kind));
        timers.push_back(std::move(one));
    }
    std::sort(timers.begin(), timers.end());
    timers.erase(std::unique(timers.begin(), timers.end()), timers.end());
    for (const auto& one : timers) {
        out += one;
    }
    put(out, 0xff);
    for (const auto& [number, key] : s.admission.queue) {
        put(out, name[key.step]);
    }
    put(out, 0xfe);
    put(out, s.state.redo_root < name.size() ? name[s.state.redo_root] : s.state.redo_root);
}

std::string canonical_as(const Situation& s, const std::vector<std::string>& blocks, const Renaming& name) {
    std::string out;
    put(out, static_cast<std::uint64_t>(s.state.status));
    put(out, (s.state.paused ? 1U : 0U) | (s.state.approve_all ? 2U : 0U) | (s.state.cancel_asked ? 4U : 0U) |
                 (s.state.stop_asked ? 8U : 0U) | (s.state.deadline_ms != 0 ? 16U : 0U) |
                 (s.state.redo_automatic ? 32U : 0U) | (s.state.unwind.asked ? 64U : 0U) |
                 (s.state.unwind.begun ? 128U : 0U));
    std::vector<const std::string*> renamed(blocks.size());
    for (std::size_t i = 0; i < blocks.size(); ++i) {
        renamed[name[i]] = &blocks[i];
    }
    for (const auto* block : renamed) {
        out += *block;
    }
    put_rest(out, s, name);
    return out;
}

}  // namespace

bool stands(const core::RunState& state, const ArmedTimer& timer) {
    if (timer.step >= state.steps.size()) {
        return timer.due_ms == state.deadline_ms;
    }
    const auto& step = state.steps[timer.step];
    switch (timer.kind) {
        case core::TimerKind::kBackOff:
            return (step.status == StepStatus::kBackingOff || step.undo.phase == UndoPhase::kBackingOff) &&
                   timer.due_ms == step.due_ms;
        case core::TimerKind::kWait:
            return step.status == StepStatus::kWaiting && timer.due_ms == step.due_ms;
        case core::TimerKind::kGateExpiry:
            return step.status == StepStatus::kWaiting && timer.due_ms == step.expires_ms;
        case core::TimerKind::kAttemptDeadline:
            return core::has_attempt(step) && timer.due_ms == step.attempt_deadline_ms;
        case core::TimerKind::kStepDeadline:
            return !is_over(step.status) && timer.due_ms == step.step_deadline_ms;
        case core::TimerKind::kCancelEscalation:
            return core::has_attempt(step) && timer.due_ms == step.cancel.due_ms;
        case core::TimerKind::kRunDeadline:
            return timer.due_ms == state.deadline_ms;
    }
    return true;
}

std::string canonical(const Workflow& workflow, const Situation& s, const std::vector<Renaming>& renamings) {
    std::vector<std::string> blocks(workflow.size());
    for (StepIndex i = 0; i < workflow.size(); ++i) {
        put_step(blocks[i], workflow.step(i), s.state.steps[i], s.world[i], is_behind_gate(workflow, i));
        put(blocks[i], s.state.auto_rounds[workflow.section_of(i)]);
    }
    std::string smallest;
    for (const auto& name : renamings) {
        std::string one = canonical_as(s, blocks, name);
        if (smallest.empty() || one < smallest) {
            smallest = std::move(one);
        }
    }
    return smallest;
}

}  // namespace search
