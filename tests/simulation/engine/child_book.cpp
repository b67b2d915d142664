#include "tests/simulation/engine/child_book.hpp"

#include <algorithm>

namespace slipway::simulation {

void ChildBook::note(const RunId& run, const Event& event) {
    if (const auto* asked = std::get_if<ChildrenAsked>(&event.body)) {
        auto& list = asked_[{run, asked->step}];
        list.clear();
        for (const auto& child : asked->children) {
            list.push_back(child.run);
        }
    } else if (const auto* of = std::get_if<ChildOf>(&event.body)) {
        children_[run] = {of->parent, of->parent_step, RunStatus::kRunning};
        fresh_.push_back(run);
    } else if (const auto* finished = std::get_if<RunFinished>(&event.body)) {
        left_.emplace_back(run, kNoStep);
        if (const auto found = children_.find(run); found != children_.end()) {
            found->second.status = finished->status;
        }
    } else if (const auto* ended = std::get_if<ChildEnded>(&event.body)) {
        const auto& child = asked_[{run, ended->step}].at(ended->child);
        told_.push_back({run, child, ended->status, ended->reason});
    } else if (const auto* resolved = std::get_if<WaitResolved>(&event.body)) {
        left_.emplace_back(run, resolved->step);
    } else if (const auto* cancelled = std::get_if<StepCancelled>(&event.body)) {
        left_.emplace_back(run, cancelled->step);
    } else if (const auto* opened = std::get_if<RoundOpened>(&event.body)) {
        for (const auto step : opened->steps) {
            left_.emplace_back(run, step);
        }
    }
}

std::string ChildBook::check_left(const RunId& run, StepIndex step) const {
    for (const auto& [id, child] : children_) {
        const bool here = child.parent == run && (step == kNoStep || child.step == step);
        if (here && !is_final(child.status) && !given_up_.contains(id)) {
            return "run " + run.str() + " went on although child run " + id.str() + " has not ended";
        }
    }
    return {};
}

std::string ChildBook::check_told(const Told& told) const {
    const auto child = children_.find(told.child);
    const bool left =
        child == children_.end() && told.reason.find("not started any more") != std::string::npos;
    const bool never = left || told.reason.find("could not be started") != std::string::npos;
    if (never && told.reason.find("missing") != std::string::npos) {
        return "child run " + told.child.str() + ": " + told.reason;
    }
    const bool known = child != children_.end() && child->second.status == told.status;
    if (!known && !never && !given_up_.contains(told.child)) {
        return "run " + told.parent.str() + " was told that child run " + told.child.str() + " is " +
               std::string(to_string(told.status)) + ", which it is not: " + told.reason;
    }
    return {};
}

std::string ChildBook::check() {
    std::string wrong;
    const auto note = [&](std::string what) { wrong = wrong.empty() ? std::move(what) : wrong; };
    for (const auto& told : told_) {
        note(check_told(told));
    }
    for (const auto& [run, step] : left_) {
        note(check_left(run, step));
    }
    for (const auto& run : fresh_) {
        const auto& child = children_.at(run);
        const auto& list = asked_[{child.parent, child.step}];
        if (std::find(list.begin(), list.end(), run) == list.end()) {
            note("child run " + run.str() + " was started, and nobody asked for it");
        }
    }
    told_.clear();
    left_.clear();
    fresh_.clear();
    return wrong;
}

}  // namespace slipway::simulation
