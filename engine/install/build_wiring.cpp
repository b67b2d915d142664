// How blocks come after each other, and where each step finds what it reads.
#include <algorithm>

#include "engine/install/builder.hpp"

namespace slipway::lifecycle {

void Builder::then(const Block& block) {
    if (block.empty()) {
        return;
    }
    for (const auto& entry : block.entries) {
        for (const auto& before : frontier_) {
            draft_.depend(entry, before, DependencyKind::kOrder);
        }
    }
    frontier_ = block.exits;
}

void Builder::preflight() {
    DraftStep step;
    step.spec.id = StepId{"preflight"};
    step.spec.kind = "preflight";
    step.spec.title = "Check tools and account";
    step.spec.why = "nothing is touched before everything that the workflow needs was found";
    step.spec.skippable = false;
    step.spec.labels = {{"install", install_.name}};
    step.input["install"] = install_.id;
    step.input["workflow"] = workflow_;
    step.input["version"] = version_.digest.hex();
    const StepId id = step.spec.id;
    draft_.add(std::move(step));
    then({{id}, {id}});
}

std::vector<std::string> Builder::nearest_before(const std::string& name, const Selection& selection,
                                                 Direction direction) const {
    const auto all_before = [&](const std::string& of) {
        return direction == Direction::kDeploy ? graph_.dependencies_of(of) : graph_.dependents_of(of);
    };
    std::vector<std::string> before;
    for (auto& other : all_before(name)) {
        if (selection.count(other) != 0) {
            before.push_back(std::move(other));
        }
    }
    std::set<std::string> further;
    for (const auto& other : before) {
        for (auto& far : all_before(other)) {
            further.insert(std::move(far));
        }
    }
    const auto declared =
        direction == Direction::kDeploy ? graph_.direct_dependencies(name) : graph_.direct_dependents(name);
    std::vector<std::string> nearest;
    for (const auto& other : before) {
        const bool direct = std::find(declared.begin(), declared.end(), other) != declared.end();
        if (direct || further.count(other) == 0) {
            nearest.push_back(other);
        }
    }
    return nearest;
}

void Builder::components(const Selection& selection, Direction direction) {
    const std::vector<StepId> stage = frontier_;
    std::set<std::string> inner;
    const auto order = direction == Direction::kDeploy ? graph_.order() : graph_.reverse_order();
    std::map<std::string, ComponentBlock> built;
    for (const auto& name : order) {
        const auto selected = selection.find(name);
        const auto found = std::find_if(version_.config.components.begin(), version_.config.components.end(),
                                        [&](const Component& c) { return c.name == name; });
        if (selected == selection.end() || found == version_.config.components.end()) {
            continue;
        }
        const ComponentBlock block = component(*found, selected->second, direction);
        const auto before = nearest_before(name, selection, direction);
        for (const auto& entry : block.block.entries) {
            for (const auto& other : before) {
                draft_.depend(entry, built.at(other).last, DependencyKind::kOrder);
                if (!built.at(other).post_hook.empty()) {
                    after_hook_.emplace_back(entry, built.at(other).post_hook);
                }
            }
            for (const auto& step : before.empty() ? stage : std::vector<StepId>{}) {
                draft_.depend(entry, step, DependencyKind::kOrder);
            }
        }
        for (const auto& other : before) {
            inner.insert(other);
        }
        built.emplace(name, block);
    }
    // What comes after the stage waits for the last components and for every hook; the others stand before
    // these.
    std::vector<StepId> exits;
    for (const auto& [name, block] : built) {
        if (inner.count(name) == 0 || !block.post_hook.empty()) {
            exits.insert(exits.end(), block.block.exits.begin(), block.block.exits.end());
        }
    }
    if (!exits.empty()) {
        frontier_ = exits;
    }
    if (direction == Direction::kDeploy) {
        deployed_.insert(built.begin(), built.end());
    }
}

void Builder::link_reference(DraftStep& step, const Reference& reference) {
    const StepId id = step.spec.id;
    if (reference.kind == ReferenceKind::kSandbox && sandbox_deployed_ && step.part != "sandbox") {
        const StepId outputs{"sandbox.outputs"};
        if (draft_.depend_if_acyclic(id, outputs, DependencyKind::kData)) {
            draft_.at(id).reads.sandbox = outputs.str();
        }
    }
    if (reference.kind == ReferenceKind::kComponent) {
        for (const auto& [name, block] : deployed_) {
            const bool named = reference.name == name;
            const bool all = reference.name.empty() && draft_.comes_before(block.last, id);
            if ((named || all) && step.part != "component." + name &&
                draft_.depend_if_acyclic(id, block.last, DependencyKind::kData)) {
                draft_.at(id).reads.components[name] = block.last.str();
                if (named && !reference.alias.empty()) {
                    draft_.at(id).reads.components[reference.alias] = block.last.str();
                }
            }
        }
    }
    if (reference.kind == ReferenceKind::kAction) {
        for (const auto& outputs : actions_[reference.name]) {
            auto& list = draft_.at(id).reads.actions[reference.name];
            const bool known = std::find(list.begin(), list.end(), outputs.str()) != list.end();
            if (!known && outputs.str() != id.str() + ".outputs" &&
                draft_.depend_if_acyclic(id, outputs, DependencyKind::kData)) {
                list.push_back(outputs.str());
            }
        }
        if (draft_.at(id).reads.actions[reference.name].empty()) {
            draft_.at(id).reads.actions.erase(reference.name);
        }
    }
}

namespace {

/// "; reads outputs of a, b and c", or nothing.
std::string what_is_read(const Reads& reads) {
    std::vector<std::string> names;
    for (const auto& entry : reads.components) {
        names.push_back(entry.first);
    }
    for (const auto& entry : reads.actions) {
        names.push_back("action " + entry.first);
    }
    if (!reads.sandbox.empty()) {
        names.emplace_back("the sandbox");
    }
    std::string text;
    for (std::size_t i = 0; i < names.size(); ++i) {
        text += (i == 0 ? "; reads outputs of " : i + 1 == names.size() ? " and " : ", ") + names[i];
    }
    return text;
}

}  // namespace

void Builder::link_reads() {
    for (auto& step : draft_.steps()) {
        for (const auto& reference : step.references) {
            link_reference(step, reference);
        }
        step.spec.why += what_is_read(step.reads);
    }
    // An apply renders what its plan rendered, and the plan stands before it: no edges of its own are needed.
    for (auto& step : draft_.steps()) {
        const auto plan = step.from.find("plan");
        if (plan != step.from.end()) {
            step.reads = draft_.at(StepId{plan->second}).reads;
        }
    }
}

void Builder::link_post_hooks() {
    for (const auto& [step, hook] : after_hook_) {
        draft_.depend_if_acyclic(step, hook, DependencyKind::kOrder);
    }
}

WorkflowSpec Builder::finish() {
    link_reads();
    link_post_hooks();
    if (draft_.has("preflight")) {
        json::array tools;
        for (const auto& tool : tools_) {
            json::object need;
            const std::size_t blank = tool.find(' ');
            need["name"] = tool.substr(0, blank);
            need["version"] = tool.substr(blank + 1);
            tools.emplace_back(std::move(need));
        }
        draft_.at(StepId{"preflight"}).input["tools"] = std::move(tools);
    }
    WorkflowSpec spec;
    spec.name = workflow_;
    spec.resolver = std::string(kLifecycleResolver);
    spec.labels = {{"app", install_.app},
                   {"install", install_.name},
                   {"install_id", install_.id},
                   {"version", version_.digest.hex()},
                   {"workflow", workflow_}};
    spec.steps = draft_.finish();
    return spec;
}

}  // namespace slipway::lifecycle
