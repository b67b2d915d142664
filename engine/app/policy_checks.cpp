// Policies and secrets.
#include <algorithm>

#include "engine/app/check_tools.hpp"
#include "engine/app/spelling.hpp"

namespace slipway::app {

void report_syntax(const TomlValue& value, const std::string& key, std::string_view what,
                   const std::optional<SyntaxProblem>& problem, Reading& reading, Severity severity) {
    if (problem) {
        reading.findings.add(severity, spot_in_string(reading.sources, value, problem->offset), key,
                             "is not valid " + std::string(what) + ": " + problem->message);
    }
}

namespace {

void check_policy_components(const TomlValue& policy, const std::string& key, const Names& names,
                             Reading& reading) {
    const TomlValue* list = policy.find("components");
    if (list == nullptr || list->kind != TomlKind::kArray) {
        return;
    }
    if (list->items.empty() && policy.string_at("type") != "sandbox") {
        reading.findings.warning(list->at, below(key, "components"),
                                 "is empty: the policy applies to nothing",
                                 "write [\"*\"] for all components");
    }
    for (std::size_t i = 0; i < list->items.size(); ++i) {
        const TomlValue& item = list->items[i];
        const std::string path = at_index(below(key, "components"), i);
        if (item.kind != TomlKind::kString) {
            continue;
        }
        if (item.text != "*") {
            expect_known(item, path, "component", item.text, names.components, reading);
        } else if (list->items.size() > 1) {
            reading.findings.error(item.at, path,
                                   "'*' stands for all components and cannot be mixed with names");
        }
    }
}

/// Rules over a cluster are Kyverno's; all others look at a plan and are written in Rego.
void check_policy_engine(const TomlValue& policy, const std::string& key, Reading& reading) {
    const TomlValue* type = text_member(policy, "type");
    if (type == nullptr) {
        return;
    }
    const TomlValue* given = text_member(policy, "engine");
    const std::string engine = given != nullptr ? given->text : "kyverno";
    const auto types = split_choices(find_key(kPolicyTable, "type")->choices);
    const bool known = std::find(types.begin(), types.end(), type->text) != types.end();
    if (!known || (engine != "kyverno" && engine != "opa")) {
        return;  // the table says so
    }
    const bool old = type->text.starts_with("runner_job_");
    const std::string wanted = type->text == "kubernetes_cluster" || old ? "kyverno" : "opa";
    if (engine != wanted) {
        reading.findings.error(
            given != nullptr ? given->at : type->at, below(key, "engine"),
            "a policy of type '" + type->text + "' needs the engine '" + wanted + "', not '" + engine + "'",
            given == nullptr ? "add engine = \"" + wanted + "\"" : "");
        return;
    }
    const TomlValue* contents = policy.find("contents");
    if (contents == nullptr || contents->kind != TomlKind::kString || contents->pending) {
        return;
    }
    if (engine == "opa") {
        report_syntax(*contents, below(key, "contents"), "Rego", rego_problem(contents->text), reading);
    } else {
        report_syntax(*contents, below(key, "contents"), "YAML", yaml_problem(contents->text), reading);
    }
}

void check_secret(const TomlValue& secret, const std::string& key, Reading& reading) {
    const bool generated = secret.bool_at("auto_generate", false);
    const bool required = secret.bool_at("required", false);
    const bool has_default = secret.find("default") != nullptr;
    if (generated && (required || has_default)) {
        reading.findings.error(secret.at, key, "auto_generate excludes required and default");
    } else if (required && has_default) {
        reading.findings.error(secret.at, key, "required excludes default");
    }
    if (secret.bool_at("kubernetes_sync", false) &&
        (secret.string_at("kubernetes_secret_namespace").empty() ||
         secret.string_at("kubernetes_secret_name").empty())) {
        reading.findings.error(
            secret.at, key, "kubernetes_sync needs kubernetes_secret_namespace and kubernetes_secret_name");
    }
    for_each_entry(
        secret, "kubernetes_sync_targets", key, [&](const TomlValue& target, const std::string& path) {
            const TomlValue* many = target.find("namespaces");
            if (text_member(target, "namespace") == nullptr && (many == nullptr || many->items.empty())) {
                reading.findings.error(target.at, path, "does not say into which namespace", "add namespace");
            }
        });
}

}  // namespace

void check_policies(const std::vector<AppDocument>& documents, const Names& names, Reading& reading) {
    for (const auto& entry : entries_of(documents, "policies", "policy")) {
        check_policy_components(*entry.table, entry.key, names, reading);
        check_policy_engine(*entry.table, entry.key, reading);
    }
    for (const auto& entry : entries_of(documents, "secrets", "secret")) {
        check_secret(*entry.table, entry.key, reading);
    }
}

}  // namespace slipway::app
