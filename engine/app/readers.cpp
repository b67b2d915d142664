#include "engine/app/readers.hpp"

#include <algorithm>

#include "engine/app/checks.hpp"

namespace slipway::app {

using namespace lifecycle;

StringMap read_map(const TomlValue* table) {
    StringMap out;
    if (table == nullptr) {
        return out;
    }
    if (table->kind == TomlKind::kArray) {  // [[inputs]] tables are merged
        for (const auto& item : table->items) {
            for (auto& [key, value] : read_map(&item)) {
                out[key] = value;
            }
        }
    }
    for (const auto& member : table->members) {
        out[member.key] = scalar_text(member.value);
    }
    return out;
}

Text read_text(const TomlValue* value, const Sources& sources) {
    Text out;
    if (value == nullptr || value->kind != TomlKind::kString) {
        return out;
    }
    if (!value->pending) {
        out.value = value->text;
    }
    out.location = value->location;
    out.pending = value->pending;
    out.place = place_of(sources, value->inlined ? value->at : spot_in_string(sources, *value, 0));
    return out;
}

Repository read_repository(const TomlValue& table, const Sources& sources, std::string_view prefix) {
    Repository out;
    const auto fill = [&](std::string_view key, RepositoryKind kind) {
        const TomlValue* repo = table.find(std::string(prefix).append(key));
        if (repo == nullptr || repo->kind != TomlKind::kTable || out.kind != RepositoryKind::kNone) {
            return;
        }
        out.kind = kind;
        out.repo = repo->string_at(kind == RepositoryKind::kHelm ? "repo_url" : "repo");
        out.directory = repo->string_at("directory");
        out.ref = repo->string_at("branch");
        out.chart = repo->string_at("chart");
        out.version = repo->string_at("version");
        out.place = place_of(sources, repo->at);
    };
    fill("public_repo", RepositoryKind::kPublic);
    fill("connected_repo", RepositoryKind::kConnected);
    fill("helm_repo", RepositoryKind::kHelm);
    return out;
}

std::vector<Text> read_files(const TomlValue& table, std::string_view key, const Sources& sources) {
    std::vector<Text> out;
    const TomlValue* value = table.find(key);
    if (value == nullptr) {
        return out;
    }
    const auto add = [&](const TomlValue& one) {
        for (const auto* name : {"contents", "path", "source"}) {
            if (const TomlValue* contents = one.find(name)) {
                out.push_back(read_text(contents, sources));
                return;
            }
        }
    };
    if (value->kind == TomlKind::kTable) {
        add(*value);
    }
    for (const auto& item : value->items) {
        add(item);
    }
    return out;
}

std::vector<std::string> read_strings(const TomlValue* list) {
    std::vector<std::string> out;
    if (list == nullptr) {
        return out;
    }
    for (const auto& item : list->items) {
        if (item.kind == TomlKind::kString) {
            out.push_back(item.text);
        }
    }
    return out;
}

std::int64_t read_duration(const TomlValue& table, std::string_view key, std::int64_t fallback) {
    const std::string text = table.string_at(key);
    return text.empty() ? fallback : parse_duration(text).value_or(fallback);
}

namespace {

std::uint32_t count_at(const TomlValue& table, std::string_view key) {
    return static_cast<std::uint32_t>(std::clamp<std::int64_t>(table.integer_at(key), 0, 1'000'000));
}

void read_sandbox(const AppDocument& document, const Sources& sources, Sandbox& out) {
    const TomlValue& root = document.root;
    if (const std::string type = root.string_at("type"); !type.empty()) {
        out.type = type;
    }
    out.terraform_version = root.string_at("terraform_version");
    out.repository = read_repository(root, sources);
    out.vars = read_map(root.find("vars"));
    out.env_vars = read_map(root.find("env_vars"));
    out.var_files = read_files(root, "var_file", sources);
    out.drift_schedule = root.string_at("drift_schedule");
    out.max_auto_retries = count_at(root, "max_auto_retries");
    out.skip_noops = root.bool_at("skip_noops", false);
    out.auto_approve_on_policies_passing = root.bool_at("auto_approve_on_policies_passing", false);
    out.operation_roles = read_operation_roles(root);
    out.pulumi = read_pulumi(root, "pulumi_config");
    out.raw_json = to_json(root);
    out.place = place_of(sources, root.at);
}

Input read_input(const TomlValue& table, const Sources& sources) {
    Input out;
    out.name = table.string_at("name");
    out.display_name = table.string_at("display_name");
    out.description = table.string_at("description");
    out.group = table.string_at("group");
    if (const std::string type = table.string_at("type"); !type.empty()) {
        out.type = type;
    }
    if (const TomlValue* value = table.find("default")) {
        out.default_value = scalar_text(*value);
    }
    out.required = table.bool_at("required", false);
    out.sensitive = table.bool_at("sensitive", false);
    out.user_configurable = table.bool_at("user_configurable", false);
    const TomlValue* name = table.find("name");
    out.place = place_of(sources, name != nullptr ? name->at : table.at);
    return out;
}

InputGroup read_group(const TomlValue& table, const Sources& sources) {
    return {table.string_at("name"), table.string_at("display_name"), table.string_at("description"),
            place_of(sources, table.at)};
}

}  // namespace

void read_root_sections(const std::vector<AppDocument>& documents, const Sources& sources, AppConfig& out) {
    for (const auto* document : of_section(documents, "metadata")) {
        const TomlValue& root = document->root;
        out.metadata.version = root.string_at("version");
        out.metadata.display_name = root.string_at("display_name");
        out.metadata.description = root.string_at("description");
        out.metadata.readme = read_text(root.find("readme"), sources);
        out.metadata.default_labels = read_map(root.find("default_labels"));
        out.metadata.slack_webhook_url = root.string_at("slack_webhook_url");
        out.metadata.label_colors = read_map(root.find("label_colors"));
    }
    for (const auto* document : of_section(documents, "sandbox")) {
        read_sandbox(*document, sources, out.sandbox);
    }
    for (const auto& entry : entries_of(documents, "inputs", "input")) {
        out.inputs.push_back(read_input(*entry.table, sources));
    }
    for (const auto* document : of_section(documents, "inputs")) {
        const TomlValue* groups = document->root.find("group");
        if (groups == nullptr || groups->kind != TomlKind::kArray) {
            continue;
        }
        for (const auto& group : groups->items) {
            out.input_groups.push_back(read_group(group, sources));
        }
    }
    for (const auto* document : of_section(documents, "input_groups")) {
        out.input_groups.push_back(read_group(document->root, sources));
    }
}

Component read_component(const AppDocument& document, const Sources& sources) {
    const TomlValue& root = document.root;
    struct TypeDefaults {
        std::string_view name;
        ComponentType type;
        std::int64_t build_minutes;
        std::int64_t deploy_minutes;
    };
    static constexpr TypeDefaults kTypes[] = {
        {"terraform_module", ComponentType::kTerraformModule, 5, 60},
        {"helm_chart", ComponentType::kHelmChart, 5, 30},
        {"kubernetes_manifest", ComponentType::kKubernetesManifest, 5, 15},
        {"docker_build", ComponentType::kDockerBuild, 60, 5},
        {"container_image", ComponentType::kContainerImage, 15, 5},
        {"external_image", ComponentType::kContainerImage, 15, 5},
        {"pulumi", ComponentType::kPulumi, 5, 60},
        {"job", ComponentType::kJob, 5, 60},
    };
    Component out;
    TypeDefaults defaults = kTypes[0];
    for (const auto& one : kTypes) {
        if (one.name == root.string_at("type")) {
            defaults = one;
        }
    }
    constexpr std::int64_t kMinute = 60'000;
    out.type = defaults.type;
    out.name = root.string_at("name");
    out.var_name = root.string_at("var_name");
    out.declared_dependencies = read_strings(root.find("dependencies"));
    out.repository = read_repository(root, sources);
    read_type_table(root, sources, out);
    out.kubernetes_context = root.string_at("kubernetes_context");
    out.operation_roles = read_operation_roles(root);
    out.health = read_health(root);
    out.drift_schedule = root.string_at("drift_schedule");
    out.toggleable = root.bool_at("toggleable", false);
    out.default_enabled = root.bool_at("default_enabled", false);
    out.max_auto_retries = count_at(root, "max_auto_retries");
    out.skip_noops = root.bool_at("skip_noops", false);
    out.auto_approve_on_policies_passing = root.bool_at("auto_approve_on_policies_passing", false);
    out.build_timeout_ms = read_duration(root, "build_timeout", defaults.build_minutes * kMinute);
    const std::int64_t timeout = read_duration(root, "timeout", defaults.deploy_minutes * kMinute);
    out.deploy_timeout_ms = read_duration(root, "deploy_timeout", timeout);
    out.labels = read_map(root.find("labels"));
    out.raw_json = to_json(root);
    out.place = place_of(sources, root.at);
    return out;
}

}  // namespace slipway::app

namespace slipway::lifecycle {

std::string_view to_string(ComponentType type) {
    switch (type) {
        case ComponentType::kTerraformModule:
            return "terraform_module";
        case ComponentType::kHelmChart:
            return "helm_chart";
        case ComponentType::kKubernetesManifest:
            return "kubernetes_manifest";
        case ComponentType::kDockerBuild:
            return "docker_build";
        case ComponentType::kContainerImage:
            return "container_image";
        case ComponentType::kPulumi:
            return "pulumi";
        case ComponentType::kJob:
            return "job";
    }
    return "unknown";
}

}  // namespace slipway::lifecycle
