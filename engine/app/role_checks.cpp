// Roles, who uses them for what, and the account they live in.
#include <algorithm>
#include <set>

#include <boost/json/value.hpp>

#include "engine/app/check_tools.hpp"
#include "engine/app/json_read.hpp"
#include "engine/app/spelling.hpp"

namespace slipway::app {

namespace {

/// Templates that mean the same are written in several ways: with blanks, with `nuon.id` for
/// `nuon.install.id`.
std::string role_key(std::string name) {
    std::erase_if(name, [](char c) { return c == ' ' || c == '\t'; });
    for (const auto* root : {"{{.nuon.install.id}}", "{{.slipway.install.id}}", "{{.slipway.id}}"}) {
        const std::string from(root);
        for (std::size_t at = name.find(from); at != std::string::npos; at = name.find(from, at)) {
            name.replace(at, from.size(), "{{.nuon.id}}");
        }
    }
    return name;
}

class RoleChecks {
public:
    RoleChecks(const std::vector<AppDocument>& documents, const Names& names, Reading& reading)
        : documents_(documents), names_(names), reading_(reading) {}

    void run() {
        for (const auto* document : of_section(documents_, "runner")) {
            runner_ = document->root.string_at("runner_type");
        }
        permissions();
        for (const auto& entry : entries_of(documents_, "break_glass", "role")) {
            role(*entry.table, entry.key, emergency_);
        }
        matrix();
        users();
    }

private:
    void permissions() {
        const auto all = of_section(documents_, "permissions");
        if (all.empty()) {
            if (!of_section(documents_, "runner").empty()) {
                reading_.findings.about_file(
                    Severity::kWarning, {}, "the app has no permissions",
                    "add permissions/ with a provision, a maintenance and a deprovision role");
            }
            return;
        }
        for (const auto* document : all) {
            if (document->table == &kRoleFileTable) {
                role_file(document->root);
                continue;
            }
            for (const auto* type : {"provision", "maintenance", "deprovision"}) {
                const std::string key = std::string(type) + "_role";
                const TomlValue* table = document->root.find(key);
                if (table != nullptr && table->kind == TomlKind::kTable) {
                    types_.insert(type);
                    role(*table, key, roles_);
                }
            }
            for_each_entry(document->root, "custom_roles", "",
                           [&](const TomlValue& table, const std::string& key) { role(table, key, roles_); });
        }
        for (const auto* type : {"provision", "maintenance", "deprovision"}) {
            if (!types_.contains(type)) {
                reading_.findings.about_file(Severity::kWarning, all.front()->file,
                                             "the app has no " + std::string(type) + " role");
            }
        }
    }

    void role_file(const TomlValue& root) {
        const TomlValue* type = text_member(root, "type");
        if (type != nullptr && type->text != "custom" && !types_.insert(type->text).second) {
            reading_.findings.error(type->at, "type", "there is a second " + type->text + " role");
        }
        role(root, "", roles_);
    }

    void role(const TomlValue& table, const std::string& key, std::vector<std::string>& known) {
        if (const TomlValue* name = text_member(table, "name")) {
            if (!seen_.insert(role_key(name->text)).second) {
                reading_.findings.error(name->at, below(key, "name"),
                                        "there is a second role '" + name->text + "'");
            }
            known.push_back(role_key(name->text));
        }
        const TomlValue* cloud = text_member(table, "cloud_platform");
        if (cloud != nullptr && !runner_.empty() && cloud->text != runner_) {
            reading_.findings.error(
                cloud->at, below(key, "cloud_platform"),
                "'" + cloud->text + "' does not match the runner, which is of type '" + runner_ + "'");
        }
        for_each_entry(table, "policies", key, [&](const TomlValue& policy, const std::string& path) {
            const TomlValue* contents = policy.find("contents");
            if (contents == nullptr || !is_plain(*contents) || contents->text.empty()) {
                return;
            }
            boost::json::value value;
            std::string problem;
            if (!read_json(contents->text, value, problem)) {
                reading_.findings.error(contents->at, below(path, "contents"),
                                        "is not valid JSON: " + problem);
            }
        });
    }

    /// A name that nothing declares; one with a template may still turn out right.
    void expect_role(const TomlValue& at, const std::string& key, bool emergency_only) {
        std::vector<std::string> known = emergency_;
        if (!emergency_only) {
            known.insert(known.end(), roles_.begin(), roles_.end());
        }
        const std::string wanted = role_key(at.text);
        if (std::find(known.begin(), known.end(), wanted) != known.end()) {
            return;
        }
        const bool exact = at.text.find("{{") == std::string::npos;
        reading_.findings.add(
            exact ? Severity::kError : Severity::kWarning, at.at, key,
            std::string("there is no ") + (emergency_only ? "break-glass " : "") + "role '" + at.text + "'",
            did_you_mean(wanted, known));
    }

    void expect_operation(const TomlValue& table, const std::string& key, std::string_view choices) {
        const TomlValue* operation = text_member(table, "operation");
        const auto all = split_choices(choices);
        if (operation != nullptr && std::find(all.begin(), all.end(), operation->text) == all.end()) {
            reading_.findings.error(operation->at, below(key, "operation"),
                                    "'" + operation->text + "' is not an operation of it",
                                    "use " + list_names(all));
        }
    }

    void matrix() {
        std::set<std::string> seen;
        for (const auto* document : of_section(documents_, "operation_roles")) {
            for_each_entry(document->root, "rules", "", [&](const TomlValue& rule, const std::string& key) {
                if (const TomlValue* name = text_member(rule, "role")) {
                    expect_role(*name, below(key, "role"), false);
                }
                if (const TomlValue* principal = text_member(rule, "principal")) {
                    principal_rule(rule, *principal, key);
                }
                if (!seen.insert(rule.string_at("principal") + "\n" + rule.string_at("operation")).second) {
                    reading_.findings.error(rule.at, key,
                                            "says twice who may " + rule.string_at("operation") + " '" +
                                                rule.string_at("principal") + "'");
                }
            });
        }
    }

    void principal_rule(const TomlValue& rule, const TomlValue& principal, const std::string& key) {
        const std::string& text = principal.text;
        const auto named = [&](std::string_view prefix, std::string_view what,
                               const std::vector<std::string>& known) {
            const std::string name = text.substr(prefix.size());
            if (name != "*") {
                expect_known(principal, below(key, "principal"), what, name, known, reading_);
            }
        };
        if (text == "nuon::sandbox" || text == "slipway::sandbox") {
            return expect_operation(rule, key, "provision|reprovision|deprovision");
        }
        for (const std::string product : {"nuon::", "slipway::"}) {
            if (text.starts_with(product + "component:")) {
                named(product + "component:", "component", names_.components);
                return expect_operation(rule, key, "deploy|teardown");
            }
            if (text.starts_with(product + "action:")) {
                named(product + "action:", "action", names_.actions);
                return expect_operation(rule, key, "trigger");
            }
        }
        reading_.findings.error(principal.at, below(key, "principal"), "'" + text + "' is not a principal",
                                "write nuon::sandbox, nuon::component:<name> or nuon::action:<name>");
    }

    void users() {
        for (const auto& document : documents_) {
            const std::string_view section = document.section->name;
            if (section == "components" || section == "sandbox") {
                for_each_entry(
                    document.root, "operation_roles", "", [&](const TomlValue& one, const std::string& key) {
                        expect_operation(
                            one, key,
                            section == "sandbox" ? "provision|reprovision|deprovision" : "deploy|teardown");
                        if (const TomlValue* name = text_member(one, "role")) {
                            expect_role(*name, below(key, "role"), false);
                        }
                    });
            } else if (section == "actions") {
                action(document.root);
            } else if (section == "runbooks") {
                for_each_entry(document.root, "steps", "",
                               [&](const TomlValue& step, const std::string& key) {
                                   if (const TomlValue* name = text_member(step, "role")) {
                                       expect_role(*name, below(key, "role"), false);
                                   }
                               });
            }
        }
    }

    void action(const TomlValue& root) {
        if (const TomlValue* name = text_member(root, "role")) {
            expect_role(*name, "role", false);
        }
        const TomlValue* name = text_member(root, "break_glass_role");
        if (name == nullptr) {
            return;
        }
        expect_role(*name, "break_glass_role", true);
        bool by_hand = false;
        for_each_entry(root, "triggers", "", [&](const TomlValue& trigger, const std::string&) {
            by_hand = by_hand || trigger.string_at("type") == "manual";
        });
        if (!by_hand) {
            reading_.findings.error(
                name->at, "break_glass_role",
                "is used when the action is started by hand, and this one has no manual trigger",
                "add [[triggers]] with type = \"manual\"");
        }
    }

    const std::vector<AppDocument>& documents_;
    const Names& names_;
    Reading& reading_;
    std::string runner_;
    std::set<std::string> types_;
    std::set<std::string> seen_;
    std::vector<std::string> roles_;
    std::vector<std::string> emergency_;
};

}  // namespace

void check_roles(const std::vector<AppDocument>& documents, const Names& names, Reading& reading) {
    RoleChecks(documents, names, reading).run();
}

}  // namespace slipway::app
