// What single components must hold beyond their tables.
#include <algorithm>
#include <cctype>
#include <set>

#include "engine/app/check_tools.hpp"
#include "engine/app/private_copy.hpp"
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

/// "deploy.yaml", "/etc/x", "~/x": a location without its "./" is a text like any other.
bool looks_like_path(const std::string& text) {
    const bool one_word = !text.empty() && text.find_first_of(" \t\r\n:{[") == std::string::npos;
    return one_word && (text.ends_with(".yaml") || text.ends_with(".yml") || text.ends_with(".json") ||
                        text.find('/') != std::string::npos);
}

void check_manifest(const TomlValue& root, Reading& reading) {
    const TomlValue* manifest = root.find("manifest");
    const bool told = manifest != nullptr && !manifest->inlined && !manifest->location.empty();
    if (manifest == nullptr || !is_plain(*manifest) || told) {
        return;
    }
    if (!manifest->inlined && looks_like_path(manifest->text)) {
        const bool relative = manifest->text.front() != '/' && manifest->text.front() != '~';
        reading.findings.error(manifest->at, "manifest", "'" + manifest->text + "' is a path and no manifest",
                               relative ? "the content of a file is written './" + manifest->text + "'"
                                        : "an app is read from its own folder only");
        return;
    }
    const auto problem = yaml_problem(manifest->text);
    report_syntax(*manifest, "manifest", "YAML", problem, reading);
    if (problem) {
        return;
    }
    if (const auto odd = manifest_problem(manifest->text)) {
        reading.findings.error(spot_in_string(reading.sources, *manifest, odd->offset), "manifest",
                               odd->message);
    }
}

/// What no checkout, pull or download can mean.
void check_places(const TomlValue& root, Reading& reading) {
    const auto wrong = [&](const TomlValue& table, const std::string& key, const char* name, auto&& is_wrong,
                           const std::string& what, const std::string& hint) {
        const TomlValue* value = text_member(table, name);
        if (value != nullptr && is_plain(*value) && is_wrong(value->text)) {
            reading.findings.error(value->at, below(key, name), "'" + value->text + "' " + what, hint);
        }
    };
    const auto has_blank = [](const std::string& text) {
        return text.find_first_of(" \t\r\n") != std::string::npos;
    };
    for (const std::string key : {"public_repo", "connected_repo"}) {
        const TomlValue* repository = root.find(key);
        if (repository == nullptr) {
            continue;
        }
        wrong(*repository, key, "repo", has_blank, "is not a repository", "write it like owner/name");
        wrong(
            *repository, key, "directory",
            [](const std::string& text) {
                std::string ignored;
                return !inside_path(text, ignored);
            },
            "leads out of the repository", "count from the repository's root: \".\" is all of it");
    }
    if (const TomlValue* chart = root.find("helm_repo")) {
        wrong(
            *chart, "helm_repo", "repo_url",
            [&](const std::string& text) { return has_blank(text) || text.find("://") == std::string::npos; },
            "is not the address of a repository", "write it like https://… or oci://…");
    }
    for (const std::string key : {"public", "aws_ecr", "gcp_gar", "azure_acr"}) {
        if (const TomlValue* image = root.find(key)) {
            wrong(
                *image, key, "image_url",
                [&](const std::string& text) {
                    return has_blank(text) || text.ends_with('@') || text.ends_with(':') ||
                           text.ends_with('/');
                },
                "is not an image", "write it like registry/name, with the tag as a key of its own");
        }
    }
}

void check_texts(const TomlValue& root, Reading& reading) {
    check_manifest(root, reading);
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
        check_places(document->root, reading);
    }
    for (const auto* document : of_section(documents, "components")) {
        check_places(document->root, reading);
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
