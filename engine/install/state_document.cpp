// The document that templates read, from what the registry knows.
#include <algorithm>

#include "engine/install/json.hpp"
#include "slipway/lifecycle/state.hpp"

namespace slipway::lifecycle {
namespace {

constexpr std::string_view kMask = "(sensitive)";

class Writer {
public:
    explicit Writer(bool masked) : masked_(masked) {}

    /// Puts outputs in at each of `places`; what is sensitive is noted under each of them.
    void outputs(json::object& root, const std::vector<std::string>& places, const Outputs& outputs) {
        for (const auto& place : places) {
            json::object& object = object_at(root, place);
            for (const auto& [name, value] : outputs) {
                if (value.sensitive) {
                    sensitive.push_back(place + "." + name);
                }
                object[name] = value.sensitive && masked_ ? json::value(kMask) : parsed(value.json);
            }
        }
    }

    void input(json::object& root, const std::string& name, const std::string& text, bool secret) {
        for (const std::string place : {"inputs.inputs", "install.inputs"}) {
            if (secret) {
                sensitive.push_back(place + "." + name);
            }
            object_at(root, place)[name] = secret && masked_ ? json::string(kMask) : json::string(text);
        }
    }

    std::vector<std::string> sensitive;

private:
    static json::value parsed(const std::string& text) {
        boost::system::error_code failed;
        json::value value = json::parse(text, failed);
        return failed ? json::value(text) : value;
    }

    bool masked_;
};

void add_inputs(Writer& writer, json::object& root, const AppConfig& config, const Install& install) {
    object_at(root, "inputs.inputs");
    object_at(root, "install.inputs");
    std::map<std::string, std::pair<std::string, bool>> values;
    for (const auto& input : config.inputs) {
        values[input.name] = {input.default_value.value_or(""), input.sensitive};
    }
    for (const auto& [name, value] : install.inputs) {
        values[name].first = value;
    }
    for (const auto& [name, value] : values) {
        writer.input(root, name, value.first, value.second);
    }
}

void add_account(json::object& root, const CloudAccount& account) {
    json::object& cloud = object_at(root, "cloud_account");
    if (account.cloud == "azure") {
        object_at(cloud, "azure")["location"] = account.region;
    } else if (account.cloud == "gcp") {
        json::object& gcp = object_at(cloud, "gcp");
        gcp["region"] = account.region;
        gcp["project_id"] = account.project_id;
    } else if (!account.region.empty()) {
        object_at(cloud, "aws")["region"] = account.region;
    }
    json::object& outputs = object_at(root, "install_stack.outputs");
    if (!account.region.empty()) {
        outputs["region"] = account.region;
    }
    if (!account.project_id.empty()) {
        outputs["project_id"] = account.project_id;
    }
}

void add_sandbox(Writer& writer, json::object& root, const AppConfig& config, const PartState& sandbox) {
    json::object& object = object_at(root, "sandbox");
    object["populated"] = sandbox.status == PartStatus::kActive;
    object["status"] = std::string(to_string(sandbox.status));
    object["type"] = config.sandbox.type;
    object["version"] = sandbox.version.is_zero() ? std::string{} : sandbox.version.hex();
    writer.outputs(root, {"sandbox.outputs", "install.sandbox.outputs"}, sandbox.outputs);
}

void add_components(Writer& writer, json::object& root, const AppConfig& config, const InstallState& state) {
    object_at(root, "components");
    for (const auto& component : config.components) {
        const auto found = state.components.find(component.name);
        const PartState nothing;
        const PartState& part = found == state.components.end() ? nothing : found->second;
        // Templates may read it by its var_name too.
        std::vector<std::string> places{"components." + component.name + ".outputs"};
        json::object& object = object_at(root, "components." + component.name);
        object["populated"] = part.status == PartStatus::kActive;
        object["status"] = std::string(to_string(part.status));
        object["name"] = component.name;
        object["component_id"] = component.name;
        object["install_component_id"] = component.name;
        object["build_id"] = part.version.is_zero() ? std::string{} : part.version.hex();
        const bool plain = component.var_name.find_first_of(".{}") == std::string::npos;
        if (plain && !component.var_name.empty() && component.var_name != component.name) {
            const json::object copy = object;
            object_at(root, "components")[component.var_name] = copy;
            places.push_back("components." + component.var_name + ".outputs");
        }
        writer.outputs(root, places, part.outputs);
    }
}

void add_actions(Writer& writer, json::object& root, const InstallState& state) {
    object_at(root, "actions.workflows");
    for (const auto& [name, action] : state.actions) {
        const std::string place = "actions.workflows." + name;
        json::object& object = object_at(root, place);
        object["status"] = action.status;
        object["id"] = name;
        writer.outputs(root, {place + ".outputs"}, action.outputs);
        for (const auto& [step, outputs] : action.steps) {
            writer.outputs(root, {place + ".outputs.steps." + step}, outputs);
        }
    }
}

}  // namespace

std::string_view to_string(PartStatus status) {
    switch (status) {
        case PartStatus::kAbsent:
            return "absent";
        case PartStatus::kDeploying:
            return "deploying";
        case PartStatus::kActive:
            return "active";
        case PartStatus::kRemoved:
            return "removed";
    }
    return "unknown";
}

StateDocument state_document(const AppVersion& version, const Install& install, const InstallState& state,
                             bool masked) {
    Writer writer(masked);
    json::object root;
    root["id"] = install.id;
    root["name"] = install.name;
    for (const std::string place : {"app", "org"}) {
        json::object& object = object_at(root, place);
        object["id"] = install.app;
        object["name"] = install.app;
        object["status"] = "active";
    }
    object_at(root, "app.variables");
    json::object& self = object_at(root, "install");
    self["id"] = install.id;
    self["name"] = install.name;
    add_inputs(writer, root, version.config, install);
    add_account(root, install.account);
    writer.outputs(root, {"install_stack.outputs"}, state.stack);
    add_sandbox(writer, root, version.config, state.sandbox);
    add_components(writer, root, version.config, state);
    add_actions(writer, root, state);
    object_at(root, "secrets");
    std::sort(writer.sensitive.begin(), writer.sensitive.end());
    json::object document;
    document["nuon"] = std::move(root);
    return {json::serialize(document), std::move(writer.sensitive)};
}

}  // namespace slipway::lifecycle
