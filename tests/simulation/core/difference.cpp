#include "tests/simulation/core/model.hpp"

namespace search {

namespace {

std::optional<std::string> step_difference(const core::StepState& a, const core::StepState& b) {
    if (a.status != b.status) {
        return std::string(to_string(a.status)) + " / " + std::string(to_string(b.status));
    }
    if (a.round != b.round || a.attempt != b.attempt || a.fence != b.fence) {
        return "round, attempt or fence";
    }
    if (a.failures != b.failures || a.unmet != b.unmet) {
        return "failures or unmet";
    }
    if (!(a.cancel == b.cancel)) {
        return "cancel";
    }
    if (a.due_ms != b.due_ms || a.expires_ms != b.expires_ms) {
        return "due or expires";
    }
    if (a.attempt_deadline_ms != b.attempt_deadline_ms || a.step_deadline_ms != b.step_deadline_ms) {
        return "deadlines";
    }
    if (a.since_ms != b.since_ms) {
        return "since";
    }
    if (a.held != b.held || a.missing != b.missing) {
        return "held or missing";
    }
    if (a.decided != b.decided || !(a.shown == b.shown)) {
        return "the gate's decision";
    }
    return a == b ? std::nullopt : std::optional<std::string>("another field");
}

}  // namespace

std::optional<std::string> first_difference(const core::RunState& a, const core::RunState& b) {
    for (std::size_t i = 0; i < a.steps.size() && i < b.steps.size(); ++i) {
        if (auto off = step_difference(a.steps[i], b.steps[i])) {
            return "step " + std::to_string(i) + ": " + *off;
        }
    }
    if (a.status != b.status) {
        return std::string(to_string(a.status)) + " / " + std::string(to_string(b.status));
    }
    if (a.seq != b.seq) {
        return "seq";
    }
    if (a.reason != b.reason) {
        return "reason";
    }
    if (a.counts != b.counts) {
        return "counts";
    }
    if (a.auto_rounds != b.auto_rounds || a.redo_root != b.redo_root || a.redo_why != b.redo_why) {
        return "rounds";
    }
    return a == b ? std::nullopt : std::optional<std::string>("another field of the run");
}

}  // namespace search
