#include "steps/policy/change_set.hpp"

#include <algorithm>
#include <array>
#include <boost/json.hpp>

namespace slipway::policy {
namespace {

constexpr std::array<std::string_view, 9> kActions = {"create", "update", "delete", "replace", "read",
                                                      "move",   "forget", "import", "no-op"};

Error bad(const std::string& why) {
    return environment_error(ErrorCode::kCorrupt, "this is not a change set: " + why);
}

Result<std::string> member_text(const json::object& change, const char* key) {
    const auto* value = change.if_contains(key);
    if (value == nullptr || !value->is_string() || value->get_string().empty()) {
        return bad(std::string("a change has no ") + key);
    }
    return text(value->get_string());
}

// "apps/Deployment/shop/web" and "Namespace/shop": the kind begins with the last part that is written with a
// capital and stands before the name.
std::string kind_of_object(const std::string& address) {
    std::size_t begin = 0;
    while (begin < address.size()) {
        const auto end = address.find('/', begin);
        if (end == std::string::npos) {
            return {};
        }
        if (address[begin] >= 'A' && address[begin] <= 'Z') {
            return address.substr(0, end);
        }
        begin = end + 1;
    }
    return {};
}

void take_actions(std::string_view joined, Change& change) {
    while (!joined.empty()) {
        const auto plus = joined.find('+');
        const auto one = joined.substr(0, plus);
        change.is_known =
            change.is_known && std::find(kActions.begin(), kActions.end(), one) != kActions.end();
        change.actions.emplace(one);
        joined.remove_prefix(plus == std::string_view::npos ? joined.size() : plus + 1);
    }
    // Terraform spells a replacement as its two halves where it is one.
    if (change.actions.contains("create") && change.actions.contains("delete")) {
        change.actions = {"replace"};
    }
    if (change.actions.contains("delete") || change.actions.contains("replace")) {
        change.actions.emplace("destroy");
    }
}

Result<Change> read_change(const json::value& item) {
    if (!item.is_object()) {
        return bad("a change is no object");
    }
    const auto& object = item.get_object();
    Change change;
    SLIPWAY_TRY(change.address, member_text(object, "address"));
    SLIPWAY_TRY(const auto action, member_text(object, "action"));
    const auto* type = object.if_contains("type");
    const bool typed = type != nullptr && type->is_string() && !type->get_string().empty();
    change.kind = typed ? text(type->get_string()) : kind_of_object(change.address);
    take_actions(action, change);
    if (const auto* importing = object.if_contains("importing"); importing && importing->is_object()) {
        change.actions.emplace("import");
    }
    return change;
}

json::object as_resource_change(const json::object& change) {
    json::object inner;
    for (const char* key : {"actions", "before", "after", "after_unknown"}) {
        if (const auto* value = change.if_contains(key)) {
            inner[key] = *value;
        }
    }
    json::object out;
    for (const char* key : {"address", "type", "previous_address", "deposed"}) {
        if (const auto* value = change.if_contains(key)) {
            out[key] = *value;
        }
    }
    out["change"] = std::move(inner);
    return out;
}

}  // namespace

Result<ChangeSet> read_change_set(std::string_view text) {
    SLIPWAY_TRY(auto value, parse_json(text, "the change set"));
    if (!value.is_object()) {
        return bad("it is no object");
    }
    ChangeSet set;
    set.plan = std::move(value.get_object());
    const auto* format = set.plan.if_contains("format");
    if (format == nullptr || !format->is_int64() || format->get_int64() != 1) {
        return bad("its format is not 1");
    }
    const auto* changes = set.plan.if_contains("changes");
    if (changes == nullptr || !changes->is_array()) {
        return bad("it has no list of changes");
    }
    for (const auto& item : changes->get_array()) {
        SLIPWAY_TRY(auto change, read_change(item));
        set.changes.push_back(std::move(change));
    }
    return set;
}

json::object rego_input(const ChangeSet& set) {
    json::array resources;
    for (const auto& item : set.plan.at("changes").as_array()) {
        resources.push_back(as_resource_change(item.as_object()));
    }
    json::object out = set.plan;
    out["plan"] = json::object{{"resource_changes", resources}};
    out["resource_changes"] = std::move(resources);
    return out;
}

}  // namespace slipway::policy
