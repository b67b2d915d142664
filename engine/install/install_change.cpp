#include "engine/install/install_change.hpp"

#include "engine/install/outputs.hpp"

namespace slipway::lifecycle {
namespace {

Error corrupt(const std::string& what) {
    return environment_error(ErrorCode::kCorrupt, what);
}

PartStatus status_of(const std::string& text) {
    for (const auto status : {PartStatus::kDeploying, PartStatus::kActive, PartStatus::kRemoved}) {
        if (to_string(status) == text) {
            return status;
        }
    }
    return PartStatus::kAbsent;
}

void apply_settings(InstallSettings& settings, const json::object& data) {
    const json::object* object = find_object(data, "settings");
    StringMap map = object == nullptr ? StringMap{} : to_string_map(*object);
    settings = {map["kubeconfig"], map["kube_context"], map["image_registry"]};
}

void apply_created(Install& install, const json::object& data) {
    install.id = get_string(data, "id");
    install.name = get_string(data, "name");
    install.app = get_string(data, "app");
    install.version = Digest::from_hex(get_string(data, "version"));
    install.approval_option = get_string(data, "approval_option", "prompt");
    const auto map_of = [&](std::string_view key) {
        const json::object* object = find_object(data, key);
        return object == nullptr ? StringMap{} : to_string_map(*object);
    };
    install.inputs = map_of("inputs");
    install.labels = map_of("labels");
    StringMap account = map_of("account");
    install.account = {account["cloud"], account["region"], account["project_id"]};
    for (const auto& [name, on] : map_of("component_toggles")) {
        install.component_toggles[name] = on == "true";
    }
    apply_settings(install.settings, data);
}

void apply_to_part(PartState& part, const Change& change, PartOutputs outputs) {
    part.status = status_of(change.head.what);
    part.run = change.head.run;
    part.at_ms = change.head.at_ms;
    part.version = Digest::from_hex(get_string(change.data, "version"));
    part.artifact = Digest::from_hex(get_string(change.data, "artifact"));
    if (part.status == PartStatus::kActive) {
        part.outputs = std::move(outputs.outputs);
    } else if (part.status == PartStatus::kRemoved) {
        part.outputs.clear();
    }
}

Result<void> apply_part(Record& record, const Change& change) {
    SLIPWAY_TRY(PartOutputs outputs,
                read_part_outputs(change.data, "a change of install " + record.install.id));
    const std::string& part = change.head.part;
    if (part == "sandbox") {
        apply_to_part(record.state.sandbox, change, std::move(outputs));
    } else if (part.starts_with("component.")) {
        apply_to_part(record.state.components[part.substr(10)], change, std::move(outputs));
    } else if (part.starts_with("action.")) {
        ActionState& action = record.state.actions[part.substr(7)];
        action.status = "finished";
        action.outputs = std::move(outputs.outputs);
        action.steps = std::move(outputs.steps);
        action.run = change.head.run;
        action.at_ms = change.head.at_ms;
    } else {
        return corrupt("install " + record.install.id + ": unknown part '" + part + "'");
    }
    return {};
}

Result<void> apply_body(Record& record, const Change& change) {
    const std::string& what = change.head.what;
    if (what == "created") {
        apply_created(record.install, change.data);
        record.install.created_ms = change.head.at_ms;
    } else if (what == "inputs") {
        const json::object* inputs = find_object(change.data, "inputs");
        for (const auto& [name, value] : inputs == nullptr ? StringMap{} : to_string_map(*inputs)) {
            record.install.inputs[name] = value;
        }
    } else if (what == "settings") {
        apply_settings(record.install.settings, change.data);
    } else if (what == "version") {
        record.install.version = Digest::from_hex(get_string(change.data, "version"));
    } else if (what == "stack") {
        SLIPWAY_TRY(PartOutputs outputs, read_part_outputs(change.data, "stack outputs"));
        record.state.stack = std::move(outputs.outputs);
    } else if (change.data.contains("note")) {
        record.history.back().note = get_string(change.data, "note");
    } else if (!change.head.part.empty()) {
        SLIPWAY_CHECK(apply_part(record, change));
    } else {
        return corrupt("install " + record.install.id + ": unknown change '" + what + "'");
    }
    return {};
}

}  // namespace

std::string report_key(const RunId& run, const StepId& step, std::uint32_t round) {
    return run.str() + "\n" + step.str() + "\n" + std::to_string(round);
}

Result<void> apply_change(Record& record, const Change& change) {
    if (change.head.version != record.state.version + 1) {
        return corrupt("install " + record.install.id + ": change " +
                       std::to_string(record.state.version + 1) + " is missing");
    }
    record.history.push_back(change.head);
    if (auto applied = apply_body(record, change); !applied) {
        record.history.pop_back();
        return applied;
    }
    record.state.version = change.head.version;
    record.state.at_ms = change.head.at_ms;
    if (!change.head.run.empty()) {
        record.reported.insert(report_key(change.head.run, change.head.step, change.head.round));
    }
    return {};
}

json::object settings_object(const InstallSettings& settings) {
    return to_object({{"kubeconfig", settings.kubeconfig},
                      {"kube_context", settings.kube_context},
                      {"image_registry", settings.image_registry}});
}

Change created(const Install& install, bool sensitive) {
    Change change;
    change.head.what = "created";
    change.sensitive = sensitive;
    json::object& data = change.data;
    data["id"] = install.id;
    data["name"] = install.name;
    data["app"] = install.app;
    data["version"] = install.version.hex();
    data["approval_option"] = install.approval_option;
    data["inputs"] = to_object(install.inputs);
    data["labels"] = to_object(install.labels);
    const auto& account = install.account;
    data["account"] =
        to_object({{"cloud", account.cloud}, {"region", account.region}, {"project_id", account.project_id}});
    json::object toggles;
    for (const auto& [name, on] : install.component_toggles) {
        toggles[name] = on;
    }
    data["component_toggles"] = std::move(toggles);
    if (install.settings != InstallSettings{}) {
        data["settings"] = settings_object(install.settings);
    }
    for (const auto& entry : install.inputs) {
        change.head.names.push_back(entry.first);
    }
    return change;
}

Change part_reported(const PartReport& report) {
    Change change;
    const bool action = report.part.starts_with("action.");
    change.head.what = action ? "action" : std::string(to_string(report.status));
    change.head.part = report.part;
    change.head.run = report.run;
    change.head.step = report.step;
    change.head.round = report.round;
    for (const auto& entry : report.outputs) {
        change.head.names.push_back(entry.first);
    }
    const PartOutputs outputs{report.outputs, report.steps};
    change.sensitive = outputs.sensitive();
    write_part_outputs(change.data, outputs);
    change.data["version"] = report.version.hex();
    if (!report.artifact.is_zero()) {
        change.data["artifact"] = report.artifact.hex();
    }
    return change;
}

}  // namespace slipway::lifecycle
