#include "engine/install/cluster_inputs.hpp"

#include <algorithm>

#include "engine/install/build_parts.hpp"
#include "slipway/lifecycle/cluster.hpp"
#include "slipway/lifecycle/templates.hpp"

namespace slipway::lifecycle {
namespace {

constexpr std::size_t kNameMax = 40;
constexpr DurationMs kTimeoutMs = 300'000;  // where the app names none
constexpr DurationMs kTimeoutLeastMs = 30'000;
constexpr DurationMs kSlackMs = 60'000;  // of a step's time, for everything but the waiting

/// What was deployed of it says where: it has to be looked for there.
std::string deployed_text(const PartState& deployed, const std::string& output) {
    const auto found = deployed.outputs.find(output);
    if (found == deployed.outputs.end()) {
        return {};
    }
    boost::system::error_code failed;
    const json::value value = json::parse(found->second.json, failed);
    return !failed && value.is_string() ? std::string(value.get_string()) : std::string{};
}

json::object cluster_part(const ClusterPart& part, const std::string& kind) {
    const auto& component = part.component;
    json::object cluster;
    cluster["install"] = part.install.id;
    cluster["context"] =
        component.kubernetes_context.empty() ? std::string(kSandboxContext) : component.kubernetes_context;
    json::object input;
    input["kind"] = kind;
    input["cluster"] = std::move(cluster);
    input["owner"] = part.install.id + "." + component.name;
    input["timeout_ms"] = component.deploy_timeout_ms <= 0
                              ? kTimeoutMs
                              : std::max(kTimeoutLeastMs, component.deploy_timeout_ms - kSlackMs);
    return input;
}

/// `wanted` may be a template. A removal goes where it was deployed to; a deploy elsewhere is refused by its
/// plan.
void add_place(json::object& input, const ClusterPart& part, const std::string& member,
               const std::string& wanted) {
    const std::string was = deployed_text(part.deployed, member);
    input[member] = part.destroy && !was.empty() ? was : wanted;
    if (!part.destroy && !was.empty()) {
        object_at(input, "deployed")[member] = was;
    }
}

json::array values_files(const std::vector<Text>& files) {
    json::array list;
    for (const auto& file : files) {
        json::object entry;
        entry["name"] = file.location.empty() ? "values-" + std::to_string(list.size() + 1) : file.location;
        entry["contents"] = file.value;
        list.emplace_back(std::move(entry));
    }
    return list;
}

json::object pod_of(const Component& component) {
    json::object container;
    container["name"] = "main";
    container["image"] = component.job.image_url + (component.job.tag.empty() ? "" : ":" + component.job.tag);
    if (!component.job.command.empty()) {
        container["command"] = json::value_from(component.job.command);
    }
    if (!component.job.arguments.empty()) {
        container["args"] = json::value_from(component.job.arguments);
    }
    json::array env;
    for (const auto& [name, value] : component.job.env_vars) {
        json::object entry;
        entry["name"] = name;
        entry["value"] = value;
        env.emplace_back(std::move(entry));
    }
    if (!env.empty()) {
        container["env"] = std::move(env);
    }
    json::object spec;
    spec["restartPolicy"] = "Never";
    spec["containers"] = json::array{std::move(container)};
    return spec;
}

}  // namespace

std::string kubernetes_name(const std::string& component) {
    std::string name = component.substr(0, kNameMax);
    std::replace(name.begin(), name.end(), '_', '-');
    const bool alike = name == component && name.front() != '-' && name.back() != '-';
    return alike ? name : "c" + name + "-" + sha256(component).hex().substr(0, 6);
}

std::string release_of(const Component& component) {
    return component.helm.chart_name.empty() ? kubernetes_name(component.name) : component.helm.chart_name;
}

json::object helm_input(const ClusterPart& part) {
    const auto& helm = part.component.helm;
    json::object input = cluster_part(part, "helm");
    add_place(input, part, "release", release_of(part.component));
    add_place(input, part, "namespace",
              helm.kubernetes_namespace.empty() ? part.install.id : helm.kubernetes_namespace);
    input["storage_driver"] = helm.storage_driver;
    if (part.destroy) {
        return input;
    }
    input["take_ownership"] = helm.take_ownership;
    boost::system::error_code failed;
    json::value values = json::parse(helm.values_json, failed);
    input["values"] = !failed && values.is_object() ? std::move(values) : json::object{};
    input["values_files"] = values_files(helm.values_files);
    if (!per_install_reason(part.component).empty()) {
        const auto& repository = part.component.repository;
        json::object& chart = object_at(input, "helm_repo");
        chart["repo_url"] = repository.repo;
        chart["chart"] = repository.chart;
        chart["version"] = repository.version;
    }
    return input;
}

json::object manifest_input(const ClusterPart& part) {
    const auto& manifest = part.component.manifest;
    json::object input = cluster_part(part, "manifest");
    input["component"] = kubernetes_name(part.component.name);
    add_place(input, part, "namespace",
              manifest.kubernetes_namespace.empty() ? part.install.id : manifest.kubernetes_namespace);
    if (!part.destroy && !manifest.kustomize) {
        // Of the text with its templates, as it was built: what is applied is that artifact's and no other's.
        input["manifest_sha256"] = sha256(manifest.manifest.value).hex();
        if (is_template(manifest.manifest.value)) {
            input["manifest"] = manifest.manifest.value;
        }
    }
    return input;
}

json::object job_input(const ClusterPart& part) {
    json::object input = cluster_part(part, "manifest");
    input["component"] = kubernetes_name(part.component.name);
    add_place(input, part, "namespace", part.install.id);
    if (part.destroy) {
        return input;
    }
    json::object job;
    job["apiVersion"] = "batch/v1";
    job["kind"] = "Job";
    object_at(job, "metadata")["generateName"] = kubernetes_name(part.component.name) + "-";
    object_at(job, "spec")["backoffLimit"] = 0;
    object_at(job, "spec.template")["spec"] = pod_of(part.component);
    input["objects"] = json::array{std::move(job)};
    return input;
}

json::object image_input(const ClusterPart& part) {
    const auto& component = part.component;
    json::object input;
    input["kind"] = "image";
    input["type"] = std::string(to_string(component.type));
    input["component"] = kubernetes_name(component.name);
    if (component.type == ComponentType::kContainerImage) {
        input["repository"] = component.image.image_url;
        input["tag"] = component.image.tag;
    }
    if (!part.install.settings.image_registry.empty()) {
        input["registry"] = part.install.settings.image_registry;
    }
    return input;
}

}  // namespace slipway::lifecycle
