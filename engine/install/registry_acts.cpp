// What is asked of the registry, each under its mutex.
#include <algorithm>

#include "engine/install/files.hpp"
#include "engine/install/outputs.hpp"
#include "engine/install/registry.hpp"

namespace slipway::lifecycle {
namespace {

bool is_name(const std::string& name) {
    return !name.empty() && name.size() <= 63 && std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    });
}

bool is_sensitive_input(const AppConfig& config, const std::string& name) {
    return std::any_of(config.inputs.begin(), config.inputs.end(),
                       [&](const Input& input) { return input.name == name && input.sensitive; });
}

bool holds_sensitive(const AppConfig& config, const StringMap& inputs) {
    return std::any_of(inputs.begin(), inputs.end(),
                       [&](const auto& entry) { return is_sensitive_input(config, entry.first); });
}

}  // namespace

Result<std::shared_ptr<const AppVersion>> Registry::sync_version(SyncRequest request) {
    const Lock lock(mutex_);
    return versions_.sync(request, options_.now());
}

Result<std::shared_ptr<const AppVersion>> Registry::version(const std::string& app, const Digest& digest) {
    const Lock lock(mutex_);
    return versions_.get(app, digest);
}

std::vector<std::string> Registry::apps() {
    const Lock lock(mutex_);
    return versions_.apps();
}

std::vector<Digest> Registry::versions(const std::string& app) {
    const Lock lock(mutex_);
    return versions_.versions(app);
}

Result<std::map<std::string, std::vector<Digest>>> Registry::all_versions() {
    const Lock lock(mutex_);
    return versions_.all();
}

Result<Digest> Registry::chosen_version(const NewInstall& request) const {
    if (request.version) {
        return *request.version;
    }
    const auto all = versions_.versions(request.app);
    if (all.empty()) {
        return usage_error(ErrorCode::kNotFound, "app '" + request.app + "' was never synced",
                           "sync it first");
    }
    return all.back();
}

Result<Install> Registry::create_install(NewInstall request, const std::string& by) {
    const Lock lock(mutex_);
    if (!is_name(request.name)) {
        return usage_error(ErrorCode::kInvalidArgument, "'" + request.name + "' cannot name an install",
                           "up to 63 lower-case letters, digits, '-' and '_'");
    }
    if (find(request.name)) {
        return usage_error(ErrorCode::kAlreadyExists, "there is an install '" + request.name + "' already");
    }
    if (request.approval_option != "prompt" && request.approval_option != "approve-all") {
        return usage_error(ErrorCode::kInvalidArgument, "approval option '" + request.approval_option + "'",
                           "'prompt' or 'approve-all'");
    }
    Record record;
    Install& install = record.install;
    SLIPWAY_TRY(install.version, chosen_version(request));
    SLIPWAY_TRY(const auto version, versions_.get(request.app, install.version));
    SLIPWAY_CHECK(check_inputs(version->config, request.inputs));
    install.id = request.id.empty() ? new_id() : request.id;
    if (!is_name(install.id) || find(install.id)) {
        return usage_error(ErrorCode::kAlreadyExists, "the id '" + install.id + "' is taken or is no id");
    }
    install.name = std::move(request.name);
    install.app = std::move(request.app);
    install.inputs = std::move(request.inputs);
    install.account = std::move(request.account);
    install.component_toggles = std::move(request.component_toggles);
    install.approval_option = std::move(request.approval_option);
    install.labels = std::move(request.labels);
    install.settings = std::move(request.settings);
    SLIPWAY_CHECK(check_settings(install.settings));
    SLIPWAY_CHECK(keep(record, created(install, holds_sensitive(version->config, install.inputs)), by));
    return records_.emplace(record.install.id, record).first->second.install;
}

Result<std::vector<std::string>> Registry::update_inputs(const std::string& install, const StringMap& inputs,
                                                         const std::string& by) {
    const Lock lock(mutex_);
    SLIPWAY_TRY(Record * record, find(install));
    SLIPWAY_TRY(const auto version, version_of(*record));
    StringMap merged = record->install.inputs;
    StringMap changed;
    for (const auto& [name, value] : inputs) {
        const auto before = merged.find(name);
        if (before == merged.end() || before->second != value) {
            changed[name] = value;
        }
        merged[name] = value;
    }
    SLIPWAY_CHECK(check_inputs(version->config, merged));
    std::vector<std::string> names;
    if (changed.empty()) {
        return names;
    }
    Change change;
    change.head.what = "inputs";
    change.sensitive = holds_sensitive(version->config, changed);
    change.data["inputs"] = to_object(changed);
    for (const auto& entry : changed) {
        names.push_back(entry.first);
    }
    change.head.names = names;
    SLIPWAY_CHECK(keep(*record, std::move(change), by));
    return names;
}

Result<bool> Registry::set_settings(const std::string& install, const InstallSettings& settings,
                                    const std::string& by) {
    const Lock lock(mutex_);
    SLIPWAY_TRY(Record * record, find(install));
    SLIPWAY_CHECK(check_settings(settings));
    if (record->install.settings == settings) {
        return false;
    }
    Change change;
    change.head.what = "settings";
    change.data["settings"] = settings_object(settings);
    SLIPWAY_CHECK(keep(*record, std::move(change), by));
    return true;
}

Result<void> Registry::set_version(const std::string& install, const Digest& version, const std::string& by) {
    const Lock lock(mutex_);
    SLIPWAY_TRY(Record * record, find(install));
    SLIPWAY_TRY(const auto known, versions_.get(record->install.app, version));
    if (record->install.version == version) {
        return {};
    }
    SLIPWAY_CHECK(check_inputs(known->config, record->install.inputs));
    Change change;
    change.head.what = "version";
    change.head.note = record->install.version.hex().substr(0, 12) + " -> " + version.hex().substr(0, 12);
    change.data["version"] = version.hex();
    return keep(*record, std::move(change), by);
}

Result<void> Registry::set_stack_outputs(const std::string& install, const Outputs& outputs,
                                         const std::string& by) {
    const Lock lock(mutex_);
    SLIPWAY_TRY(Record * record, find(install));
    const PartOutputs stack{outputs, {}};
    Change change;
    change.head.what = "stack";
    change.sensitive = stack.sensitive();
    write_part_outputs(change.data, stack);
    return keep(*record, std::move(change), by);
}

Result<void> Registry::note(const std::string& install, const std::string& what, const std::string& part,
                            const std::string& why, const std::string& by) {
    const Lock lock(mutex_);
    SLIPWAY_TRY(Record * record, find(install));
    Change change;
    change.head.what = what;
    change.head.part = part;
    change.data["note"] = why;
    return keep(*record, std::move(change), by);
}

Result<void> Registry::forget(const std::string& install, const std::string&) {
    const Lock lock(mutex_);
    SLIPWAY_TRY(Record * record, find(install));
    std::string left;
    const auto note = [&](const std::string& name, const PartState& part) {
        if (is_present(part.status)) {
            left += (left.empty() ? "" : ", ") + name;
        }
    };
    note("the sandbox", record->state.sandbox);
    for (const auto& [name, part] : record->state.components) {
        note(name, part);
    }
    if (!left.empty()) {
        return usage_error(ErrorCode::kRefused,
                           "of install " + record->install.name + " may still be there: " + left,
                           "deprovision it first");
    }
    const std::string id = record->install.id;
    SLIPWAY_CHECK(files::remove(file_of(id)));
    records_.erase(id);
    return {};
}

Result<Install> Registry::get(const std::string& install) {
    const Lock lock(mutex_);
    SLIPWAY_TRY(const Record* record, find(install));
    return record->install;
}

std::vector<Install> Registry::list() {
    const Lock lock(mutex_);
    std::vector<Install> all;
    for (const auto& entry : records_) {
        all.push_back(entry.second.install);
    }
    std::sort(all.begin(), all.end(), [](const Install& a, const Install& b) { return a.name < b.name; });
    return all;
}

Result<InstallState> Registry::state(const std::string& install) {
    const Lock lock(mutex_);
    SLIPWAY_TRY(const Record* record, find(install));
    return record->state;
}

Result<std::vector<InstallChange>> Registry::history(const std::string& install) {
    const Lock lock(mutex_);
    SLIPWAY_TRY(const Record* record, find(install));
    return record->history;
}

Result<StateDocument> Registry::state_json(const std::string& install, bool masked) {
    const Lock lock(mutex_);
    SLIPWAY_TRY(const Record* record, find(install));
    SLIPWAY_TRY(const auto version, version_of(*record));
    return state_document(*version, record->install, record->state, masked);
}

Result<void> Registry::report(const std::string& install, const PartReport& report) {
    const Lock lock(mutex_);
    SLIPWAY_TRY(Record * record, find(install));
    if (record->reported.count(report_key(report.run, report.step, report.round)) != 0) {
        return {};
    }
    return keep(*record, part_reported(report), "run " + report.run.str());
}

}  // namespace slipway::lifecycle
