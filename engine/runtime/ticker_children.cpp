// Child runs within a tick: a child's start, its end, and what its parent wants of it ride in one commit with
// the parent's own events, so that no crash can come between them.
#include <set>
#include <utility>

#include "engine/core/counters.hpp"
#include "engine/runtime/checks.hpp"
#include "engine/runtime/ticker.hpp"

namespace slipway::runtime {
namespace {

constexpr std::uint32_t kDepthMax = 32;

core::ChildReported report_of(const ChildSpec& spec, StepIndex step, std::uint32_t number, const Plan& plan,
                              const core::RunState& child) {
    core::ChildReported report{step, number, child.run, child.status, child.reason, {}};
    const auto result = plan.workflow.find(spec.result);
    if (result && child.steps[*result].status == StepStatus::kSucceeded) {
        report.output = child.steps[*result].output;
    }
    return report;
}

core::ChildReported not_started(const ChildSpec& spec, StepIndex step, std::uint32_t child,
                                const Error& why) {
    return {step, child, spec.run, RunStatus::kFailed, "it could not be started: " + why.message, {}};
}

/// The child runs of this step that are under way, by their place.
std::vector<std::uint32_t> live_children(const core::ChildrenState& children) {
    std::vector<std::uint32_t> live;
    for (std::uint32_t i = 0; i < children.next; ++i) {
        if (!is_final(children.list[i].status)) {
            live.push_back(i);
        }
    }
    return live;
}

WaitFor* children_of(Outcome& outcome) {
    auto* wait = std::get_if<WaitFor>(&outcome);
    return wait != nullptr && wait->kind == WaitKind::kChildRuns ? wait : nullptr;
}

Outcome* outcome_of(core::Input& input) {
    if (auto* report = std::get_if<core::AttemptReported>(&input)) {
        return &report->outcome;
    }
    auto* reconciled = std::get_if<core::AttemptReconciled>(&input);
    auto* finished = reconciled != nullptr ? std::get_if<Finished>(&reconciled->verdict) : nullptr;
    return finished != nullptr ? &finished->outcome : nullptr;
}

}  // namespace

// They are in the same commit as the wait: a child that is started much later finds its workflow in the
// store.
void Ticker::keep_child_workflows(core::Input& input) {
    auto* outcome = outcome_of(input);
    const auto* wait = outcome != nullptr ? children_of(*outcome) : nullptr;
    if (wait == nullptr) {
        return;
    }
    std::set<Digest> seen;
    for (const auto& child : wait->children) {
        if (child.workflow.empty() || !seen.insert(child.workflow.digest()).second) {
            continue;
        }
        if (auto kept = keep_workflow(child.workflow); !kept) {
            StepFailure failure;
            failure.failure_class = FailureClass::kAuthoring;
            failure.message = "child run \"" + child.key + "\": " + kept.error().message;
            *outcome = Failed{std::move(failure)};
            return;
        }
        new_plans_.push_back(shell_.registry.plan(child.workflow));
    }
}

bool Ticker::work_off_children(RunEntry& run, const core::Command& command) {
    if (const auto* start = std::get_if<core::StartChild>(&command)) {
        start_child(run, start->step, start->child);
    } else if (const auto* cancel = std::get_if<core::CancelChildren>(&command)) {
        cancel_children(run, cancel->step);
    } else if (const auto* pause = std::get_if<core::PauseChildren>(&command)) {
        tell_children(run, pause->step, pause->on ? OperatorAct(PauseRun{}) : OperatorAct(ResumeRun{}));
    } else if (const auto* check = std::get_if<core::CheckChildren>(&command)) {
        check_children(run, check->step);
    } else {
        return false;
    }
    return true;
}

void Ticker::start_child(RunEntry& parent, StepIndex step, std::uint32_t child) {
    const auto& children = parent.loaded->state.steps[step].children;
    if (child >= children.list.size()) {
        return;  // what it waited for is decided already
    }
    const auto spec = children.list[child].spec;
    if (auto begun = begin_child(parent, step, child); !begun) {
        static_cast<void>(feed(parent, not_started(spec, step, child, begun.error())));
    }
}

Result<void> Ticker::begin_child(RunEntry& parent, StepIndex step, std::uint32_t child) {
    const auto& state = parent.loaded->state;
    const auto& spec = state.steps[step].children.list[child].spec;
    SLIPWAY_TRY(const auto plan, shell_.runs.plan(spec.workflow));
    core::StartRun start;
    start.request.run = spec.run;
    start.request.workflow = plan->workflow;
    start.request.input = spec.input;
    start.request.labels = spec.labels;
    start.request.tenant = state.tenant;
    start.request.priority = state.priority;
    start.by = state.started_by;
    start.child_of = {parent.id, step, state.steps[step].round, child, state.parent.depth + 1};
    if (start.child_of.depth > kDepthMax) {
        return usage_error(ErrorCode::kLimit, "child runs may stand in each other at most " +
                                                  std::to_string(kDepthMax) + " deep");
    }
    SLIPWAY_CHECK(check_start(start.request, shell_.services->sealer != nullptr));
    if (!shell_.registry.knows_resolver(plan->workflow.spec().resolver)) {
        return usage_error(
            ErrorCode::kInvalidArgument,
            "its workflow names the resolver " + plan->workflow.spec().resolver + ", which is not there");
    }
    if (auto* known = shell_.runs.find(spec.run)) {
        if (known->quarantined) {
            return usage_error(ErrorCode::kRefused, "a run of this id is quarantined");
        }
        SLIPWAY_CHECK(load(*known));
        return adopt_child(parent, start, known->loaded->state);
    }
    SLIPWAY_TRY(const auto stored, shell_.runs.rebuild(spec.run, {}));
    if (stored) {
        return adopt_child(parent, start, stored->state);
    }
    SLIPWAY_CHECK(begin_run(start));
    return {};
}

// The same key was used before in this round: the run is there, and may have ended.
Result<void> Ticker::adopt_child(RunEntry& parent, const core::StartRun& start, const core::RunState& known) {
    SLIPWAY_CHECK(same_start(start, known, known.workflow));
    const auto& of = start.child_of;
    if (known.parent.run != of.parent || known.parent.step != of.parent_step) {
        return usage_error(ErrorCode::kConflict, "there is a run of this id that is not its child");
    }
    if (is_final(known.status)) {
        SLIPWAY_TRY(const auto plan, shell_.runs.plan(known.workflow));
        const auto& spec = parent.loaded->state.steps[of.parent_step].children.list[of.child].spec;
        static_cast<void>(feed(parent, report_of(spec, of.parent_step, of.child, *plan, known)));
    }
    return {};
}

// One that has ended, or is being cancelled already, refuses; that is as good.
void Ticker::tell_children(const RunEntry& run, StepIndex step, const OperatorAct& act) {
    static const Principal kParent{"parent run", {}};
    std::vector<RunId> ids;
    const auto& children = run.loaded->state.steps[step].children;
    for (const auto i : live_children(children)) {
        ids.push_back(children.list[i].spec.run);
    }
    for (const auto& id : ids) {
        auto* child = shell_.runs.find(id);
        if (child == nullptr || child->quarantined) {
            continue;
        }
        if (load(*child)) {
            static_cast<void>(feed(*child, core::Operate{act, kParent}));
        } else {
            child->told = true;
        }
    }
}

/// It could not be read when its parent asked something of it. After a crash the parent asks by itself.
void Ticker::ask_parent_again(RunEntry& child) {
    if (!std::exchange(child.told, false)) {
        return;
    }
    const auto& of = child.loaded->state.parent;
    auto* parent = shell_.runs.find(of.run);
    if (parent == nullptr || parent->quarantined || !load(*parent)) {
        return;  // it asks when it can be read
    }
    const auto& state = parent->loaded->state;
    if (of.step < state.steps.size() && core::waits_for_children(state.steps[of.step])) {
        work_.push_back({parent, core::CheckChildren{of.step}, false});
    }
}

void Ticker::cancel_children(const RunEntry& run, StepIndex step) {
    const auto reason = run.loaded->state.steps[step].children.cancel;
    const std::string note = "asked for by run \"" + run.id.str() + "\"";
    if (reason == CancelReason::kNone) {
        return;
    }
    tell_children(
        run, step,
        reason == CancelReason::kRunUnwound ? OperatorAct(UndoRun{note}) : OperatorAct(CancelRun{note}));
}

void Ticker::check_children(RunEntry& run, StepIndex step) {
    cancel_children(run, step);
    const auto children = run.loaded->state.steps[step].children;  // what is fed changes it
    for (const auto i : live_children(children)) {
        const auto& spec = children.list[i].spec;
        if (const auto* child = shell_.runs.find(spec.run)) {
            if (child->loaded != nullptr && !child->quarantined && is_final(child->loaded->state.status)) {
                static_cast<void>(
                    feed(run, report_of(spec, step, i, *child->loaded->plan, child->loaded->state)));
            }
            continue;
        }
        auto stored = shell_.runs.rebuild(spec.run, {});
        if (stored && *stored) {
            static_cast<void>(feed(run, report_of(spec, step, i, *(*stored)->plan, (*stored)->state)));
        } else if (stored || is_damage(stored.error())) {
            const std::string why = stored ? "its record is gone" : stored.error().message;
            static_cast<void>(feed(run, core::ChildReported{step, i, spec.run, RunStatus::kFailed, why, {}}));
        }
    }
    static_cast<void>(feed(run, core::ChildrenDue{step}));
}

// A parent that cannot be read now asks for its children when it is (CheckChildren).
void Ticker::tell_parent(const RunEntry& run) {
    const auto& state = run.loaded->state;
    auto* parent = state.parent.run.empty() ? nullptr : shell_.runs.find(state.parent.run);
    if (parent == nullptr || parent->quarantined || !load(*parent)) {
        return;
    }
    const auto& steps = parent->loaded->state.steps;
    const auto& of = state.parent;
    if (of.step >= steps.size() || of.child >= steps[of.step].children.list.size()) {
        return;  // it does not wait for it any more
    }
    const auto spec = steps[of.step].children.list[of.child].spec;
    static_cast<void>(feed(*parent, report_of(spec, of.step, of.child, *run.loaded->plan, state)));
}

// Nothing of a damaged run may be believed: whoever it says its parent is has to know of it.
void Ticker::report_given_up(const RunId& child) {
    const auto* known = shell_.runs.find(child);
    const bool says = known != nullptr && known->loaded != nullptr && known->loaded->plan != nullptr;
    auto* named = says ? shell_.runs.find(known->loaded->state.parent.run) : nullptr;
    if (named != nullptr && !named->quarantined && load(*named) && report_given_up_to(*named, child)) {
        return;
    }
    std::vector<RunEntry*> waiting;
    for (auto& [id, run] : shell_.runs.all()) {
        const bool waits = run.loaded != nullptr ? run.loaded->state.child_waits != 0 : run.above != nullptr;
        if (waits && !run.quarantined) {
            waiting.push_back(&run);
        }
    }
    for (auto* run : waiting) {
        if (load(*run) && report_given_up_to(*run, child)) {
            return;
        }
    }
}

bool Ticker::report_given_up_to(RunEntry& parent, const RunId& child) {
    const auto& steps = parent.loaded->state.steps;
    for (StepIndex step = 0; step < steps.size(); ++step) {
        for (const auto i : live_children(steps[step].children)) {
            if (steps[step].children.list[i].spec.run == child) {
                core::ChildReported report{step, i, child, RunStatus::kFailed, {}, {}};
                report.reason = "given up: part of its record is damaged";
                static_cast<void>(feed(parent, report));
                return true;
            }
        }
    }
    return false;
}

}  // namespace slipway::runtime
