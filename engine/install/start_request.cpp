// What the engine is asked to start: the workflow, and a snapshot of the state as the run's input.
#include <algorithm>

#include "engine/install/json.hpp"
#include "slipway/lifecycle/generate.hpp"

namespace slipway::lifecycle {
namespace {

/// A stand-in for a value that only a real account could tell; its shape is guessed from its name.
json::value made_up(const std::string& install, const std::string& path) {
    const std::string leaf = path.substr(path.rfind('.') + 1);
    const std::string value = leaf + "-" + sha256(install + "/" + path).hex().substr(0, 8);
    if (leaf.ends_with("_arns")) {
        return json::object{};
    }
    if (leaf.ends_with("_ids") || leaf.ends_with("_subnets") || leaf.ends_with("_zones")) {
        return json::array{json::value(value + "-a"), json::value(value + "-b")};
    }
    return json::value(value);
}

bool may_be_made_up(ReferenceKind kind) {
    switch (kind) {
        case ReferenceKind::kSecret:
        case ReferenceKind::kInstallStack:
        case ReferenceKind::kInstall:
        case ReferenceKind::kAction:
        case ReferenceKind::kOther:
            return true;
        default:
            return false;
    }
}

void make_up(json::object& root, const std::string& install, const std::string& path) {
    const std::size_t dot = path.rfind('.');
    json::object* at = &root;
    std::string_view parents(path);
    parents = dot == std::string::npos ? std::string_view{} : parents.substr(0, dot);
    while (!parents.empty()) {
        const std::size_t next = parents.find('.');
        json::value& member = (*at)[parents.substr(0, next)];
        if (member.is_null()) {
            member.emplace_object();
        }
        if (!member.is_object()) {
            return;
        }
        at = &member.get_object();
        parents = next == std::string_view::npos ? std::string_view{} : parents.substr(next + 1);
    }
    const std::string leaf = dot == std::string::npos ? path : path.substr(dot + 1);
    if (!at->contains(leaf)) {
        (*at)[leaf] = made_up(install, path);
    }
}

std::vector<std::string> paths_to_make_up(const AppConfig& config) {
    std::vector<std::string> paths;
    const auto add = [&](const std::vector<Reference>& references) {
        for (const auto& reference : references) {
            const std::size_t root = reference.path.find('.');
            if (may_be_made_up(reference.kind) && root != std::string::npos) {
                paths.push_back(reference.path.substr(root + 1));
            }
        }
    };
    add(config.sandbox.references);
    for (const auto& component : config.components) {
        add(component.references);
    }
    for (const auto& action : config.actions) {
        add(action.references);
    }
    // Longer paths first: what has members must not become a plain value.
    std::sort(paths.begin(), paths.end(), [](const std::string& a, const std::string& b) {
        return a.size() != b.size() ? a.size() > b.size() : a < b;
    });
    return paths;
}

json::object action_inputs(const AppVersion& version, const Request& request) {
    json::object inputs;
    for (const auto& action : version.config.actions) {
        if (action.name != request.action) {
            continue;
        }
        for (const auto& input : action.inputs) {
            inputs[input.name] = input.default_value.value_or("");
        }
    }
    for (const auto& [name, value] : request.action_inputs) {
        inputs[name] = value;
    }
    json::object action;
    action["inputs"] = std::move(inputs);
    return action;
}

}  // namespace

Result<StartRequest> start_request(RunId run, const Generated& generated, const AppVersion& version,
                                   const Install& install, const InstallState& state,
                                   const Request& request) {
    StartRequest start;
    start.run = std::move(run);
    SLIPWAY_TRY(start.workflow, Workflow::build(generated.spec));
    const StateDocument document = state_document(version, install, state);
    SLIPWAY_TRY(json::object snapshot, parse_object(document.json, "the install's state"));
    if (request.simulate) {
        for (const auto& path : paths_to_make_up(version.config)) {
            make_up(object_at(snapshot, "nuon"), install.id, path);
        }
    }
    json::object input;
    input["format"] = 1;
    input["install"] = install.id;
    input["version"] = version.digest.hex();
    input["state"] = std::move(snapshot);
    input["sensitive"] = json::value_from(document.sensitive);
    if (request.kind == RequestKind::kActionRun) {
        input["action"] = action_inputs(version, request);
    }
    if (!request.action_env.empty()) {
        input["action_env"] = to_object(request.action_env);
    }
    // Nobody has said whether what is given by hand may be seen.
    const bool sensitive = !document.sensitive.empty() || !request.action_env.empty();
    start.input = {json::serialize(input), sensitive};
    start.labels = generated.spec.labels;
    if (request.simulate) {
        start.labels["simulated"] = "true";
    }
    start.approve_all = install.approval_option == "approve-all";
    return start;
}

}  // namespace slipway::lifecycle
