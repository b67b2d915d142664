#include "engine/install/selection.hpp"

#include "engine/app/spelling.hpp"

namespace slipway::lifecycle {
namespace {

Error unknown_component(const AppConfig& config, const std::string& name) {
    std::vector<std::string> names;
    for (const auto& component : config.components) {
        names.push_back(component.name);
    }
    return usage_error(ErrorCode::kNotFound, "the app has no component '" + name + "'",
                       app::did_you_mean(name, names));
}

void add_dependents(Scope& scope, const ComponentGraph& graph, const std::string& of,
                    const std::string& why) {
    for (const auto& name : graph.dependents_of(of)) {
        scope.components.emplace(name, why);
    }
}

void drop_disabled(Scope& scope, const AppConfig& config, const Install& install) {
    for (const auto& component : config.components) {
        if (scope.components.count(component.name) != 0 && !is_enabled(component, install)) {
            scope.components.erase(component.name);
            scope.left_out.push_back({"component " + component.name, "it is switched off for this install"});
        }
    }
}

}  // namespace

bool is_enabled(const Component& component, const Install& install) {
    if (!component.toggleable) {
        return true;
    }
    const auto chosen = install.component_toggles.find(component.name);
    return chosen == install.component_toggles.end() ? component.default_enabled : chosen->second;
}

const Component* find_component(const AppConfig& config, const std::string& name) {
    for (const auto& component : config.components) {
        if (component.name == name) {
            return &component;
        }
    }
    return nullptr;
}

const PartState& component_state(const InstallState& state, const std::string& name) {
    static const PartState kNothing;
    const auto found = state.components.find(name);
    return found == state.components.end() ? kNothing : found->second;
}

Result<Scope> select_all(const AppVersion& version, const Install& install, const ComponentGraph& graph) {
    Scope scope;
    for (const auto& component : version.config.components) {
        scope.components[component.name] = "every component of the app that is switched on is deployed";
    }
    drop_disabled(scope, version.config, install);
    for (const auto& entry : scope.components) {
        for (const auto& before : graph.direct_dependencies(entry.first)) {
            if (scope.components.count(before) == 0) {
                return usage_error(
                    ErrorCode::kRefused,
                    "component " + before + " is switched off, but " + entry.first + " builds on it",
                    "switch " + before + " on or " + entry.first + " off");
            }
        }
    }
    return scope;
}

Result<Scope> select_one(const AppVersion& version, const Install& install, const Request& request,
                         const ComponentGraph& graph) {
    const Component* component = find_component(version.config, request.component);
    if (component == nullptr) {
        return unknown_component(version.config, request.component);
    }
    if (!is_enabled(*component, install)) {
        return usage_error(ErrorCode::kRefused,
                           "component " + component->name + " is switched off for this install",
                           "switch it on first");
    }
    Scope scope;
    scope.components[component->name] = "asked for";
    if (request.with_dependents) {
        add_dependents(scope, graph, component->name,
                       "builds on " + component->name + ", which is deployed anew");
    }
    drop_disabled(scope, version.config, install);
    return scope;
}

Result<Scope> select_present(const AppVersion& version, const InstallState& state) {
    Scope scope;
    for (const auto& component : version.config.components) {
        const PartStatus status = component_state(state, component.name).status;
        if (is_present(status)) {
            scope.components[component.name] = "it is deployed, and what it builds on is removed too";
        } else {
            scope.left_out.push_back({"component " + component.name, status == PartStatus::kRemoved
                                                                         ? "it is removed already"
                                                                         : "it was never deployed"});
        }
    }
    std::string strangers;
    for (const auto& [name, part] : state.components) {
        if (is_present(part.status) && find_component(version.config, name) == nullptr) {
            strangers += (strangers.empty() ? "" : ", ") + name;
        }
    }
    if (!strangers.empty()) {
        return usage_error(ErrorCode::kRefused,
                           "deployed, but not part of the install's version of the app: " + strangers,
                           "pin the version that they were deployed from, and tear down with it");
    }
    scope.sandbox = is_present(state.sandbox.status);
    scope.sandbox_why = "the base of the install goes last";
    if (!scope.sandbox) {
        scope.left_out.push_back({"sandbox", state.sandbox.status == PartStatus::kRemoved
                                                 ? "it is removed already"
                                                 : "it was never deployed"});
    }
    return scope;
}

Result<Scope> select_teardown(const AppVersion& version, const InstallState& state, const Request& request,
                              const ComponentGraph& graph) {
    if (find_component(version.config, request.component) == nullptr) {
        return unknown_component(version.config, request.component);
    }
    Scope scope;
    if (!is_present(component_state(state, request.component).status)) {
        scope.left_out.push_back({"component " + request.component, "it is not deployed"});
        return scope;
    }
    scope.components[request.component] = "asked for";
    std::string blocking;
    for (const auto& name : graph.dependents_of(request.component)) {
        if (is_present(component_state(state, name).status)) {
            blocking += (blocking.empty() ? "" : ", ") + name;
            scope.components[name] = "builds on " + request.component + ", which is removed";
        }
    }
    if (!blocking.empty() && !request.with_dependents) {
        return usage_error(ErrorCode::kRefused,
                           "deployed components build on " + request.component + ": " + blocking,
                           "tear them down first, or ask for the dependents too");
    }
    return scope;
}

Result<void> check_foundations(const Scope& scope, const Install& install, const InstallState& state,
                               const ComponentGraph& graph) {
    std::string missing;
    if (!scope.components.empty() && !scope.sandbox && state.sandbox.status != PartStatus::kActive) {
        missing = "the sandbox";
    }
    for (const auto& entry : scope.components) {
        for (const auto& before : graph.direct_dependencies(entry.first)) {
            if (scope.components.count(before) == 0 &&
                component_state(state, before).status != PartStatus::kActive) {
                missing += (missing.empty() ? "" : ", ") + before + " (for " + entry.first + ")";
            }
        }
    }
    if (missing.empty()) {
        return {};
    }
    return usage_error(ErrorCode::kRefused,
                       "install " + install.name + " lacks what this builds on: " + missing,
                       "provision the install, or deploy these first");
}

}  // namespace slipway::lifecycle
