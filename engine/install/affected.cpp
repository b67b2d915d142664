// What a change of inputs reaches: whoever reads them, and whoever reads outputs of those.
#include "engine/install/selection.hpp"

namespace slipway::lifecycle {
namespace {

/// All inputs, or something that holds them, as a whole: any of them may be meant.
bool reads_every_input(const Reference& reference) {
    return reference.name.empty() &&
           (reference.kind == ReferenceKind::kInput || reference.kind == ReferenceKind::kInstall);
}

/// Why a change of these inputs reaches who reads this; empty when it does not.
std::string input_reason(const std::vector<Reference>& references, const std::set<std::string>& changed) {
    std::string why;
    for (const auto& reference : references) {
        if (reference.kind == ReferenceKind::kInput && changed.count(reference.name) != 0) {
            return "reads input '" + reference.name + "'";
        }
        if (reads_every_input(reference) && !changed.empty()) {
            why = "may read any input";
        }
    }
    return why;
}

std::string reason(const Component& component, const Scope& scope, const std::set<std::string>& changed) {
    std::string why = input_reason(component.references, changed);
    if (!why.empty()) {
        return why;
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
    scope.sandbox_why = input_reason(version.config.sandbox.references, request.changed_inputs);
    scope.sandbox = !scope.sandbox_why.empty();
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
