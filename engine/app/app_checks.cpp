#include "engine/app/app_checks.hpp"

#include <algorithm>
#include <set>

#include "engine/app/checks.hpp"
#include "engine/app/spelling.hpp"

namespace slipway::app {

namespace {

bool contains(const std::vector<std::string>& all, const std::string& name) {
    return std::find(all.begin(), all.end(), name) != all.end();
}

std::string shown(const Sources& sources, const Spot& spot) {
    return sources.name(spot.file) + ":" + std::to_string(spot.line);
}

/// Adds the name of `table`, or says where it was used before.
void add_name(const TomlValue& table, std::string_view what, const std::string& key,
              std::map<std::string, Spot>& seen, std::vector<std::string>& names, Reading& reading) {
    const TomlValue* name = table.find("name");
    if (name == nullptr || name->kind != TomlKind::kString || name->text.empty()) {
        return;
    }
    const auto [it, added] = seen.emplace(name->text, name->at);
    if (added) {
        names.push_back(name->text);
        return;
    }
    reading.findings.error(name->at, key.empty() ? "name" : key + ".name",
                           "there is a second " + std::string(what) + " '" + name->text + "'",
                           "the first one is in " + shown(reading.sources, it->second));
}

std::vector<std::string> names_of(const std::vector<AppDocument>& documents, std::string_view section,
                                  std::string_view list_key, std::string_view what, Reading& reading) {
    std::vector<std::string> names;
    std::map<std::string, Spot> seen;
    for (const auto& entry : entries_of(documents, section, list_key)) {
        add_name(*entry.table, what, entry.key, seen, names, reading);
    }
    return names;
}

std::vector<std::string> file_names_of(const std::vector<AppDocument>& documents, std::string_view section,
                                       std::string_view what, Reading& reading) {
    std::vector<std::string> names;
    std::map<std::string, Spot> seen;
    for (const auto* document : of_section(documents, section)) {
        add_name(document->root, what, "", seen, names, reading);
    }
    return names;
}

void add_nested_stacks(const TomlValue& table, std::vector<std::string>& names) {
    const TomlValue* list = table.find("custom_nested_stacks");
    for (std::size_t i = 0; list != nullptr && i < list->items.size(); ++i) {
        names.push_back(list->items[i].string_at("name"));
    }
}

/// Other names of components for templates. Each means one component.
std::map<std::string, std::string> aliases_of(const std::vector<AppDocument>& documents,
                                              const std::vector<std::string>& components, Reading& reading) {
    std::map<std::string, std::string> out;
    std::map<std::string, Spot> seen;
    for (const auto* document : of_section(documents, "components")) {
        const TomlValue* alias = document->root.find("var_name");
        const std::string name = document->root.string_at("name");
        const bool plain = alias != nullptr && alias->kind == TomlKind::kString && is_name(alias->text);
        if (!plain || alias->text == name) {
            continue;
        }
        const auto [first, added] = seen.emplace(alias->text, alias->at);
        if (contains(components, alias->text)) {
            reading.findings.error(alias->at, "var_name",
                                   "'" + alias->text + "' is the name of another component");
        } else if (!added) {
            reading.findings.error(alias->at, "var_name",
                                   "there is a second component with the var_name '" + alias->text + "'",
                                   "the first one is in " + shown(reading.sources, first->second));
        } else {
            out.emplace(alias->text, name);
        }
    }
    return out;
}

}  // namespace

bool expect_known(const TomlValue& at, const std::string& key, std::string_view what, const std::string& name,
                  const std::vector<std::string>& known, Reading& reading, Severity severity) {
    if (contains(known, name)) {
        return true;
    }
    reading.findings.add(severity, at.at, key, "there is no " + std::string(what) + " '" + name + "'",
                         known_names_hint(name, what, known));
    return false;
}

Names collect_names(const std::vector<AppDocument>& documents, Reading& reading) {
    Names out;
    out.components = file_names_of(documents, "components", "component", reading);
    out.aliases = aliases_of(documents, out.components, reading);
    out.actions = file_names_of(documents, "actions", "action", reading);
    file_names_of(documents, "installs", "install", reading);
    file_names_of(documents, "runbooks", "runbook", reading);
    out.inputs = names_of(documents, "inputs", "input", "input", reading);
    out.secrets = names_of(documents, "secrets", "secret", "secret", reading);
    for (const auto* document : of_section(documents, "stack")) {
        add_nested_stacks(document->root, out.nested_stacks);
    }
    for (const auto* document : of_section(documents, "installs")) {
        if (const TomlValue* overrides = document->root.find("stack_overrides")) {
            add_nested_stacks(*overrides, out.nested_stacks);
        }
    }
    names_of(documents, "kubernetes_contexts", "kubernetes_context", "kubernetes context", reading);
    for (const auto& entry : entries_of(documents, "kubernetes_contexts", "kubernetes_context")) {
        const TomlValue* component = entry.table->find("component");
        if (component == nullptr || component->kind != TomlKind::kString) {
            continue;
        }
        const std::string key = entry.key.empty() ? "component" : entry.key + ".component";
        if (expect_known(*component, key, "component", component->text, out.components, reading)) {
            out.contexts[entry.table->string_at("name")] = component->text;
        }
    }
    return out;
}

void check_components(const std::vector<AppDocument>& documents, const Names& names, Reading& reading) {
    std::vector<std::string> contexts{"sandbox"};
    for (const auto& [name, component] : names.contexts) {
        contexts.push_back(name);
    }
    for (const auto* document : of_section(documents, "components")) {
        const std::string name = document->root.string_at("name");
        if (const TomlValue* context = document->root.find("kubernetes_context");
            context != nullptr && context->kind == TomlKind::kString && !context->text.empty()) {
            expect_known(*context, "kubernetes_context", "kubernetes context", context->text, contexts,
                         reading);
        }
        const TomlValue* list = document->root.find("dependencies");
        if (list == nullptr) {
            continue;
        }
        std::set<std::string> seen;
        for (std::size_t i = 0; i < list->items.size(); ++i) {
            const TomlValue& item = list->items[i];
            const std::string key = "dependencies[" + std::to_string(i) + "]";
            if (item.kind != TomlKind::kString) {
                continue;
            }
            if (item.text == name) {
                reading.findings.error(item.at, key, "component '" + name + "' depends on itself");
            } else if (!seen.insert(item.text).second) {
                reading.findings.error(item.at, key, "'" + item.text + "' is listed twice");
            } else {
                expect_known(item, key, "component", item.text, names.components, reading);
            }
        }
    }
}

}  // namespace slipway::app
