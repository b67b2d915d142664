// Actions and inputs against the rest of the app.
#include <algorithm>
#include <set>

#include "engine/app/check_tools.hpp"
#include "engine/app/checks.hpp"
#include "engine/app/spelling.hpp"

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
        if (const TomlValue* given = trigger_.find("cron_schedule")) {
            if (given->kind == TomlKind::kString && given->text.empty()) {
                reading_.findings.warning(given->at, key_ + ".cron_schedule",
                                          "is empty: this trigger never fires");
            }
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
    if (value == nullptr || value->kind != TomlKind::kString) {
        return;
    }
    const std::string problem = value_problem(input.string_at("type"), value->text);
    if (!problem.empty()) {
        reading.findings.error(value->at, key + "default", problem);
    }
}

/// In a container nothing but the script itself is there.
void check_image(const TomlValue& root, Reading& reading) {
    const TomlValue* image = text_member(root, "image");
    if (image == nullptr) {
        return;
    }
    if (is_plain(*image) && image->text.find("@sha256:") == std::string::npos) {
        reading.findings.error(image->at, "image", "'" + image->text + "' is not pinned by its digest",
                               "write it like name@sha256:…");
    }
    for_each_entry(root, "steps", "", [&](const TomlValue& step, const std::string& key) {
        if (step.find("inline_contents") == nullptr) {
            reading.findings.error(step.at, below(key, "inline_contents"),
                                   "is required where the action has an image");
        }
    });
}

void check_action(const TomlValue& root, const Names& names, Reading& reading) {
    constexpr std::int64_t kHalfAnHour = 1'800'000;
    const TomlValue* timeout = text_member(root, "timeout");
    const std::int64_t length = timeout != nullptr ? parse_duration(timeout->text).value_or(0) : 0;
    if (length > kHalfAnHour && length <= 2 * kHalfAnHour) {
        reading.findings.add(Severity::kHint, timeout->at, "timeout",
                             "is longer than the half hour that other products allow");
    }
    if (const TomlValue* context = text_member(root, "kubernetes_context")) {
        std::vector<std::string> contexts{"sandbox"};
        for (const auto& [name, component] : names.contexts) {
            contexts.push_back(name);
        }
        expect_known(*context, "kubernetes_context", "kubernetes context", context->text, contexts, reading);
    }
    for_each_entry(root, "steps", "", [&](const TomlValue& step, const std::string& key) {
        for (const auto* name : {"command", "inline_contents"}) {
            const TomlValue* value = step.find(name);
            if (value != nullptr && value->kind == TomlKind::kString && !value->pending &&
                value->text.find_first_not_of(" \t\r\n") == std::string::npos) {
                reading.findings.error(value->at, below(key, name), "is empty: there is nothing to run");
            }
        }
    });
    std::set<std::string> steps;
    for_each_entry(root, "steps", "", [&](const TomlValue& step, const std::string& key) {
        const TomlValue* name = text_member(step, "name");
        if (name != nullptr && !steps.insert(name->text).second) {
            reading.findings.warning(
                name->at, below(key, "name"),
                "there is a second step '" + name->text + "': their outputs have one name");
        }
    });
    check_image(root, reading);
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
        check_action(document->root, names, reading);
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

}  // namespace slipway::app
