#include "steps/simulate/values.hpp"

#include <algorithm>
#include <vector>

namespace slipway::steps::simulate {
namespace {

/// Sets the value at a dotted path; what is there already stays.
void set_at(json::object& root, const std::string& path, json::value value) {
    json::object* at = &root;
    std::string_view rest(path);
    for (std::size_t dot = rest.find('.'); dot != std::string_view::npos; dot = rest.find('.')) {
        json::value& next = (*at)[rest.substr(0, dot)];
        if (next.is_null()) {
            next.emplace_object();
        }
        if (!next.is_object()) {
            return;
        }
        at = &next.get_object();
        rest.remove_prefix(dot + 1);
    }
    if (!at->contains(rest)) {
        (*at)[rest] = std::move(value);
    }
}

std::vector<std::string> expected_paths(const json::object& input) {
    std::vector<std::string> paths;
    const json::value* expected = input.if_contains("expected_outputs");
    if (expected != nullptr && expected->is_array()) {
        for (const auto& path : expected->get_array()) {
            if (path.is_string()) {
                paths.emplace_back(path.get_string());
            }
        }
    }
    // What has members comes before a plain value of the same name.
    std::sort(paths.begin(), paths.end(), [](const std::string& a, const std::string& b) {
        return a.size() != b.size() ? a.size() > b.size() : a < b;
    });
    return paths;
}

json::object change(const std::string& address, const std::string& action) {
    json::object entry;
    entry["address"] = address;
    entry["action"] = action;
    return entry;
}

json::object summary_of(const std::string& action) {
    json::object summary;
    for (const std::string_view key : {"add", "change", "destroy", "import", "outputs"}) {
        summary[key] = 0;
    }
    if (!action.empty()) {
        summary[action == "create" ? "add" : action == "delete" ? "destroy" : "change"] = 1;
    }
    return summary;
}

}  // namespace

std::string text_of(const json::object& object, std::string_view key) {
    const json::value* value = object.if_contains(key);
    return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string{};
}

std::string desired_of(const json::object& input) {
    json::object wanted;
    std::map<std::string, const json::value*> sorted;
    for (const auto& member : input) {
        sorted[std::string(member.key())] = &member.value();
    }
    for (const std::string_view left_out :
         {"plan", "mode", "expected_outputs", "sensitive_vars", "source", "deployed"}) {
        sorted.erase(std::string(left_out));
    }
    for (const auto& [key, value] : sorted) {
        wanted[key] = *value;
    }
    return sha256(json::serialize(wanted)).hex();
}

json::value made_up(const std::string& seed, const std::string& path) {
    const std::string leaf = path.substr(path.rfind('.') + 1);
    const std::string value = leaf + "-" + sha256(seed + "/" + path).hex().substr(0, 8);
    if (leaf.ends_with("_ids") || leaf.ends_with("_subnets") || leaf.ends_with("_zones") ||
        leaf.ends_with("_arns")) {
        return json::array{json::value(value + "-a"), json::value(value + "-b")};
    }
    return json::value(value);
}

json::object outputs_of(const json::object& input, const std::string& seed,
                        const std::map<std::string, std::string>& scripted) {
    json::object outputs;
    for (const auto& [path, value] : scripted) {
        boost::system::error_code failed;
        json::value parsed = json::parse(value, failed);
        set_at(outputs, path, failed ? json::value(value) : std::move(parsed));
    }
    for (const auto& path : expected_paths(input)) {
        set_at(outputs, path, made_up(seed, path));
    }
    return outputs;
}

json::object plan_of(const json::object& input, const std::string& present, bool drift, bool nothing_to_do) {
    const bool destroy = text_of(input, "mode") == "destroy";
    const std::string desired = desired_of(input);
    std::string action;
    if (destroy) {
        action = present.empty() ? "" : "delete";
    } else if (present.empty()) {
        action = "create";
    } else if (present != desired || drift) {
        action = "update";
    }
    if (nothing_to_do) {
        action.clear();
    }
    const std::string part = text_of(input, "part");
    json::array changes;
    if (!action.empty()) {
        changes.emplace_back(change("simulated." + (part.empty() ? "part" : part), action));
    }
    json::object plan;
    plan["format"] = 1;
    plan["kind"] = text_of(input, "kind");
    plan["mode"] = destroy ? "destroy" : "apply";
    plan["simulated"] = true;
    plan["drift"] = drift;
    plan["summary"] = summary_of(action);
    plan["nothing_to_do"] = action.empty();
    plan["changes"] = std::move(changes);
    plan["output_changes"] = json::array{};
    json::object base;
    base["present"] = present;
    plan["base"] = std::move(base);
    plan["desired"] = destroy ? std::string{} : desired;
    plan["plan_sha256"] = sha256(json::serialize(plan)).hex();
    return plan;
}

}  // namespace slipway::steps::simulate
