#include <algorithm>

#include "tests/simulation/core/situation.hpp"

namespace search {

namespace {

void put(std::string& out, std::uint64_t value) {
    out.push_back(static_cast<char>(value & 0xffU));
}

void put_step(std::string& out, const core::StepState& step, const WorldStep& world) {
    put(out, static_cast<std::uint64_t>(step.status));
    put(out, step.failures);
    put(out, step.unmet);
    put(out, (step.due_ms != 0 ? 1U : 0U) | (step.expires_ms != 0 ? 2U : 0U) |
                 (step.attempt_deadline_ms != 0 ? 4U : 0U) | (step.step_deadline_ms != 0 ? 8U : 0U) |
                 (step.cancel.forced ? 16U : 0U));
    put(out, static_cast<std::uint64_t>(step.cancel.reason));
    put(out, static_cast<std::uint64_t>(step.skip_mode) | (static_cast<std::uint64_t>(step.wait_kind) << 2U) |
                 (step.wait_name.empty() ? 0U : 16U));
    put(out, step.resolutions.size() | (step.held ? 8U : 0U) | (step.missing ? 16U : 0U) |
                 (step.decided ? static_cast<std::uint64_t>(*step.decided) << 5U : 0U));
    put(out, static_cast<std::uint64_t>(step.failure.failure_class));
    put(out, static_cast<std::uint64_t>(world.phase) | (static_cast<std::uint64_t>(world.answer) << 2U) |
                 (world.linked ? 32U : 0U) | (world.asked ? 64U : 0U) |
                 (world.fence == step.fence ? 128U : 0U));
    put(out, world.effects_round == step.round ? world.effects : 0U);
}

}  // namespace

std::string canonical(const Workflow& workflow, const Situation& s) {
    std::string out;
    out.reserve(16 + s.state.steps.size() * 16);
    put(out, static_cast<std::uint64_t>(s.state.status));
    put(out, (s.state.paused ? 1U : 0U) | (s.state.approve_all ? 2U : 0U) | (s.state.cancel_asked ? 4U : 0U) |
                 (s.state.stop_asked ? 8U : 0U) | (s.state.deadline_ms != 0 ? 16U : 0U) |
                 (s.state.redo_automatic ? 32U : 0U));
    put(out, s.state.redo_root);
    for (auto rounds : s.state.auto_rounds) {
        put(out, rounds);
    }
    for (StepIndex i = 0; i < workflow.size(); ++i) {
        put_step(out, s.state.steps[i], s.world[i]);
    }
    std::vector<std::string> timers;
    for (const auto& timer : s.timers) {
        std::string one;
        put(one, timer.step);
        put(one, static_cast<std::uint64_t>(timer.kind));
        timers.push_back(std::move(one));
    }
    std::sort(timers.begin(), timers.end());
    timers.erase(std::unique(timers.begin(), timers.end()), timers.end());
    for (const auto& one : timers) {
        out += one;
    }
    put(out, 0xff);
    for (const auto& [key, number] : s.admission.holders) {
        put(out, key.step);
    }
    put(out, 0xfe);
    for (const auto& [number, key] : s.admission.queue) {
        put(out, key.step);
    }
    return out;
}

}  // namespace search
