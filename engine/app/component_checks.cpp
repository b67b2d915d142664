// What single components must hold beyond their tables.
#include <algorithm>
#include <cctype>
#include <set>

#include "engine/app/check_tools.hpp"
#include "engine/app/spelling.hpp"

namespace slipway::app {

namespace {

/// "1.11.3", "v1.11"
bool looks_like_version(std::string_view text) {
    if (text.starts_with('v')) {
        text.remove_prefix(1);
    }
    const auto digits = [&] {
        const std::size_t size = std::min(text.find_first_not_of("0123456789"), text.size());
        text.remove_prefix(size);
        return size > 0;
    };
    if (!digits() || !text.starts_with('.')) {
        return false;
    }
    text.remove_prefix(1);
    return digits();
}

void check_probes(const TomlValue& root, Reading& reading) {
    const TomlValue* health = root.find("health");
    if (health == nullptr || health->kind != TomlKind::kTable) {
        return;
    }
    std::set<std::string> names;
    for_each_entry(*health, "probes", "health", [&](const TomlValue& probe, const std::string& key) {
        const std::string type = probe.string_at("type");
        const TomlValue* command = probe.find("command");
        if ((type == "http" || type == "tcp") && text_member(probe, "url") == nullptr) {
            reading.findings.error(probe.at, below(key, "url"),
                                   "is required for a probe of type '" + type + "'");
        }
        if (type == "exec" && (command == nullptr || command->items.empty())) {
            reading.findings.error(probe.at, below(key, "command"), "is required for a probe of type 'exec'");
        }
        if (!names.insert(probe.string_at("name")).second) {
            reading.findings.error(probe.at, below(key, "name"),
                                   "there is a second probe '" + probe.string_at("name") + "'");
        }
    });
}

void check_texts(const TomlValue& root, Reading& reading) {
    if (const TomlValue* manifest = root.find("manifest"); manifest != nullptr && is_plain(*manifest)) {
        report_syntax(*manifest, "manifest", "YAML", yaml_problem(manifest->text), reading);
    }
    const auto values = [&](const TomlValue& file, const std::string& key) {
        for (const auto* name : {"contents", "path", "source"}) {
            if (const TomlValue* value = file.find(name); value != nullptr && is_plain(*value)) {
                report_syntax(*value, below(key, name), "YAML", yaml_problem(value->text), reading);
            }
        }
    };
    if (const TomlValue* single = root.find("values_file");
        single != nullptr && single->kind == TomlKind::kTable) {
        values(*single, "values_file");
    }
    for_each_entry(root, "values_file", "", values);
}

void check_kustomize(const TomlValue& root, Reading& reading) {
    const bool repository = root.find("public_repo") != nullptr || root.find("connected_repo") != nullptr;
    const TomlValue* kustomize = root.find("kustomize");
    if (kustomize != nullptr && !repository) {
        reading.findings.error(kustomize->at, "kustomize", "needs a repository that holds its folder",
                               "add [public_repo] or [connected_repo]");
    }
}

void check_terraform_version(const TomlValue& root, Reading& reading) {
    const TomlValue* version = text_member(root, "terraform_version");
    if (version != nullptr && is_plain(*version) && !looks_like_version(version->text)) {
        reading.findings.error(version->at, "terraform_version", "'" + version->text + "' is not a version",
                               "write it like 1.11.3");
    }
}

}  // namespace

void check_component_tables(const std::vector<AppDocument>& documents, Reading& reading) {
    for (const auto* document : of_section(documents, "sandbox")) {
        check_terraform_version(document->root, reading);
    }
    for (const auto* document : of_section(documents, "components")) {
        check_terraform_version(document->root, reading);
        check_probes(document->root, reading);
        check_texts(document->root, reading);
        check_kustomize(document->root, reading);
    }
}

void check_contexts(const std::vector<AppDocument>& documents, Reading& reading) {
    std::map<std::string, std::string> types;
    for (const auto* document : of_section(documents, "components")) {
        types[document->root.string_at("name")] = document->root.string_at("type");
    }
    for (const auto& entry : entries_of(documents, "kubernetes_contexts", "kubernetes_context")) {
        const TomlValue* name = text_member(*entry.table, "name");
        if (name != nullptr && name->text == "sandbox") {
            reading.findings.error(name->at, below(entry.key, "name"),
                                   "'sandbox' is always there and stands for the sandbox's cluster");
        }
        const TomlValue* component = text_member(*entry.table, "component");
        const auto type = types.find(component != nullptr ? component->text : std::string());
        if (type != types.end() && type->second != "terraform_module" && type->second != "pulumi") {
            reading.findings.error(
                component->at, below(entry.key, "component"),
                "component '" + component->text + "' is a " + type->second + " and cannot put out a cluster",
                "name a terraform_module or a pulumi component");
        }
    }
}

void check_stack(const std::vector<AppDocument>& documents, Reading& reading) {
    static constexpr std::pair<std::string_view, std::string_view> kClouds[] = {
        {"aws-", "aws"}, {"azure-", "azure"}, {"gcp-", "gcp"}};
    std::string runner;
    for (const auto* document : of_section(documents, "runner")) {
        runner = document->root.string_at("runner_type");
    }
    for (const auto* document : of_section(documents, "stack")) {
        const TomlValue* type = text_member(document->root, "type");
        for (const auto& [prefix, cloud] : kClouds) {
            const bool other = runner == "aws" || runner == "azure" || runner == "gcp";
            if (type != nullptr && type->text.starts_with(prefix) && other && runner != cloud) {
                reading.findings.error(
                    type->at, "type",
                    "'" + type->text + "' does not match the runner, which is of type '" + runner + "'");
            }
        }
        std::set<std::string> names;
        std::set<std::int64_t> order;
        for_each_entry(document->root, "custom_nested_stacks", "",
                       [&](const TomlValue& one, const std::string& key) {
                           if (const TomlValue* name = text_member(one, "name");
                               name != nullptr && !names.insert(name->text).second) {
                               reading.findings.error(name->at, below(key, "name"),
                                                      "there is a second nested stack '" + name->text + "'");
                           }
                           if (const TomlValue* index = one.find("index");
                               index != nullptr && !order.insert(index->integer).second) {
                               reading.findings.warning(
                                   index->at, below(key, "index"),
                                   "another nested stack has the same index: their order is not said");
                           }
                       });
    }
}

}  // namespace slipway::app
