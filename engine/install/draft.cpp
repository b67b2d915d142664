#include "engine/install/draft.hpp"

#include <algorithm>

namespace slipway::lifecycle {
namespace {

json::object reads_object(const Reads& reads) {
    json::object object;
    if (!reads.sandbox.empty()) {
        object["sandbox"] = reads.sandbox;
    }
    if (!reads.components.empty()) {
        object["components"] = to_object(reads.components);
    }
    if (!reads.actions.empty()) {
        json::object actions;
        for (const auto& [name, steps] : reads.actions) {
            actions[name] = json::value_from(steps);
        }
        object["actions"] = std::move(actions);
    }
    return object;
}

Payload write_input(const DraftStep& step) {
    json::object input;
    input["slipway_input"] = 1;
    if (!step.gate.empty()) {
        input["gate"] = step.gate;
    }
    if (!step.input.empty()) {
        input["template"] = step.input;
    }
    if (!step.from.empty()) {
        input["from"] = to_object(step.from);
    }
    if (!step.optional.empty()) {
        input["optional"] = to_object(step.optional);
    }
    if (auto reads = reads_object(step.reads); !reads.empty()) {
        input["reads"] = std::move(reads);
    }
    return {json::serialize(input), false};
}

}  // namespace

std::string id_part(std::string_view text) {
    std::string out;
    for (const char c : text) {
        const bool fits = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                          c == '_' || c == '-';
        out.push_back(fits ? c : '_');
    }
    return out.empty() ? "_" : out;
}

DraftStep& Draft::add(DraftStep step) {
    index_.emplace(step.spec.id.str(), steps_.size());
    steps_.push_back(std::move(step));
    return steps_.back();
}

const std::string& Draft::section_of(const DraftStep& step) const {
    return step.spec.section.empty() ? step.spec.id.str() : step.spec.section;
}

void Draft::depend(const StepId& step, const StepId& on, DependencyKind kind) {
    auto& edges = at(step).spec.depends_on;
    for (auto& edge : edges) {
        if (edge.step == on) {
            edge.kind = std::min(edge.kind, kind);
            return;
        }
    }
    edges.push_back({on, kind});
}

bool Draft::comes_before(const StepId& from, const StepId& to) const {
    const std::string& goal = section_of(steps_[index_.at(from.str())]);
    std::vector<std::string> open{section_of(steps_[index_.at(to.str())])};
    std::set<std::string> seen(open.begin(), open.end());
    while (!open.empty()) {
        const std::string section = open.back();
        open.pop_back();
        if (section == goal) {
            return true;
        }
        for (const auto& step : steps_) {
            if (section_of(step) != section) {
                continue;
            }
            for (const auto& edge : step.spec.depends_on) {
                const std::string& next = section_of(steps_[index_.at(edge.step.str())]);
                if (seen.insert(next).second) {
                    open.push_back(next);
                }
            }
        }
    }
    return false;
}

bool Draft::depend_if_acyclic(const StepId& step, const StepId& on, DependencyKind kind) {
    if (step == on || comes_before(step, on)) {
        return false;
    }
    depend(step, on, kind);
    return true;
}

std::vector<StepSpec> Draft::finish() {
    std::vector<StepSpec> specs;
    for (auto& step : steps_) {
        auto& edges = step.spec.depends_on;
        std::sort(edges.begin(), edges.end(),
                  [](const Dependency& a, const Dependency& b) { return a.step < b.step; });
        step.spec.input = write_input(step);
        specs.push_back(std::move(step.spec));
    }
    steps_.clear();
    index_.clear();
    return specs;
}

}  // namespace slipway::lifecycle
