// Runbooks, branches and inbound triggers.
#include <algorithm>

#include "engine/app/readers.hpp"

namespace slipway::app {

using namespace lifecycle;

namespace {

std::string json_of_member(const TomlValue& table, std::string_view key) {
    const TomlValue* value = table.find(key);
    return value != nullptr ? to_json(*value) : std::string();
}

RunbookInput read_input(const TomlValue& table) {
    RunbookInput out;
    out.name = table.string_at("name");
    out.display_name = table.string_at("display_name");
    out.description = table.string_at("description");
    if (const TomlValue* value = table.find("default")) {
        out.default_value = scalar_text(*value);
    }
    out.required = table.bool_at("required", false);
    out.sensitive = table.bool_at("sensitive", false);
    if (const std::string type = table.string_at("type"); !type.empty()) {
        out.type = type;
    }
    return out;
}

RunbookStep read_step(const TomlValue& table, const Sources& sources) {
    RunbookStep out;
    out.name = table.string_at("name");
    out.type = table.string_at("type");
    if (out.type == "deploy") {
        out.type = "component_deploy";
    }
    out.component_name = table.string_at("component_name");
    out.deploy_dependents = table.bool_at("deploy_dependents", table.bool_at("deploy_dependencies", false));
    out.tear_down_dependents = table.bool_at("tear_down_dependents", false);
    out.skip_component_deploys = table.bool_at("skip_component_deploys", false);
    out.action_name = table.string_at("action_name");
    out.command = table.string_at("command");
    out.inline_contents = read_text(table.find("inline_contents"), sources);
    out.env_vars = read_map(table.find("env_vars"));
    out.timeout_ms = read_duration(table, "timeout", 0);
    out.role = table.string_at("role");
    out.place = place_of(sources, table.at);
    return out;
}

Runbook read_runbook(const TomlValue& root, const Sources& sources) {
    Runbook out;
    out.name = root.string_at("name");
    out.description = root.string_at("description");
    out.readme = read_text(root.find("readme"), sources);
    out.labels = read_map(root.find("labels"));
    out.dependencies = read_strings(root.find("dependencies"));
    for_each_table(root.find("input"),
                   [&](const TomlValue& input) { out.inputs.push_back(read_input(input)); });
    for_each_table(root.find("steps"),
                   [&](const TomlValue& step) { out.steps.push_back(read_step(step, sources)); });
    out.place = place_of(sources, root.at);
    return out;
}

Branch read_branch(const TomlValue& root, const Sources& sources) {
    Branch out;
    out.name = root.string_at("name");
    out.repository = read_repository(root, sources);
    for_each_table(root.find("install_groups"), [&](const TomlValue& group) {
        out.groups.push_back(
            {group.string_at("name"), group.integer_at("order"), read_strings(group.find("install_ids")),
             read_strings(group.find("install_names")), json_of_member(group, "label_selector"),
             group.bool_at("auto_approve_on_policies_passing", false)});
    });
    std::stable_sort(out.groups.begin(), out.groups.end(),
                     [](const InstallGroup& a, const InstallGroup& b) { return a.order < b.order; });
    out.preview_json = json_of_member(root, "preview");
    out.post_deploy_runbooks = read_strings(root.find("post_deploy_runbooks"));
    out.ignore_changes_regex = root.string_at("ignore_changes_regex");
    out.send_statuses_on_ignore = root.bool_at("send_statuses_on_ignore", false);
    out.installs_repository = read_repository(root, sources, "installs_");
    if (const std::string directory = root.string_at("installs_directory"); !directory.empty()) {
        out.installs_directory = directory;
    }
    out.place = place_of(sources, root.at);
    return out;
}

TriggerRule read_rule(const TomlValue& table, const Sources& sources) {
    TriggerRule out;
    out.name = table.string_at("name");
    out.trigger = table.string_at("trigger");
    out.event_types = read_strings(table.find("event_types"));
    out.match_all = table.bool_at("match_all", false);
    for_each_table(table.find("filters"), [&](const TomlValue& filter) {
        const TomlValue* value = filter.find("value");
        out.filters.push_back(
            {filter.string_at("path"), value != nullptr ? scalar_text(*value) : std::string()});
    });
    if (const TomlValue* target = table.find("target");
        target != nullptr && target->kind == TomlKind::kTable) {
        out.target_type = target->string_at("type");
        out.app_branch = target->string_at("app_branch");
        out.runbook = target->string_at("runbook");
        out.install = target->string_at("install");
        out.inputs = read_map(target->find("inputs"));
    }
    out.place = place_of(sources, table.at);
    return out;
}

}  // namespace

void read_operate_sections(const std::vector<AppDocument>& documents, const Sources& sources,
                           AppConfig& out) {
    for (const auto& document : documents) {
        const std::string_view section = document.section->name;
        const TomlValue& root = document.root;
        if (section == "runbooks") {
            out.runbooks.push_back(read_runbook(root, sources));
        } else if (section == "branch") {
            out.branches.push_back(read_branch(root, sources));
        } else if (section == "install_files") {
            out.install_files = read_repository(root, sources);
        } else if (section == "triggers") {
            for_each_table(root.find("rules"), [&](const TomlValue& rule) {
                out.trigger_rules.push_back(read_rule(rule, sources));
            });
        }
    }
}

}  // namespace slipway::app
