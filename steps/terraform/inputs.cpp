#include "steps/terraform/inputs.hpp"

#include <boost/json.hpp>

namespace slipway::terraform {
namespace {

constexpr std::string_view kSecret = "$secret";

bool is_own_variable(std::string_view name) {
    static const std::set<std::string_view> kOwn = {"TF_WORKSPACE",
                                                    "TF_REATTACH_PROVIDERS",
                                                    "TF_DATA_DIR",
                                                    "TF_CLI_CONFIG_FILE",
                                                    "TF_INPUT",
                                                    "TF_IN_AUTOMATION",
                                                    "TF_STATE_PERSIST_INTERVAL",
                                                    "HOME",
                                                    "TMPDIR"};
    return kOwn.contains(name) || name.starts_with("TF_CLI_ARGS") || name.starts_with("TF_LOG") ||
           name.starts_with("SLIPWAY_FENCE");
}

Result<void> read_var_files(const json::object& root, PlanInput& input) {
    for (const auto& item : array_of(root, "var_files")) {
        if (!item.is_object() || !item.get_object().contains("contents")) {
            return authoring_error("input.var_files: each entry is {\"name\", \"contents\"}");
        }
        input.var_files.push_back(
            {text_of(item.get_object(), "name"), text_of(item.get_object(), "contents")});
    }
    return {};
}

Result<void> check_env(const json::object& env) {
    for (const auto& [name, value] : env) {
        const std::string key(name.data(), name.size());
        if (key.empty() || key.find('=') != std::string::npos || is_own_variable(key)) {
            return authoring_error("input.env: " + key +
                                   " cannot be set for Terraform: Slipway sets or withholds it");
        }
        if (!value.is_string() && !value.is_object()) {
            return authoring_error("input.env." + key + ": the value of an environment variable is text");
        }
    }
    return {};
}

bool is_digest(const std::string& text) {
    constexpr std::string_view kPrefix = "sha256:";
    return text.starts_with(kPrefix) && !Digest::from_hex(text.substr(kPrefix.size())).is_zero();
}

Result<void> read_module(const json::object& root, PlanInput& input) {
    input.artifact = text_of(root, "artifact");
    input.source = text_of(root, "source");
    input.path = text_of(root, "path");
    input.source_digest = text_of(root, "source_digest");
    if (!input.artifact.empty() && !input.source.empty()) {
        return authoring_error("input.artifact and input.source: one of the two");
    }
    if (!input.artifact.empty() && !is_digest(input.artifact)) {
        return authoring_error("input.artifact is not the digest of a packaged module: " + input.artifact);
    }
    if (input.artifact.empty() && (input.source.empty() || input.source[0] != '/')) {
        return authoring_error("input.source is not the absolute path of the module's folder");
    }
    return {};
}

bool is_inside(const std::string& path) {
    return path.empty() || (path[0] != '/' && ("/" + path + "/").find("/../") == std::string::npos);
}

}  // namespace

Result<PlanInput> read_plan_input(std::string_view text) {
    SLIPWAY_TRY(auto root, parse_object(text, "the input of the Terraform step"));
    PlanInput input;
    SLIPWAY_CHECK(read_module(root, input));
    input.version = text_of(root, "terraform_version");
    input.state_key = text_of(root, "state_key");
    input.vars = object_of(root, "vars");
    input.env = object_of(root, "env");
    const auto mode = text_of(root, "mode", "apply");
    if (mode != "apply" && mode != "destroy") {
        return authoring_error("input.mode is \"" + mode + "\": it is \"apply\" or \"destroy\"");
    }
    input.destroy = mode == "destroy";
    if (input.state_key.empty()) {
        return authoring_error("input.state_key is missing");
    }
    if (!is_inside(input.path)) {
        return authoring_error("input.path leads out of the source: " + input.path);
    }
    for (auto& name : strings_of(root, "sensitive_vars")) {
        input.sensitive_vars.insert(std::move(name));
    }
    input.sensitive_values = array_of(root, "sensitive_values");
    SLIPWAY_CHECK(read_var_files(root, input));
    SLIPWAY_CHECK(check_env(input.env));
    return input;
}

Result<Planned> read_planned(std::string_view apply_input) {
    SLIPWAY_TRY(auto root, parse_object(apply_input, "the input of terraform.apply"));
    const auto& plan = object_of(root, "plan");
    const auto& base = object_of(plan, "base");
    Planned planned;
    planned.blob = Digest::from_hex(text_of(plan, "plan_blob"));
    planned.sha256 = text_of(plan, "plan_sha256");
    planned.nothing_to_do = flag_of(plan, "nothing_to_do");
    planned.base = {text_of(base, "lineage"), number_of(base, "serial"), text_of(base, "sha256"),
                    number_of(base, "generation")};
    if (text_of(plan, "kind") != "terraform" || planned.base.lineage.empty() || planned.sha256.empty() ||
        (planned.blob.is_zero() && !planned.nothing_to_do)) {
        return authoring_error("input.plan is not the output of a terraform.plan step");
    }
    if (text_of(plan, "mode") != text_of(root, "mode", "apply") ||
        text_of(plan, "state_key") != text_of(root, "state_key")) {
        return authoring_error("input.plan was made for another mode or another state than this apply");
    }
    planned.artifact = text_of(plan, "artifact");
    if (planned.artifact != text_of(root, "artifact")) {
        return authoring_error("input.plan was made from another artifact than this apply is to use");
    }
    planned.provisioned = provisioned_of(array_of(plan, "changes"));
    planned.config_digest = text_of(plan, "config_digest");
    planned.lock_digest = text_of(plan, "lock_digest");
    planned.vars_digest = text_of(plan, "vars_digest");
    planned.terraform_version = text_of(plan, "terraform_version");
    planned.state_key = text_of(plan, "state_key");
    return planned;
}

std::set<std::string> provisioned_of(const json::array& changes) {
    std::set<std::string> out;
    for (const auto& item : changes) {
        if (item.is_object() && flag_of(item.get_object(), "provisioners")) {
            out.insert(text_of(item.get_object(), "address"));
        }
    }
    return out;
}

Result<void> resolve_secrets(json::value& value, AttemptContext& context, PlanMask& mask) {
    if (value.is_array()) {
        for (auto& item : value.get_array()) {
            SLIPWAY_CHECK(resolve_secrets(item, context, mask));
        }
        return {};
    }
    if (!value.is_object()) {
        return {};
    }
    auto& object = value.get_object();
    if (object.size() == 1 && object.contains(kSecret)) {
        SLIPWAY_TRY(auto secret, context.secret(text_of(object, kSecret)));
        mask.add_text(secret);
        value = json::value(secret);
        return {};
    }
    for (auto& member : object) {
        SLIPWAY_CHECK(resolve_secrets(member.value(), context, mask));
    }
    return {};
}

}  // namespace slipway::terraform
