#include "slipway/inspect.hpp"

#include "engine/core/apply.hpp"
#include "engine/core/decide.hpp"
#include "engine/core/view.hpp"

namespace slipway {
namespace {

constexpr std::size_t kPage = 1000;
constexpr std::size_t kShownMax = 200;

/// The host's copy of a workflow has no sensitive inputs, so its digest may be another.
void adapt(Event& event, const Workflow& workflow) {
    if (auto* started = std::get_if<RunStarted>(&event.body)) {
        started->workflow = workflow.digest();
    }
}

std::string shown(const Payload& payload) {
    return payload.bytes.size() <= kShownMax ? payload.bytes
                                             : payload.bytes.substr(0, kShownMax) + "... (" +
                                                   std::to_string(payload.bytes.size()) + " bytes)";
}

std::string failure_of(const StepView& step) {
    return step.failure ? std::string(to_string(step.failure->failure_class)) + ": " + step.failure->message
                        : std::string();
}

class Comparison {
public:
    void note(const StepId& step, const char* aspect, std::string one, std::string other) {
        if (one != other) {
            found_.push_back({step, aspect, std::move(one), std::move(other)});
        }
    }
    void note(const StepId& step, const char* aspect, const Payload& one, const Payload& other) {
        if (!one.sensitive && !other.sensitive && one.bytes != other.bytes) {
            found_.push_back({step, aspect, shown(one), shown(other)});
        }
    }
    std::vector<Difference> take() { return std::move(found_); }

private:
    std::vector<Difference> found_;
};

/// Of what was asked for, as far as it is no secret.
bool is_defined_alike(const StepSpec& one, const StepSpec& other) {
    auto a = one;
    auto b = other;
    if (a.input.sensitive || b.input.sensitive) {
        a.input = b.input = {};
    }
    return a == b;
}

const StepView* find(const RunView& view, const StepId& step) {
    const auto index = view.workflow.empty() ? std::nullopt : view.workflow.find(step);
    return index && *index < view.steps.size() ? &view.steps[*index] : nullptr;
}

void compare_steps(const RunView& one, const StepView& a, const RunView& other, const StepView& b,
                   Comparison& out) {
    out.note(a.id, "kind", a.kind, b.kind);
    const auto in_one = one.workflow.find(a.id);
    const auto in_other = other.workflow.find(a.id);
    if (in_one && in_other && !is_defined_alike(one.workflow.step(*in_one), other.workflow.step(*in_other))) {
        out.note(a.id, "definition", "as in " + one.summary.run.str(), "as in " + other.summary.run.str());
    }
    out.note(a.id, "status", std::string(to_string(a.status)), std::string(to_string(b.status)));
    out.note(a.id, "round", std::to_string(a.round), std::to_string(b.round));
    out.note(a.id, "attempt", std::to_string(a.attempt), std::to_string(b.attempt));
    out.note(a.id, "output", a.output, b.output);
    out.note(a.id, "failure", failure_of(a), failure_of(b));
}

}  // namespace

Result<RunView> view_at(Engine& engine, const RunId& run, EventSeq seq) {
    SLIPWAY_TRY(auto now, engine.view(run));
    core::RunState state;
    for (EventSeq next = 1; next <= seq;) {
        SLIPWAY_TRY(auto events, engine.history(run, next, std::min<std::size_t>(kPage, seq - next + 1)));
        if (events.empty()) {
            break;
        }
        for (auto& event : events) {
            adapt(event, now.workflow);
            SLIPWAY_CHECK(core::apply(now.workflow, state, event));
        }
        next = state.seq + 1;
    }
    if (seq == 0 || state.seq != seq) {
        return usage_error(ErrorCode::kNotFound, "run " + run.str() + " has " + std::to_string(now.seq) +
                                                     " events, and none of number " + std::to_string(seq));
    }
    auto view = core::view_run(now.workflow, state);
    view.summary.quarantined = now.summary.quarantined;
    view.workflow = now.workflow;
    return view;
}

std::vector<Difference> compare(const RunView& one, const RunView& other) {
    Comparison out;
    const StepId whole;
    out.note(whole, "workflow", one.summary.workflow_digest.hex(), other.summary.workflow_digest.hex());
    out.note(whole, "input", one.input, other.input);
    out.note(whole, "status", std::string(to_string(one.summary.status)),
             std::string(to_string(other.summary.status)));
    for (const auto& step : one.steps) {
        if (const auto* same = find(other, step.id)) {
            compare_steps(one, step, other, *same, out);
        } else {
            out.note(step.id, "step", std::string(to_string(step.status)), "");
        }
    }
    for (const auto& step : other.steps) {
        if (find(one, step.id) == nullptr) {
            out.note(step.id, "step", "", std::string(to_string(step.status)));
        }
    }
    return out.take();
}

}  // namespace slipway
