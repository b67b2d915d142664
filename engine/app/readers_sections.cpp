// Runner, stack, secrets, roles, policies, operation roles and cluster contexts.
#include <algorithm>

#include "engine/app/readers.hpp"

namespace slipway::app {

using namespace lifecycle;

namespace {

using Documents = std::vector<AppDocument>;

void read_stack(const TomlValue& root, Stack& out) {
    out.type = root.string_at("type");
    out.name = root.string_at("name");
    out.description = root.string_at("description");
    out.vpc_nested_template_url = root.string_at("vpc_nested_template_url");
    out.runner_nested_template_url = root.string_at("runner_nested_template_url");
    out.deployment_scope = root.string_at("deployment_scope");
    for_each_table(root.find("custom_nested_stacks"), [&](const TomlValue& nested) {
        const TomlValue* parameters = nested.find("parameters");
        out.nested.push_back({nested.string_at("name"), nested.string_at("template_url"),
                              nested.integer_at("index"),
                              parameters != nullptr ? to_json(*parameters) : "{}"});
    });
    std::stable_sort(out.nested.begin(), out.nested.end(),
                     [](const NestedStack& a, const NestedStack& b) { return a.index < b.index; });
}

Secret read_secret(const TomlValue& table, const Sources& sources) {
    Secret out;
    out.name = table.string_at("name");
    out.display_name = table.string_at("display_name");
    out.description = table.string_at("description");
    out.required = table.bool_at("required", false);
    out.auto_generate = table.bool_at("auto_generate", false);
    out.format = table.string_at("format");
    if (const TomlValue* value = table.find("default")) {
        out.default_value = scalar_text(*value);
    }
    if (table.bool_at("kubernetes_sync", false)) {
        out.kubernetes.push_back({{table.string_at("kubernetes_secret_namespace")},
                                  table.string_at("kubernetes_secret_name"),
                                  {}});
    }
    for_each_table(table.find("kubernetes_sync_targets"), [&](const TomlValue& target) {
        SecretTarget one{read_strings(target.find("namespaces")), target.string_at("name"),
                         target.string_at("key")};
        if (const std::string single = target.string_at("namespace"); !single.empty()) {
            one.namespaces.push_back(single);
        }
        out.kubernetes.push_back(std::move(one));
    });
    out.place = place_of(sources, table.at);
    return out;
}

Role read_role(const TomlValue& table, std::string type, const Sources& sources) {
    Role out;
    out.type = std::move(type);
    out.name = table.string_at("name");
    out.display_name = table.string_at("display_name");
    out.description = table.string_at("description");
    out.permissions_boundary = read_text(table.find("permissions_boundary"), sources);
    out.cloud_platform = table.string_at("cloud_platform");
    for_each_table(table.find("policies"), [&](const TomlValue& policy) {
        out.policies.push_back(
            {policy.string_at("name"), policy.string_at("managed_policy_name"),
             read_text(policy.find("contents"), sources), read_strings(policy.find("gcp_permissions")),
             policy.string_at("gcp_predefined_role"), read_strings(policy.find("azure_actions")),
             read_strings(policy.find("azure_built_in_roles"))});
    });
    out.place = place_of(sources, table.at);
    return out;
}

void read_permissions(const AppDocument& document, const Sources& sources, std::vector<Role>& out) {
    const TomlValue& root = document.root;
    if (document.table == &kRoleFileTable) {
        out.push_back(read_role(root, root.string_at("type"), sources));
        return;
    }
    for (const auto* type : {"provision", "maintenance", "deprovision"}) {
        const TomlValue* role = root.find(std::string(type) + "_role");
        if (role != nullptr && role->kind == TomlKind::kTable) {
            out.push_back(read_role(*role, type, sources));
        }
    }
    for_each_table(root.find("custom_roles"),
                   [&](const TomlValue& role) { out.push_back(read_role(role, "custom", sources)); });
}

/// "./policies/limits.rego" -> "limits"
std::string stem_of(const std::string& file) {
    std::string name = file.substr(file.rfind('/') == std::string::npos ? 0 : file.rfind('/') + 1);
    return name.substr(0, name.rfind('.'));
}

Policy read_policy(const Entry& entry, const Sources& sources) {
    const TomlValue& table = *entry.table;
    Policy out;
    out.type = table.string_at("type");
    out.engine = table.string_at("engine");
    if (out.engine.empty()) {
        out.engine = "kyverno";
    }
    out.components = read_strings(table.find("components"));
    out.contents = read_text(table.find("contents"), sources);
    out.name = table.string_at("name");
    if (out.name.empty()) {
        out.name = stem_of(out.contents.location.empty() ? entry.file : out.contents.location);
    }
    out.place = place_of(sources, table.at);
    return out;
}

void read_one(const AppDocument& document, const Sources& sources, AppConfig& out) {
    const TomlValue& root = document.root;
    const std::string_view section = document.section->name;
    if (section == "runner") {
        out.runner = {root.string_at("runner_type"), root.string_at("helm_driver"),
                      read_map(root.find("env_vars")), root.string_at("init_script_url"),
                      root.string_at("instance_type")};
    } else if (section == "stack") {
        read_stack(root, out.stack);
    } else if (section == "permissions") {
        read_permissions(document, sources, out.roles);
    } else if (section == "operation_roles") {
        for_each_table(root.find("rules"), [&](const TomlValue& rule) {
            out.operation_rules.push_back(
                {rule.string_at("principal"), rule.string_at("operation"), rule.string_at("role")});
        });
    }
}

}  // namespace

void read_access_sections(const Documents& documents, const Sources& sources, AppConfig& out) {
    for (const auto& document : documents) {
        read_one(document, sources, out);
    }
    for (const auto& entry : entries_of(documents, "secrets", "secret")) {
        out.secrets.push_back(read_secret(*entry.table, sources));
    }
    for (const auto& entry : entries_of(documents, "break_glass", "role")) {
        out.break_glass_roles.push_back(read_role(*entry.table, "break_glass", sources));
    }
    for (const auto& entry : entries_of(documents, "policies", "policy")) {
        out.policies.push_back(read_policy(entry, sources));
    }
    for (const auto& entry : entries_of(documents, "kubernetes_contexts", "kubernetes_context")) {
        out.kubernetes_contexts.push_back(
            {entry.table->string_at("name"), entry.table->string_at("component")});
    }
}

}  // namespace slipway::app
