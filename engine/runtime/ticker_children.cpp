// Child runs within a tick: a child's start, its end, and what its parent wants of it ride in one commit with
// the parent's own events, so that no crash can come between them.
#include <algorithm>
#include <set>
#include <utility>

#include "engine/core/counters.hpp"
#include "engine/runtime/checks.hpp"
#include "engine/runtime/children.hpp"
#include "engine/runtime/ticker.hpp"

namespace slipway::runtime {
namespace {

constexpr std::uint32_t kDepthMax = 32;
constexpr DurationMs kLookAgain = 10'000;

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
    return {step, child, spec.run, RunStatus::kFailed, "it could not be started: " + why.message, {}, false};
}

/// The disk does not answer, or a key is not there: later it may.
bool may_pass(const Error& why) {
    return why.error_class == ErrorClass::kEnvironment && !is_damage(why) && why.code != ErrorCode::kRefused;
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
    const auto begun = begin_child(parent, step, child);
    if (!begun && may_pass(begun.error())) {
        look_again(parent);
    } else if (!begun) {
        static_cast<void>(feed(parent, not_started(spec, step, child, begun.error())));
    }
}

/// Its parent counts it as started, and it is in no table and no store. Start and count are one commit, and
/// nothing lets go of it before its parent: so it never began, as the disk did not answer.
void Ticker::start_or_leave(RunEntry& parent, StepIndex step, std::uint32_t child) {
    const auto& children = parent.loaded->state.steps[step].children;
    if (child >= children.list.size() || is_to_start(parent, step, child)) {
        return;
    }
    if (children.cancel == CancelReason::kNone) {
        start_child(parent, step, child);
        return;
    }
    const core::ChildReported never{
        step, child, children.list[child].spec.run, RunStatus::kCancelled, std::string(core::kNeverStarted),
        {},   false};
    static_cast<void>(feed(parent, never));
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
    // One that is older than its parent had another one of the same name.
    if (known.parent.run != of.parent || known.parent.step != of.parent_step ||
        known.started_ms < parent.loaded->state.started_ms) {
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
            static_cast<void>(feed(*child, core::Operate{act, by_parent()}));
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
    if (of.step >= state.steps.size() || !core::waits_for_children(state.steps[of.step])) {
        return;
    }
    work_.push_back({parent, core::CheckChildren{of.step}, false});
    if (state.paused != child.loaded->state.paused) {
        const auto act = state.paused ? OperatorAct(PauseRun{}) : OperatorAct(ResumeRun{});
        static_cast<void>(feed(child, core::Operate{act, by_parent()}));
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
        } else if (stored) {
            start_or_leave(run, step, i);
        } else if (is_damage(stored.error())) {
            const core::ChildReported lost{step, i, spec.run, RunStatus::kFailed, stored.error().message, {}};
            static_cast<void>(feed(run, lost));
        } else {
            look_again(run);
        }
    }
    static_cast<void>(feed(run, core::ChildrenDue{step}));
}

/// At a run that could not be read, or at child runs of this one.
void Ticker::look_again(RunEntry& run) {
    run.wake_ms = now_ + kLookAgain;
    shell_.timers.arm({run.wake_ms, run.id, std::nullopt});
}

/// Of which one has ended and could not be read then.
void Ticker::look_for_children(RunEntry& run) {
    run.wake_ms = 0;
    touch(run);
    const auto& steps = run.loaded->state.steps;
    for (StepIndex step = 0; step < steps.size(); ++step) {
        if (core::waits_for_children(steps[step])) {
            work_.push_back({&run, core::CheckChildren{step}, false});
        }
    }
    settle();
}

/// In this tick.
bool Ticker::is_to_start(const RunEntry& parent, StepIndex step, std::uint32_t child) const {
    return std::any_of(work_.begin(), work_.end(), [&](const Work& work) {
        const auto* start = std::get_if<core::StartChild>(&work.command);
        return start != nullptr && work.run == &parent && start->step == step && start->child == child;
    });
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

}  // namespace slipway::runtime
