#include "engine/install/step_inputs.hpp"

#include <set>

namespace slipway::lifecycle {
namespace {

json::array var_files(const std::vector<Text>& files) {
    json::array list;
    for (const auto& file : files) {
        json::object entry;
        entry["name"] = "file-" + std::to_string(list.size() + 1) + ".tfvars";
        entry["contents"] = file.value;
        list.emplace_back(std::move(entry));
    }
    return list;
}

void add_source(json::object& input, const AppVersion& version, const std::string& key) {
    const auto found = version.sources.find(key);
    input["source"] = found == version.sources.end() ? std::string{} : found->second.path;
    input["source_digest"] = found == version.sources.end() ? std::string{} : found->second.content;
}

json::object terraform_input(const StringMap& vars, const StringMap& env, const std::vector<Text>& files,
                             const std::string& terraform_version) {
    json::object input;
    input["kind"] = "terraform";
    input["terraform_version"] = terraform_version;
    input["vars"] = to_object(vars);
    input["var_files"] = var_files(files);
    input["env"] = to_object(env);
    input["sensitive_vars"] = json::array{};
    return input;
}

struct PartInput {
    std::string part;
    std::string id;
    std::string mode;
    std::string artifact;
};

void add_part(json::object& input, const AppVersion& version, const Install& install, const PartInput& of) {
    input["install"] = install.id;
    input["part"] = of.part;
    input["state_key"] = install.id + "/" + of.id;
    input["mode"] = of.mode;
    if (!of.artifact.empty()) {
        input["artifact"] = of.artifact;
    }
    input["expected_outputs"] = json::value_from(expected_outputs(version.config, of.part));
}

json::object input_of_type(const ClusterPart& part) {
    const auto& component = part.component;
    const auto& module = component.terraform;
    switch (component.type) {
        case ComponentType::kTerraformModule:
            return terraform_input(module.vars, module.env_vars, module.var_files, module.terraform_version);
        case ComponentType::kHelmChart:
            return helm_input(part);
        case ComponentType::kKubernetesManifest:
            return manifest_input(part);
        case ComponentType::kJob:
            return job_input(part);
        case ComponentType::kContainerImage:
        case ComponentType::kDockerBuild:
            return image_input(part);
        default:
            break;
    }
    json::object input;
    input["kind"] = std::string(to_string(component.type));
    return input;
}

/// A removal from a cluster finds what is there by itself.
bool needs_content(const Component& component, bool destroy) {
    return !destroy || (component.type != ComponentType::kHelmChart &&
                        component.type != ComponentType::kKubernetesManifest);
}

void collect(std::set<std::string>& paths, const std::vector<Reference>& references, ReferenceKind kind,
             const std::string& name) {
    constexpr std::string_view kOutputs = ".outputs.";
    for (const auto& reference : references) {
        if (reference.kind != kind || (kind != ReferenceKind::kSandbox && reference.name != name)) {
            continue;
        }
        const std::size_t at = reference.path.find(kOutputs);
        if (at != std::string::npos) {
            paths.insert(reference.path.substr(at + kOutputs.size()));
        }
    }
}

json::object action_step(const AppVersion& version, const Action& action, const ActionStep& step) {
    json::object entry;
    entry["name"] = step.name;
    if (step.inline_contents.value.empty()) {
        entry["command"] = step.command;
    } else {
        entry["inline_contents"] = step.inline_contents.value;
    }
    entry["env"] = to_object(step.env_vars);
    if (step.repository.kind != RepositoryKind::kNone) {
        add_source(entry, version, action_source_key(action.name, step.name));
    }
    return entry;
}

}  // namespace

ChangeKinds change_kinds(ComponentType type) {
    switch (type) {
        case ComponentType::kTerraformModule:
            return {"terraform.plan", "terraform.apply"};
        case ComponentType::kHelmChart:
            return {"helm.plan", "helm.apply"};
        case ComponentType::kKubernetesManifest:
        case ComponentType::kJob:
            return {"manifest.plan", "manifest.apply"};
        case ComponentType::kDockerBuild:
        case ComponentType::kContainerImage:
            return {"", "image.sync"};
        case ComponentType::kPulumi:
            return {"pulumi.plan", "pulumi.apply"};
    }
    return {};
}

std::string part_id(const std::string& component) {
    for (const std::string_view taken : {"sandbox", "preflight", "action", "component"}) {
        if (component == taken) {
            return "component." + component;
        }
    }
    return component;
}

std::string component_source_key(const std::string& component) {
    return "component." + component;
}

std::string action_source_key(const std::string& action, const std::string& step) {
    return "action." + action + "." + step;
}

std::vector<std::string> expected_outputs(const AppConfig& config, const std::string& part) {
    ReferenceKind kind = ReferenceKind::kSandbox;
    std::string name;
    if (part.starts_with("component.")) {
        kind = ReferenceKind::kComponent;
        name = part.substr(10);
    } else if (part.starts_with("action.")) {
        kind = ReferenceKind::kAction;
        name = part.substr(7);
    }
    std::set<std::string> paths;
    collect(paths, config.sandbox.references, kind, name);
    for (const auto& component : config.components) {
        collect(paths, component.references, kind, name);
    }
    for (const auto& action : config.actions) {
        collect(paths, action.references, kind, name);
    }
    return {paths.begin(), paths.end()};
}

json::object sandbox_input(const AppVersion& version, const Install& install, const std::string& mode,
                           const std::string& artifact) {
    const auto& sandbox = version.config.sandbox;
    json::object input =
        terraform_input(sandbox.vars, sandbox.env_vars, sandbox.var_files, sandbox.terraform_version);
    if (sandbox.type != "terraform") {
        input["kind"] = sandbox.type;
    }
    add_part(input, version, install, {"sandbox", "sandbox", mode, artifact});
    return input;
}

json::object component_input(const AppVersion& version, const ClusterPart& part,
                             const std::string& artifact) {
    const auto& name = part.component.name;
    json::object input = input_of_type(part);
    add_part(input, version, part.install,
             {"component." + name, part_id(name), part.destroy ? "destroy" : "apply",
              needs_content(part.component, part.destroy) ? artifact : std::string{}});
    return input;
}

json::object action_input(const AppVersion& version, const Install& install, const Action& action,
                          const TriggerContext& trigger) {
    json::object env;
    env["TRIGGER_TYPE"] = trigger.type;
    for (const std::string prefix : {"SLIPWAY_", "NUON_"}) {
        env[prefix + "INSTALL_ID"] = install.id;
        env[prefix + "APP_ID"] = install.app;
    }
    env["FLOW_TYPE"] = trigger.workflow;
    env["INSTALL_WORKFLOW_TYPE"] = trigger.workflow;
    if (!trigger.component.empty()) {
        env["COMPONENT_NAME"] = trigger.component;
        env["COMPONENT_ID"] = trigger.component;
    }
    json::object input;
    input["name"] = action.name;
    input["install"] = install.id;
    input["part"] = "action." + action.name;
    input["timeout_ms"] = action.timeout_ms;
    input["retry"] = "never";
    input["env"] = std::move(env);
    json::array steps;
    for (const auto& step : action.steps) {
        steps.emplace_back(action_step(version, action, step));
    }
    input["steps"] = std::move(steps);
    input["expected_outputs"] = json::value_from(expected_outputs(version.config, "action." + action.name));
    return input;
}

std::vector<NeededSource> needed_sources(const AppConfig& config) {
    std::vector<NeededSource> needed;
    const auto add = [&](std::string key, const Repository& repository) {
        if (repository.kind == RepositoryKind::kPublic || repository.kind == RepositoryKind::kConnected) {
            needed.push_back({std::move(key), repository});
        }
    };
    add("sandbox", config.sandbox.repository);
    for (const auto& component : config.components) {
        add(component_source_key(component.name), component.repository);
    }
    for (const auto& action : config.actions) {
        for (const auto& step : action.steps) {
            add(action_source_key(action.name, step.name), step.repository);
        }
    }
    return needed;
}

}  // namespace slipway::lifecycle
