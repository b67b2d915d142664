// A quarantined run is given up: its child runs first, then its places, and whoever started it is told.
#include <set>

#include "engine/runtime/children.hpp"
#include "engine/runtime/ticker.hpp"

namespace slipway::runtime {

Result<void> Ticker::release(const RunId& run) {
    now_ = shell_.now();
    for (const auto& key : core::tickets_of(shell_.admission, run)) {
        give_back(key);
    }
    report_given_up(run);
    settle();
    return finish_tick();
}

/// Child runs act under what their parent holds: as long as one does, the parent keeps it. They are asked to
/// end.
Result<void> Ticker::end_children_of(const RunEntry& parent) {
    now_ = shell_.now();
    for (const auto& child : children_of_quarantined(parent)) {
        auto* run = shell_.runs.find(child);
        if (!run->quarantined && load(*run)) {
            const CancelRun cancel{"run \"" + parent.id.str() + "\", which started it, is given up"};
            static_cast<void>(feed(*run, core::Operate{cancel, by_parent()}));
        }
    }
    settle();
    SLIPWAY_CHECK(finish_tick());
    std::string live;
    for (const auto& child : children_of_quarantined(parent)) {
        const auto* run = shell_.runs.find(child);
        if (run->quarantined || run->loaded == nullptr || !is_final(run->loaded->state.status)) {
            live += (live.empty() ? "\"" : ", \"") + child.str() + "\"";
        }
    }
    if (live.empty()) {
        return {};
    }
    return usage_error(
        ErrorCode::kRefused, "child runs of \"" + parent.id.str() + "\" act under what it holds: " + live,
        "they were asked to end; release it when they have, and those first that are quarantined");
}

std::vector<RunId> Ticker::children_of_quarantined(const RunEntry& parent) const {
    std::set<RunId> children;
    for (const auto& [id, run] : shell_.runs.all()) {
        if (parent_of(run) == parent.id) {
            children.insert(id);
        }
    }
    for (const auto& step :
         parent.loaded != nullptr ? parent.loaded->state.steps : std::vector<core::StepState>{}) {
        for (const auto i : live_children(step.children)) {
            if (shell_.runs.find(step.children.list[i].spec.run) != nullptr) {
                children.insert(step.children.list[i].spec.run);
            }
        }
    }
    return {children.begin(), children.end()};
}

// Nothing of a damaged run may be believed: whoever it says its parent is has to know of it.
void Ticker::report_given_up(const RunId& child) {
    const auto* known = shell_.runs.find(child);
    auto* named = known != nullptr ? shell_.runs.find(parent_of(*known)) : nullptr;
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
