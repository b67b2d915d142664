// What cannot be carried out here is refused before anything is touched, all of it at once.
#include "engine/install/build_parts.hpp"
#include "engine/install/selection.hpp"

namespace slipway::lifecycle {
namespace {

/// Two components that are one release would take turns in undoing each other.
void check_releases(const Scope& scope, const AppVersion& version, std::vector<std::string>& unsupported) {
    std::map<std::pair<std::string, std::string>, std::string> taken;
    for (const auto& component : version.config.components) {
        if (component.type != ComponentType::kHelmChart || scope.components.count(component.name) == 0) {
            continue;
        }
        const auto& place = component.helm.kubernetes_namespace;
        const auto [other, fresh] = taken.insert(
            {{release_of(component) + "\n" + component.kubernetes_context, place}, component.name});
        if (!fresh) {
            unsupported.push_back("components " + other->second + " and " + component.name +
                                  " are one release, " + release_of(component) +
                                  ": one of them needs another chart_name or namespace");
        }
    }
}

/// A removal from a cluster finds what is there by itself.
bool needs_build(const Component& component, bool destroy) {
    const bool in_cluster =
        component.type == ComponentType::kHelmChart || component.type == ComponentType::kKubernetesManifest;
    return is_built(component) && !(destroy && in_cluster);
}

void check_component(const Component& component, const Request& request, bool destroy,
                     std::vector<std::string>& unsupported, std::vector<std::string>& missing) {
    if (component.type == ComponentType::kPulumi) {
        unsupported.push_back("component " + component.name + " is of type " +
                              std::string(to_string(component.type)));
        return;
    }
    for (const auto& file : component.terraform.var_files) {
        if (file.pending) {
            unsupported.push_back("component " + component.name + " takes a file from " + file.location);
        }
    }
    if (needs_build(component, destroy) && request.artifacts.count(part_id(component.name)) == 0) {
        missing.push_back("component " + component.name);
    }
}

std::string join(const std::vector<std::string>& parts, std::string_view between) {
    std::string text;
    for (const auto& part : parts) {
        text += (text.empty() ? std::string{} : std::string(between)) + part;
    }
    return text;
}

}  // namespace

Result<void> check_supported(const Scope& scope, const AppVersion& version, const Request& request,
                             bool destroy) {
    std::vector<std::string> unsupported;
    std::vector<std::string> missing;
    if (scope.sandbox) {
        if (version.config.sandbox.type != "terraform") {
            unsupported.push_back("the sandbox is of type " + version.config.sandbox.type);
        } else if (request.artifacts.count(kSandboxPart) == 0) {
            missing.emplace_back("the sandbox");
        }
    }
    for (const auto& component : version.config.components) {
        const bool image = change_kinds(component.type).plan.empty();
        if (scope.components.count(component.name) != 0 && !(destroy && image)) {
            check_component(component, request, destroy, unsupported, missing);
        }
    }
    if (!destroy) {
        check_releases(scope, version, unsupported);
    }
    if (!unsupported.empty()) {
        return Error{ErrorClass::kUsage, ErrorCode::kUnsupported,
                     "cannot be carried out here: " + join(unsupported, "; "),
                     "simulate it to see the workflow"};
    }
    if (!missing.empty()) {
        return usage_error(ErrorCode::kRefused,
                           "not built for version " + version.digest.hex().substr(0, 12) + " of " +
                               version.app + ": " + join(missing, ", "),
                           "build it first: slipway build --synced " + version.app + " --ref " +
                               version.digest.hex().substr(0, 12));
    }
    return {};
}

}  // namespace slipway::lifecycle
