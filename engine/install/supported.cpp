// What cannot be carried out here is refused before anything is touched, all of it at once.
#include "engine/install/build_parts.hpp"
#include "engine/install/selection.hpp"

namespace slipway::lifecycle {
namespace {

void check_component(const Component& component, const Request& request,
                     std::vector<std::string>& unsupported, std::vector<std::string>& missing) {
    if (component.type == ComponentType::kPulumi || component.type == ComponentType::kJob) {
        unsupported.push_back("component " + component.name + " is of type " +
                              std::string(to_string(component.type)));
        return;
    }
    for (const auto& file : component.terraform.var_files) {
        if (file.pending) {
            unsupported.push_back("component " + component.name + " takes a file from " + file.location);
        }
    }
    if (is_built(component) && request.artifacts.count(part_id(component.name)) == 0) {
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
        const bool image = change_kinds(component.type).plan.empty() && component.type != ComponentType::kJob;
        if (scope.components.count(component.name) != 0 && !(destroy && image)) {
            check_component(component, request, unsupported, missing);
        }
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
