// Actions and install files.
#include "engine/app/readers.hpp"

namespace slipway::app {

using namespace lifecycle;

std::string current_trigger_type(const std::string& type) {
    for (const auto* when : {"pre", "post"}) {
        const std::string prefix(when);
        if (type == prefix + "-component-deploy") {
            return prefix + "-deploy-component";
        }
        if (type == prefix + "-component-teardown") {
            return prefix + "-teardown-component";
        }
    }
    return type;
}

namespace {

void read_triggers(const TomlValue& root, const Sources& sources, Action& out) {
    const TomlValue* triggers = root.find("triggers");
    if (triggers == nullptr) {
        return;
    }
    for (const auto& item : triggers->items) {
        if (item.kind != TomlKind::kTable) {
            continue;
        }
        out.triggers.push_back({current_trigger_type(item.string_at("type")),
                                item.string_at("component_name"), item.string_at("cron_schedule"),
                                item.integer_at("index"), place_of(sources, item.at)});
    }
}

void read_steps(const TomlValue& root, const Sources& sources, Action& out) {
    const TomlValue* steps = root.find("steps");
    if (steps == nullptr) {
        return;
    }
    for (const auto& item : steps->items) {
        if (item.kind != TomlKind::kTable) {
            continue;
        }
        out.steps.push_back({item.string_at("name"), item.string_at("command"),
                             read_text(item.find("inline_contents"), sources),
                             read_map(item.find("env_vars")), read_repository(item, sources),
                             place_of(sources, item.at)});
    }
}

void read_action_inputs(const TomlValue& root, Action& out) {
    const TomlValue* inputs = root.find("inputs");
    if (inputs == nullptr) {
        return;
    }
    for (const auto& item : inputs->items) {
        if (item.kind != TomlKind::kTable) {
            continue;
        }
        ActionInput input{
            item.string_at("name"), item.string_at("description"), item.bool_at("required", false), {}};
        if (const TomlValue* value = item.find("default")) {
            input.default_value = scalar_text(*value);
        }
        out.inputs.push_back(std::move(input));
    }
}

}  // namespace

Action read_action(const AppDocument& document, const Sources& sources) {
    constexpr std::int64_t kFiveMinutes = 300'000;
    const TomlValue& root = document.root;
    Action out;
    out.name = root.string_at("name");
    out.description = root.string_at("description");
    out.timeout_ms = read_duration(root, "timeout", kFiveMinutes);
    read_triggers(root, sources, out);
    read_steps(root, sources, out);
    read_action_inputs(root, out);
    out.role = root.string_at("role");
    out.break_glass_role = root.string_at("break_glass_role");
    out.enable_kube_config = root.bool_at("enable_kube_config", true);
    out.kubernetes_context = root.string_at("kubernetes_context");
    out.image = root.string_at("image");
    out.labels = read_map(root.find("labels"));
    out.raw_json = to_json(root);
    out.place = place_of(sources, root.at);
    return out;
}

InstallFile read_install(const AppDocument& document, const Sources& sources) {
    const TomlValue& root = document.root;
    InstallFile out;
    out.name = root.string_at("name");
    if (const std::string option = root.string_at("approval_option"); !option.empty()) {
        out.approval_option = option == "auto" ? "approve-all" : option;
    }
    for (const auto* cloud : {"aws", "gcp", "azure"}) {
        const TomlValue* account = root.find(std::string(cloud) + "_account");
        if (account == nullptr) {
            continue;
        }
        out.cloud = cloud;
        out.region = account->string_at(out.cloud == "azure" ? "location" : "region");
        out.project_id = account->string_at("project_id");
    }
    out.inputs = read_map(root.find("inputs"));
    out.labels = read_map(root.find("labels"));
    if (const TomlValue* toggles = root.find("component_toggles")) {
        for (const auto& member : toggles->members) {
            if (member.value.kind == TomlKind::kBool) {
                out.component_toggles[member.key] = member.value.boolean;
            }
        }
    }
    if (const TomlValue* components = root.find("components")) {
        for (const auto& member : components->members) {
            out.overrides[member.key] = {member.value.string_at("helm_values"),
                                         member.value.string_at("tf_vars")};
        }
    }
    if (const TomlValue* stack = root.find("stack_overrides")) {
        out.stack_overrides_json = to_json(*stack);
    }
    out.raw_json = to_json(root);
    out.place = place_of(sources, root.at);
    return out;
}

}  // namespace slipway::app
