#include "steps/terraform/state_file.hpp"

#include <boost/json.hpp>

#include "slipway/ids.hpp"
#include "steps/terraform/hcl.hpp"
#include "steps/terraform/json.hpp"
#include "steps/terraform/plan_mask.hpp"

namespace slipway::terraform {
namespace {

std::string instance_address(const std::string& resource, const json::object& instance) {
    const auto* key = instance.if_contains("index_key");
    if (key == nullptr || key->is_null()) {
        return resource;
    }
    if (key->is_string()) {
        return resource + "[" +
               hcl_quote(std::string_view(key->get_string().data(), key->get_string().size())) + "]";
    }
    return resource + "[" + json::serialize(*key) + "]";
}

void add_resource(const json::object& resource, StateFile& state) {
    if (text_of(resource, "mode") != "managed") {
        return;
    }
    const auto module = text_of(resource, "module");
    const auto name =
        (module.empty() ? "" : module + ".") + text_of(resource, "type") + "." + text_of(resource, "name");
    for (const auto& item : array_of(resource, "instances")) {
        if (!item.is_object()) {
            continue;
        }
        const auto& instance = item.get_object();
        const auto address = instance_address(name, instance);
        if (!text_of(instance, "deposed").empty()) {
            state.deposed.insert(address);
        } else {
            state.instances[address] = {text_of(object_of(instance, "attributes"), "id"),
                                        text_of(instance, "status") == "tainted"};
        }
    }
}

}  // namespace

Result<StateFile> read_state(std::string_view bytes) {
    SLIPWAY_TRY(auto root, parse_object(bytes, "the Terraform state"));
    const auto version = number_of(root, "version");
    StateFile state;
    state.lineage = text_of(root, "lineage");
    state.serial = number_of(root, "serial");
    if (version != 4 || state.lineage.empty()) {
        return environment_error(ErrorCode::kCorrupt, "not a Terraform state of format 4 with a lineage");
    }
    for (const auto& item : array_of(root, "resources")) {
        if (item.is_object()) {
            add_resource(item.get_object(), state);
        }
    }
    state.sha256 = slipway::sha256(bytes).hex();
    return state;
}

std::string seed_state(std::string_view lineage, std::uint64_t serial) {
    json::object root;
    root["version"] = 4;
    root["serial"] = serial;
    root["lineage"] = json::string_view(lineage.data(), lineage.size());
    root["outputs"] = json::object();
    root["resources"] = json::array();
    return json::serialize(root);
}

std::string lineage_for(std::string_view key, std::string_view nonce) {
    auto hex = slipway::sha256("slipway terraform lineage\n" + std::string(key) + "\n" + std::string(nonce))
                   .hex()
                   .substr(0, 32);
    hex[12] = '8';  // version 8 (custom) and variant bits of a UUID
    hex[16] = "89ab"[static_cast<unsigned char>(hex[16]) % 4];
    return hex.substr(0, 8) + "-" + hex.substr(8, 4) + "-" + hex.substr(12, 4) + "-" + hex.substr(16, 4) +
           "-" + hex.substr(20, 12);
}

Result<StateOutputs> outputs_of(std::string_view state_bytes, const PlanMask& mask) {
    SLIPWAY_TRY(auto root, parse_object(state_bytes, "the Terraform state"));
    StateOutputs result;
    json::object outputs;
    for (const auto& [name, value] : object_of(root, "outputs")) {
        if (!value.is_object()) {
            continue;
        }
        json::object output = value.get_object();
        const auto* content = output.if_contains("value");
        const bool repeats = content != nullptr && mask.mask(*content, {}) != *content;
        const bool sensitive = repeats || flag_of(output, "sensitive");
        output["sensitive"] = sensitive;
        result.any_sensitive = result.any_sensitive || sensitive;
        outputs[name] = std::move(output);
    }
    result.json = json::serialize(outputs);
    return result;
}

}  // namespace slipway::terraform
