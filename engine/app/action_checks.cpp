// Actions, inputs and install files against the rest of the app.
#include <algorithm>
#include <set>

#include "engine/app/app_checks.hpp"
#include "engine/app/checks.hpp"
#include "engine/app/json_read.hpp"
#include "engine/app/spelling.hpp"

#include <boost/json/value.hpp>

namespace slipway::app {

namespace {

class TriggerCheck {
public:
    TriggerCheck(const TomlValue& trigger, std::string key, const Names& names, Reading& reading)
        : trigger_(trigger), key_(std::move(key)), names_(names), reading_(reading) {}

    /// True for a cron trigger.
    bool run() {
        const TomlValue* type = trigger_.find("type");
        if (type == nullptr || type->kind != TomlKind::kString) {
            return false;
        }
        check_type(*type);
        const std::string current = current_trigger_type(type->text);
        check_component(current);
        if (current == "cron") {
            check_cron();
        }
        return current == "cron";
    }

private:
    void check_type(const TomlValue& type) {
        const std::string current = current_trigger_type(type.text);
        if (current != type.text) {
            reading_.findings.add(Severity::kHint, type.at, key_ + ".type",
                                  "'" + type.text + "' is an old spelling", "write '" + current + "'");
        }
    }

    void check_component(const std::string& type) {
        const bool wants = type.ends_with("-component");
        const TomlValue* component = trigger_.find("component_name");
        const bool given =
            component != nullptr && component->kind == TomlKind::kString && !component->text.empty();
        if (wants && !given) {
            reading_.findings.error(trigger_.at, key_ + ".component_name",
                                    "is required for the trigger '" + type + "'");
        } else if (given && !wants) {
            reading_.findings.error(component->at, key_ + ".component_name",
                                    "does not belong to the trigger '" + type + "'");
        } else if (given) {
            expect_known(*component, key_ + ".component_name", "component", component->text,
                         names_.components, reading_);
        }
    }

    void check_cron() {
        if (trigger_.find("cron_schedule") != nullptr) {
            return;
        }
        const TomlValue* slip = trigger_.find("schedule");
        reading_.findings.warning(slip != nullptr ? slip->at : trigger_.at, key_ + ".cron_schedule",
                                  "is missing: this trigger never fires",
                                  slip != nullptr ? "the key is called cron_schedule, not schedule" : "");
    }

    const TomlValue& trigger_;
    std::string key_;
    const Names& names_;
    Reading& reading_;
};

void check_default(const TomlValue& input, const std::string& key, Reading& reading) {
    const TomlValue* value = input.find("default");
    const std::string type = input.string_at("type");
    if (value == nullptr || value->kind != TomlKind::kString || value->text.empty()) {
        return;
    }
    std::string problem;
    boost::json::value parsed;
    const bool is_json = read_json(value->text, parsed, problem);
    if (type == "json" && !is_json) {
        reading.findings.error(value->at, key + "default", "is not valid JSON: " + problem);
    } else if (type == "number" && !(is_json && parsed.is_number())) {
        reading.findings.error(value->at, key + "default", "'" + value->text + "' is not a number");
    } else if (type == "bool" && value->text != "true" && value->text != "false") {
        reading.findings.error(value->at, key + "default", "'" + value->text + "' is neither true nor false");
    }
}

}  // namespace

void check_actions(const std::vector<AppDocument>& documents, const Names& names, Reading& reading) {
    for (const auto* document : of_section(documents, "actions")) {
        const TomlValue* triggers = document->root.find("triggers");
        int crons = 0;
        for (std::size_t i = 0; triggers != nullptr && i < triggers->items.size(); ++i) {
            if (triggers->items[i].kind != TomlKind::kTable) {
                continue;
            }
            const std::string key = "triggers[" + std::to_string(i) + "]";
            if (TriggerCheck(triggers->items[i], key, names, reading).run() && ++crons == 2) {
                reading.findings.error(triggers->items[i].at, key,
                                       "is a second cron trigger; an action has at most one");
            }
        }
        const TomlValue* list = document->root.find("dependencies");
        for (std::size_t i = 0; list != nullptr && i < list->items.size(); ++i) {
            if (list->items[i].kind != TomlKind::kString) {
                continue;
            }
            expect_known(list->items[i], "dependencies[" + std::to_string(i) + "]", "component",
                         list->items[i].text, names.components, reading);
        }
    }
}

void check_inputs(const std::vector<AppDocument>& documents, Reading& reading) {
    std::vector<std::string> groups;
    std::set<std::string> seen;
    const auto add_group = [&](const TomlValue& group, const std::string& key) {
        const TomlValue* name = group.find("name");
        if (name == nullptr || name->kind != TomlKind::kString) {
            return;
        }
        groups.push_back(name->text);
        if (!seen.insert(name->text).second) {
            reading.findings.error(name->at, key, "there is a second group '" + name->text + "'");
        }
    };
    for (const auto* document : of_section(documents, "inputs")) {
        const TomlValue* list = document->root.find("group");
        if (list == nullptr || list->kind != TomlKind::kArray) {
            continue;
        }
        for (std::size_t i = 0; i < list->items.size(); ++i) {
            add_group(list->items[i], "group[" + std::to_string(i) + "].name");
        }
    }
    for (const auto* document : of_section(documents, "input_groups")) {
        add_group(document->root, "name");
    }

    for (const auto& entry : entries_of(documents, "inputs", "input")) {
        const std::string key = entry.key.empty() ? "" : entry.key + ".";
        if (const TomlValue* group = entry.table->find("group");
            group != nullptr && group->kind == TomlKind::kString && !group->text.empty()) {
            expect_known(*group, key + "group", "input group", group->text, groups, reading);
        }
        if (const TomlValue* name = entry.table->find("name");
            name != nullptr && name->text.starts_with("nuon_component_override_v1_")) {
            reading.findings.error(name->at, key + "name",
                                   "the prefix 'nuon_component_override_v1_' is reserved");
        }
        check_default(*entry.table, key, reading);
    }
}

void check_installs(const std::vector<AppDocument>& documents, const Names& names,
                    const lifecycle::AppConfig& config, Reading& reading) {
    for (const auto* document : of_section(documents, "installs")) {
        std::set<std::string> given;
        const auto check_table_of_inputs = [&](const TomlValue& table, const std::string& key) {
            for (const auto& member : table.members) {
                given.insert(member.key);
                TomlValue at;
                at.at = member.at;
                expect_known(at, key + "." + member.key, "input", member.key, names.inputs, reading);
            }
        };
        const TomlValue* inputs = document->root.find("inputs");
        if (inputs != nullptr && inputs->kind == TomlKind::kTable) {
            check_table_of_inputs(*inputs, "inputs");
        }
        for (std::size_t i = 0; inputs != nullptr && i < inputs->items.size(); ++i) {
            check_table_of_inputs(inputs->items[i], "inputs[" + std::to_string(i) + "]");
        }
        for (const auto& input : config.inputs) {
            if (!input.required || input.default_value || given.contains(input.name)) {
                continue;
            }
            // What the customer is asked for may come later; what the vendor must set may not.
            reading.findings.add(
                input.user_configurable ? Severity::kHint : Severity::kError, document->root.at,
                "inputs." + input.name, "is a required input of the app and not set",
                input.user_configurable ? "the customer is asked for it" : "add it under [inputs]");
        }
        const TomlValue* toggles = document->root.find("component_toggles");
        for (std::size_t i = 0; toggles != nullptr && i < toggles->members.size(); ++i) {
            const auto& member = toggles->members[i];
            TomlValue at;
            at.at = member.at;
            expect_known(at, "component_toggles." + member.key, "component", member.key, names.components,
                         reading);
            if (member.value.kind != TomlKind::kBool) {
                reading.findings.error(
                    member.value.at, "component_toggles." + member.key,
                    "must be true or false, not " + std::string(describe(member.value.kind)));
            }
        }
    }
}

}  // namespace slipway::app
