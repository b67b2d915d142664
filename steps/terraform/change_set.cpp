#include "steps/terraform/change_set.hpp"

#include <boost/json.hpp>
#include <set>
#include <string>

namespace slipway::terraform {
namespace {

// Configured resources that have provisioners, as addresses without instance keys: module.a.type.name.
void provisioned_in(const json::object& module, const std::string& prefix, std::set<std::string>& found) {
    for (const auto& item : array_of(module, "resources")) {
        if (item.is_object() && !array_of(item.get_object(), "provisioners").empty()) {
            found.insert(prefix + text_of(item.get_object(), "address"));
        }
    }
    for (const auto& [name, call] : object_of(module, "module_calls")) {
        if (call.is_object()) {
            const auto inner = prefix + "module." + std::string(name.data(), name.size()) + ".";
            provisioned_in(object_of(call.get_object(), "module"), inner, found);
        }
    }
}

// Drops every [instance key], also one that holds brackets or quotes of its own.
std::string without_keys(std::string_view address) {
    std::string out;
    bool in_key = false;
    bool in_text = false;
    for (std::size_t i = 0; i < address.size(); ++i) {
        const char c = address[i];
        if (in_text) {
            i += c == '\\' ? 1U : 0U;
            in_text = c != '"';
        } else if (in_key) {
            in_text = c == '"';
            in_key = c != ']';
        } else if (c == '[') {
            in_key = true;
        } else {
            out += c;
        }
    }
    return out;
}

void learn_secrets(const json::object& plan, PlanMask& mask) {
    const auto& declared = object_of(object_of(object_of(plan, "configuration"), "root_module"), "variables");
    for (const auto& [name, variable] : object_of(plan, "variables")) {
        const auto* declaration = declared.if_contains(name);
        if (declaration != nullptr && declaration->is_object() &&
            flag_of(declaration->get_object(), "sensitive") && variable.is_object()) {
            mask.add(member_of(variable.get_object(), "value"));
        }
    }
    const auto learn = [&](const json::object& change) {
        mask.add_marked(member_of(change, "before"), member_of(change, "before_sensitive"));
        mask.add_marked(member_of(change, "after"), member_of(change, "after_sensitive"));
    };
    for (const auto* list : {"resource_changes", "resource_drift"}) {
        for (const auto& item : array_of(plan, list)) {
            if (item.is_object()) {
                learn(object_of(item.get_object(), "change"));
            }
        }
    }
    for (const auto& [name, change] : object_of(plan, "output_changes")) {
        if (change.is_object()) {
            learn(change.get_object());
        }
    }
}

void count(json::object& summary, const char* name, std::int64_t by = 1) {
    summary[name] = summary[name].as_int64() + by;
}

void count_change(ChangeSet& set, const std::string& action, bool importing) {
    if (action == "create" || action == "replace") {
        count(set.summary, "add");
    }
    if (action == "delete" || action == "replace") {
        count(set.summary, "destroy");
    }
    if (action == "update") {
        count(set.summary, "change");
    }
    if (action == "forget") {
        count(set.summary, "forget");
    }
    if (importing) {
        count(set.summary, "import");
    }
}

json::object shown_change(const json::object& resource, const std::string& action, const PlanMask& mask) {
    const auto& change = object_of(resource, "change");
    json::object shown;
    shown["address"] = text_of(resource, "address");
    shown["action"] = action;
    shown["actions"] = array_of(change, "actions");
    shown["type"] = text_of(resource, "type");
    shown["reason"] = text_of(resource, "action_reason");
    shown["before"] = mask.mask(member_of(change, "before"), member_of(change, "before_sensitive"));
    shown["after"] = mask.mask(member_of(change, "after"), member_of(change, "after_sensitive"));
    shown["after_unknown"] = member_of(change, "after_unknown");
    if (const auto* importing = change.if_contains("importing");
        importing != nullptr && importing->is_object()) {
        shown["importing"] = mask.mask(*importing, {});
    }
    if (const auto previous = text_of(resource, "previous_address"); !previous.empty()) {
        shown["previous_address"] = previous;
    }
    if (const auto deposed = text_of(resource, "deposed"); !deposed.empty()) {
        shown["deposed"] = deposed;
    }
    return shown;
}

void read_resources(const json::object& plan, const PlanMask& mask, ChangeSet& set) {
    std::set<std::string> provisioned;
    provisioned_in(object_of(object_of(plan, "configuration"), "root_module"), {}, provisioned);
    for (const auto& item : array_of(plan, "resource_changes")) {
        if (!item.is_object()) {
            continue;
        }
        const auto& change = object_of(item.get_object(), "change");
        auto action = action_of(array_of(change, "actions"));
        const bool importing = member_of(change, "importing").is_object();
        const bool moving = !text_of(item.get_object(), "previous_address").empty();
        if (action == "no-op" && !importing && !moving) {
            continue;
        }
        action = action == "no-op" && moving ? "move" : action;
        count_change(set, action, importing);
        count(set.summary, "move", moving ? 1 : 0);
        auto shown = shown_change(item.get_object(), action, mask);
        shown["provisioners"] = provisioned.contains(without_keys(text_of(item.get_object(), "address")));
        set.changes.push_back(std::move(shown));
    }
    for (const auto& item : array_of(plan, "resource_drift")) {
        if (item.is_object()) {
            set.drift.push_back(
                shown_change(item.get_object(),
                             action_of(array_of(object_of(item.get_object(), "change"), "actions")), mask));
        }
    }
}

void read_outputs(const json::object& plan, const PlanMask& mask, ChangeSet& set) {
    for (const auto& [name, value] : object_of(plan, "output_changes")) {
        if (!value.is_object()) {
            continue;
        }
        const auto& change = value.get_object();
        const auto action = action_of(array_of(change, "actions"));
        if (action == "no-op") {
            continue;
        }
        count(set.summary, "outputs");
        json::object shown;
        shown["action"] = action;
        shown["before"] = mask.mask(member_of(change, "before"), member_of(change, "before_sensitive"));
        shown["after"] = mask.mask(member_of(change, "after"), member_of(change, "after_sensitive"));
        shown["after_unknown"] = member_of(change, "after_unknown");
        set.output_changes[name] = std::move(shown);
    }
}

}  // namespace

std::string action_of(const json::array& actions) {
    std::string joined;
    for (const auto& item : actions) {
        if (item.is_string()) {
            joined +=
                (joined.empty() ? "" : "+") + std::string(item.get_string().data(), item.get_string().size());
        }
    }
    return joined == "delete+create" || joined == "create+delete" ? "replace" : joined;
}

Result<ChangeSet> read_change_set(const json::object& plan, PlanMask& mask) {
    const auto version = text_of(plan, "format_version");
    if (!version.starts_with("1.")) {
        return environment_error(ErrorCode::kUnsupportedFormat,
                                 "Terraform's plan has format version \"" + version + "\", not 1.x");
    }
    learn_secrets(plan, mask);
    ChangeSet set;
    for (const auto* name : {"add", "change", "destroy", "import", "move", "forget", "outputs"}) {
        set.summary[name] = std::int64_t{0};
    }
    read_resources(plan, mask, set);
    read_outputs(plan, mask, set);
    const bool rearranges = set.summary["move"].as_int64() + set.summary["forget"].as_int64() > 0;
    set.nothing_to_do =
        !rearranges && !flag_of(plan, "applyable", !set.changes.empty() || !set.output_changes.empty());
    set.complete = !flag_of(plan, "errored") && flag_of(plan, "complete", true) &&
                   array_of(plan, "deferred_changes").empty();
    return set;
}

}  // namespace slipway::terraform
