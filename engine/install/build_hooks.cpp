// Actions as steps: by hand, around a stage, around a component.
#include <algorithm>

#include "engine/install/builder.hpp"

namespace slipway::lifecycle {
namespace {

/// The first trigger of an action that fits; null when none does.
const ActionTrigger* fitting(const Action& action, const std::string& trigger, const std::string& component) {
    for (const auto& candidate : action.triggers) {
        if (candidate.type == trigger && candidate.component_name == component) {
            return &candidate;
        }
    }
    return nullptr;
}

}  // namespace

std::vector<const Action*> Builder::triggered(const std::string& trigger,
                                              const std::string& component) const {
    std::vector<std::pair<std::int64_t, const Action*>> found;
    for (const auto& action : version_.config.actions) {
        if (const auto* fits = fitting(action, trigger, component)) {
            found.emplace_back(fits->index, &action);
        }
    }
    std::stable_sort(found.begin(), found.end(), [](const auto& a, const auto& b) {
        return a.first != b.first ? a.first < b.first : a.second->name < b.second->name;
    });
    std::vector<const Action*> actions;
    actions.reserve(found.size());
    for (const auto& entry : found) {
        actions.push_back(entry.second);
    }
    return actions;
}

StepId Builder::add_action(const Action& action, const TriggerContext& trigger, const std::string& why) {
    std::string id = "action.";
    if (trigger.type != "manual") {
        id += id_part(trigger.type) + ".";
    }
    if (!trigger.component.empty()) {
        id += id_part(trigger.component) + ".";
    }
    id += id_part(action.name);

    DraftStep run;
    run.spec.id = StepId{id};
    run.spec.kind = "action";
    run.spec.section = id;
    run.spec.title =
        "Run action " + action.name + (trigger.type == "manual" ? "" : " (" + trigger.type + ")");
    run.spec.why = why;
    run.spec.on_failure = FailurePolicy::kGoOn;
    run.spec.attempt_timeout_ms = action.timeout_ms == 0 ? 0 : action.timeout_ms + 60'000;
    run.spec.labels = {{"install", install_.name}, {"action", action.name}};
    if (!trigger.component.empty()) {
        run.spec.labels["component"] = trigger.component;
    }
    run.input = action_input(version_, install_, action, trigger);
    run.references = action.references;
    draft_.add(run);

    DraftStep save;
    save.spec.id = StepId{id + ".outputs"};
    save.spec.kind = "outputs.save";
    save.spec.section = id;
    save.spec.title = "Keep the outputs of action " + action.name;
    save.spec.why = "what it found is shown with the install, and others may read it";
    save.spec.on_failure = FailurePolicy::kGoOn;
    save.spec.skippable = false;
    save.spec.labels = run.spec.labels;
    save.input["install"] = install_.id;
    save.input["part"] = "action." + action.name;
    save.input["status"] = std::string(to_string(PartStatus::kActive));
    save.input["version"] = version_.digest.hex();
    save.from["result"] = id;
    draft_.add(save);
    draft_.depend(save.spec.id, run.spec.id, DependencyKind::kData);
    actions_[action.name].push_back(save.spec.id);
    return run.spec.id;
}

Block Builder::hooks(const std::string& trigger, const std::string& component) {
    Block block;
    for (const Action* action : triggered(trigger, component)) {
        std::string why = "the app runs it " + trigger;
        if (!component.empty()) {
            why += " of " + component;
        }
        const StepId run = add_action(*action, {trigger, component, workflow_}, why);
        if (block.empty()) {
            block.entries = {run};
        } else {
            draft_.depend(run, block.exits.front(), DependencyKind::kOrder);
        }
        block.exits = {StepId{run.str() + ".outputs"}};
    }
    return block;
}

void Builder::lifecycle_hooks(const std::string& trigger) {
    then(hooks(trigger, {}));
}

void Builder::manual_action(const Action& action) {
    const StepId run = add_action(action, {"manual", {}, workflow_}, "asked for by hand");
    then({{run}, {StepId{run.str() + ".outputs"}}});
}

}  // namespace slipway::lifecycle
