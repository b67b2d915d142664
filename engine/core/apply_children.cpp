// Events of child runs: of the step that waits for them, and of the run that is one.
#include "engine/core/apply_move.hpp"

namespace slipway::core::detail {
namespace {

Result<void> expect_children(const Applied& a, StepIndex index) {
    if (!waits_for_children(at(a, index))) {
        return misfit(a, ": step \"" + a.workflow.step(index).id.str() + "\" does not wait for child runs");
    }
    return {};
}

}  // namespace

std::vector<ChildResult> take_results(StepState& step) {
    std::vector<ChildResult> results;
    results.reserve(step.children.list.size());
    for (ChildState& child : step.children.list) {
        const bool started = results.size() < step.children.next;
        results.push_back({std::move(child.spec.key), std::move(child.spec.run),
                           started ? child.status : RunStatus::kCancelled,
                           started ? std::move(child.reason) : std::string(kNeverStarted),
                           std::move(child.output)});
    }
    step.children = {};
    return results;
}

Result<void> apply_step_event(const Applied& a, const ChildrenAsked& e) {
    SLIPWAY_CHECK(expect(a, e.step, StepStatus::kRunning));
    return move(a, e.step, StepStatus::kWaiting, [&](StepState& step) {
        step.wait_kind = WaitKind::kChildRuns;
        step.wait_name.clear();
        step.decided.reset();
        step.children = {};
        step.children.join = e.join;
        for (const ChildSpec& spec : e.children) {
            step.children.list.push_back({spec, RunStatus::kRunning, {}, {}});
        }
    });
}

Result<void> apply_step_event(const Applied& a, const ChildrenStarted& e) {
    SLIPWAY_CHECK(expect_children(a, e.step));
    ChildrenState& children = at(a, e.step).children;
    if (e.count > children.list.size() - children.next) {
        return misfit(a, ": there are not that many child runs");
    }
    children.next += e.count;
    return {};
}

Result<void> apply_step_event(const Applied& a, const ChildEnded& e) {
    SLIPWAY_CHECK(expect_children(a, e.step));
    ChildrenState& children = at(a, e.step).children;
    if (e.child >= children.next || is_final(children.list[e.child].status) || !is_final(e.status)) {
        return misfit(a, ": child run " + std::to_string(e.child) + " cannot end now");
    }
    ChildState& child = children.list[e.child];
    child.status = e.status;
    child.reason = e.reason;
    child.output = e.output;
    child.spec.input = {};
    child.spec.labels.clear();
    ++children.ended;
    children.failed += e.status == RunStatus::kSucceeded ? 0 : 1;
    return {};
}

Result<void> apply_step_event(const Applied& a, const ChildrenCancelAsked& e) {
    SLIPWAY_CHECK(expect_children(a, e.step));
    at(a, e.step).children.cancel = e.reason;
    return {};
}

Result<void> apply_run_event(const Applied& a, const ChildOf& e) {
    if (a.state.seq != 1 || e.parent.empty()) {
        return misfit(a, ": it comes behind the start of a run");
    }
    a.state.parent = {e.parent, e.parent_step, e.round, e.child, e.depth};
    return {};
}

}  // namespace slipway::core::detail
