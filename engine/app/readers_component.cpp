// The table of each type of component.
#include "engine/app/readers.hpp"

namespace slipway::app {

using namespace lifecycle;

namespace {

std::string json_or(const TomlValue* value, const char* fallback) {
    return value != nullptr ? to_json(*value) : std::string(fallback);
}

std::vector<std::string> texts_of(const TomlValue* list) {
    std::vector<std::string> out;
    if (list == nullptr) {
        return out;
    }
    for (const auto& item : list->items) {
        out.push_back(scalar_text(item));
    }
    return out;
}

HelmChart read_chart(const TomlValue& root, const Sources& sources) {
    HelmChart out;
    out.chart_name = root.string_at("chart_name");
    out.values_json = json_or(root.find("values"), "{}");
    out.values_files = read_files(root, "values_file", sources);
    out.kubernetes_namespace = root.string_at("namespace");
    if (const std::string driver = root.string_at("storage_driver"); !driver.empty()) {
        out.storage_driver = driver;
    }
    out.take_ownership = root.bool_at("take_ownership", false);
    return out;
}

KubernetesManifest read_manifest(const TomlValue& root, const Sources& sources) {
    KubernetesManifest out;
    out.kubernetes_namespace = root.string_at("namespace");
    out.manifest = read_text(root.find("manifest"), sources);
    const TomlValue* table = root.find("kustomize");
    if (table == nullptr || table->kind != TomlKind::kTable) {
        return out;
    }
    Kustomize& kustomize = out.kustomize.emplace();
    kustomize.path = table->string_at("path");
    kustomize.patches = texts_of(table->find("patches"));
    kustomize.enable_helm = table->bool_at("enable_helm", false);
    if (const std::string restrictor = table->string_at("load_restrictor"); !restrictor.empty()) {
        kustomize.load_restrictor = restrictor;
    }
    return out;
}

ContainerImage read_image(const TomlValue& root) {
    ContainerImage out;
    for (const auto* registry : {"public", "aws_ecr", "gcp_gar", "azure_acr"}) {
        const TomlValue* table = root.find(registry);
        if (table == nullptr || table->kind != TomlKind::kTable || !out.registry.empty()) {
            continue;
        }
        out.registry = registry;
        out.image_url = table->string_at("image_url");
        out.tag = table->string_at("tag");
        out.settings = read_map(table);
    }
    return out;
}

JobImage read_job(const TomlValue& root) {
    return {root.string_at("image_url"), root.string_at("tag"), read_strings(root.find("cmd")),
            read_strings(root.find("args")), read_map(root.find("env_vars"))};
}

}  // namespace

PulumiProgram read_pulumi(const TomlValue& root, std::string_view config_key) {
    return {root.string_at("runtime"), root.string_at("pulumi_version"), read_map(root.find(config_key)),
            read_map(root.find("env_vars"))};
}

std::vector<OperationRole> read_operation_roles(const TomlValue& root) {
    std::vector<OperationRole> out;
    for_each_table(root.find("operation_roles"), [&](const TomlValue& role) {
        out.push_back({role.string_at("operation"), role.string_at("role")});
    });
    return out;
}

HealthRules read_health(const TomlValue& root) {
    HealthRules out;
    const TomlValue* table = root.find("health");
    if (table == nullptr || table->kind != TomlKind::kTable) {
        return out;
    }
    out.enabled = table->bool_at("enabled", true);
    out.stabilization_window_ms = read_duration(*table, "stabilization_window", out.stabilization_window_ms);
    out.block_deploy = table->bool_at("block_deploy", false);
    out.required_checks = read_strings(table->find("required_checks"));
    for_each_table(table->find("probes"), [&](const TomlValue& probe) {
        out.probes.push_back({probe.string_at("type"), probe.string_at("name"), probe.string_at("url"),
                              read_strings(probe.find("command"))});
    });
    return out;
}

void read_type_table(const TomlValue& root, const Sources& sources, Component& out) {
    switch (out.type) {
        case ComponentType::kTerraformModule:
            out.terraform = {root.string_at("terraform_version"), read_map(root.find("vars")),
                             read_map(root.find("env_vars")), read_files(root, "var_file", sources)};
            return;
        case ComponentType::kHelmChart:
            out.helm = read_chart(root, sources);
            return;
        case ComponentType::kKubernetesManifest:
            out.manifest = read_manifest(root, sources);
            return;
        case ComponentType::kDockerBuild:
            out.docker = {root.string_at("dockerfile"), root.string_at("target"),
                          read_map(root.find("build_args")), read_map(root.find("env_vars"))};
            return;
        case ComponentType::kContainerImage:
            out.image = read_image(root);
            return;
        case ComponentType::kPulumi:
            out.pulumi = read_pulumi(root, "config");
            return;
        case ComponentType::kJob:
            out.job = read_job(root);
            return;
    }
}

}  // namespace slipway::app
