#include "steps/policy/input.hpp"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <set>

namespace slipway::policy {
namespace {

constexpr std::array<std::string_view, 9> kActions = {"create", "update", "delete", "replace", "read",
                                                      "move",   "forget", "import", "destroy"};

Error bad(const std::string& where, const std::string& why) {
    return authoring_error(where + ": " + why);
}

Result<std::string> read_text(const json::value& value, const std::string& where) {
    if (!value.is_string()) {
        return bad(where, "is not a text");
    }
    return text(value.get_string());
}

Result<std::vector<std::string>> read_texts(const json::value& value, const std::string& where) {
    if (!value.is_array()) {
        return bad(where, "is not a list of texts");
    }
    std::vector<std::string> out;
    for (const auto& item : value.get_array()) {
        SLIPWAY_TRY(auto one, read_text(item, where));
        out.push_back(std::move(one));
    }
    return out;
}

Result<void> read_effect(const json::value& value, const std::string& where, PolicyCheck& check) {
    SLIPWAY_TRY(const auto effect, read_text(value, where));
    if (effect != "deny" && effect != "warn") {
        return bad(where, "is neither deny nor warn");
    }
    check.effect = effect == "warn" ? PolicyEffect::kWarn : PolicyEffect::kDeny;
    return {};
}

Result<void> read_limit(const json::value& value, const std::string& where, PolicyCheck& check) {
    if (!value.is_int64() || value.get_int64() < 0) {
        return bad(where, "is not a number from 0 on");
    }
    check.at_most = static_cast<std::uint64_t>(value.get_int64());
    return {};
}

Result<void> read_member(std::string_view key, const json::value& value, const std::string& where,
                         PolicyCheck& check) {
    const auto list = [&](std::vector<std::string>& out) -> Result<void> {
        SLIPWAY_TRY(out, read_texts(value, where));
        return {};
    };
    const auto word = [&](std::string& out) -> Result<void> {
        SLIPWAY_TRY(out, read_text(value, where));
        return {};
    };
    return key == "name"        ? word(check.name)
           : key == "message"   ? word(check.message)
           : key == "effect"    ? read_effect(value, where, check)
           : key == "actions"   ? list(check.actions)
           : key == "kinds"     ? list(check.kinds)
           : key == "addresses" ? list(check.addresses)
           : key == "except"    ? list(check.except)
           : key == "at_most"   ? read_limit(value, where, check)
                                : Result<void>(bad(where, "is not known"));
}

Result<PolicyCheck> read_check(const json::value& value, const std::string& where) {
    if (!value.is_object()) {
        return bad(where, "is no object");
    }
    PolicyCheck check;
    for (const auto& [key, member] : value.get_object()) {
        const std::string name(key.data(), key.size());
        SLIPWAY_CHECK(read_member(name, member, where + "." + name, check));
    }
    return check;
}

Result<RegoPolicy> read_rego(const json::value& value, const std::string& where) {
    if (!value.is_object()) {
        return bad(where, "is no object");
    }
    RegoPolicy policy;
    for (const auto& [key, member] : value.get_object()) {
        const std::string name(key.data(), key.size());
        if (name != "name" && name != "contents") {
            return bad(where + "." + name, "is not known");
        }
        SLIPWAY_TRY((name == "name" ? policy.name : policy.contents), read_text(member, where + "." + name));
    }
    return policy;
}

Result<void> check_names(const Policies& policies) {
    std::set<std::string> names;
    const auto take = [&](const std::string& name) -> Result<void> {
        if (name.empty() || !names.insert(name).second) {
            return bad("policy '" + name + "'", name.empty() ? "has no name" : "is there twice");
        }
        return {};
    };
    for (const auto& check : policies.checks) {
        SLIPWAY_CHECK(take(check.name));
        for (const auto& action : check.actions) {
            if (std::find(kActions.begin(), kActions.end(), action) == kActions.end()) {
                return bad("policy '" + check.name + "'", "there is no action " + action);
            }
        }
    }
    for (const auto& policy : policies.rego) {
        SLIPWAY_CHECK(take(policy.name));
    }
    return {};
}

Result<void> read_list(const json::object& root, const char* key, Policies& out) {
    const auto* list = root.if_contains(key);
    if (list == nullptr) {
        return {};
    }
    if (!list->is_array()) {
        return bad(key, "is not a list");
    }
    std::size_t index = 0;
    for (const auto& item : list->get_array()) {
        const auto where = std::string(key) + "[" + std::to_string(index++) + "]";
        if (std::string_view(key) == "checks") {
            SLIPWAY_TRY(auto check, read_check(item, where));
            out.checks.push_back(std::move(check));
        } else {
            SLIPWAY_TRY(auto policy, read_rego(item, where));
            out.rego.push_back(std::move(policy));
        }
    }
    return {};
}

}  // namespace

Result<Input> parse_input(std::string_view text, const PolicyOptions& options) {
    const auto root = parse_json(text, "the input of a policy step");
    if (!root || !root->is_object()) {
        return bad("the input of a policy step", "is no JSON object");
    }
    const auto& object = root->get_object();
    const auto* plan = object.if_contains("plan");
    if (plan == nullptr) {
        return bad("plan", "is missing: the change set that is looked at");
    }
    Input input;
    input.change_set = canonical(*plan);
    input.policies = {options.checks, options.rego};
    SLIPWAY_CHECK(read_list(object, "checks", input.policies));
    SLIPWAY_CHECK(read_list(object, "rego", input.policies));
    if (const auto* what = object.if_contains("when_not_evaluated")) {
        SLIPWAY_TRY(const auto word, read_text(*what, "when_not_evaluated"));
        if (word != "fail" && word != "go_on") {
            return bad("when_not_evaluated", "is neither fail nor go_on");
        }
        input.go_on = word == "go_on";
    }
    SLIPWAY_CHECK(check_names(input.policies));
    return input;
}

}  // namespace slipway::policy
