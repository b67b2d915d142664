// What a change of inputs reaches: whoever reads them, and whoever reads outputs of those.
#include "engine/install/selection.hpp"

namespace slipway::lifecycle {
namespace {

/// The first changed input that is read; empty when none is.
std::string changed_input(const std::vector<Reference>& references, const std::set<std::string>& changed) {
    for (const auto& reference : references) {
        if (reference.kind == ReferenceKind::kInput && changed.count(reference.name) != 0) {
            return reference.name;
        }
    }
    return {};
}

std::string reason(const Component& component, const Scope& scope, const std::set<std::string>& changed) {
    const std::string input = changed_input(component.references, changed);
    if (!input.empty()) {
        return "reads input '" + input + "'";
    }
    for (const auto& reference : component.references) {
        if (reference.kind == ReferenceKind::kSandbox && scope.sandbox) {
            return "the input touches the sandbox";
        }
        if (reference.kind != ReferenceKind::kComponent) {
            continue;
        }
        if (reference.name.empty() ? !scope.components.empty()
                                   : scope.components.count(reference.name) != 0) {
            return "the input touches " + (reference.name.empty() ? "other components" : reference.name);
        }
    }
    return {};
}

}  // namespace

Result<Scope> select_for_inputs(const AppVersion& version, const Install& install, const InstallState& state,
                                const Request& request, const ComponentGraph& graph) {
    Scope scope;
    const std::string of_sandbox = changed_input(version.config.sandbox.references, request.changed_inputs);
    if (!of_sandbox.empty()) {
        scope.sandbox = true;
        scope.sandbox_why = "reads input '" + of_sandbox + "'";
    }
    for (const auto& name : graph.order()) {
        const Component* component = find_component(version.config, name);
        if (component == nullptr) {
            continue;
        }
        std::string why = reason(*component, scope, request.changed_inputs);
        for (const auto& before : graph.direct_dependencies(name)) {
            if (why.empty() && request.with_dependents && scope.components.count(before) != 0) {
                why = "builds on " + before + ", which the input touches";
            }
        }
        if (why.empty()) {
            scope.left_out.push_back({"component " + name, "nothing that it reads has changed"});
        } else if (!is_present(component_state(state, name).status)) {
            scope.left_out.push_back({"component " + name, "it is not deployed"});
        } else if (!is_enabled(*component, install)) {
            scope.left_out.push_back({"component " + name, "it is switched off for this install"});
        } else {
            scope.components[name] = why;
        }
    }
    if (!scope.sandbox) {
        scope.left_out.push_back({"sandbox", "nothing that it reads has changed"});
    } else if (!is_present(state.sandbox.status)) {
        return usage_error(ErrorCode::kRefused, "install " + install.name + " is not provisioned",
                           "the new inputs are kept and will be used by its provision");
    }
    return scope;
}

}  // namespace slipway::lifecycle
