// Runbooks, inbound triggers and branches.
#include <algorithm>
#include <set>

#include "engine/app/check_tools.hpp"
#include "engine/app/spelling.hpp"

namespace slipway::app {

namespace {

std::vector<std::string> names_in(const TomlValue& table, std::string_view list_key) {
    std::vector<std::string> out;
    for_each_entry(table, list_key, "", [&](const TomlValue& one, const std::string&) {
        if (const TomlValue* name = text_member(one, "name")) {
            out.push_back(name->text);
        }
    });
    return out;
}

void expect_once(const TomlValue& table, std::string_view list_key, std::string_view what, Reading& reading) {
    std::set<std::string> seen;
    for_each_entry(table, list_key, "", [&](const TomlValue& one, const std::string& key) {
        const TomlValue* name = text_member(one, "name");
        if (name != nullptr && !seen.insert(name->text).second) {
            reading.findings.error(name->at, below(key, "name"),
                                   "there is a second " + std::string(what) + " '" + name->text + "'");
        }
    });
}

class RunbookStep {
public:
    RunbookStep(const TomlValue& step, std::string key, const Names& names, Reading& reading)
        : step_(step), key_(std::move(key)), names_(names), reading_(reading) {}

    void run() {
        const std::string type = step_.string_at("type");
        const bool component =
            type == "component_deploy" || type == "deploy" || type == "component_tear_down";
        named("component_name", "component", component, type, names_.components);
        const bool script =
            text_member(step_, "command") != nullptr || text_member(step_, "inline_contents") != nullptr;
        if (type != "action") {
            foreign("action_name", type);
            foreign("command", type);
            foreign("inline_contents", type);
        } else if (const TomlValue* action = text_member(step_, "action_name")) {
            expect_known(*action, below(key_, "action_name"), "action", action->text, names_.actions,
                         reading_);
        } else if (!script) {
            reading_.findings.error(step_.at, key_, "does not say what to run",
                                    "add 'action_name', 'command' or 'inline_contents'");
        }
        if (const TomlValue* old = step_.find("deploy_dependencies")) {
            reading_.findings.add(Severity::kHint, old->at, below(key_, "deploy_dependencies"),
                                  "is an old spelling", "write 'deploy_dependents'");
        }
    }

private:
    void named(const char* name, std::string_view what, bool wanted, const std::string& type,
               const std::vector<std::string>& known) {
        const TomlValue* given = text_member(step_, name);
        if (!wanted) {
            return foreign(name, type);
        }
        if (given == nullptr) {
            reading_.findings.error(step_.at, below(key_, name),
                                    "is required for a step of type '" + type + "'");
        } else {
            expect_known(*given, below(key_, name), what, given->text, known, reading_);
        }
    }

    void foreign(const char* name, const std::string& type) {
        const TomlValue* given = text_member(step_, name);
        if (given != nullptr && !type.empty()) {
            reading_.findings.warning(given->at, below(key_, name),
                                      "does not belong to a step of type '" + type + "'");
        }
    }

    const TomlValue& step_;
    std::string key_;
    const Names& names_;
    Reading& reading_;
};

class TriggerRules {
public:
    TriggerRules(const std::vector<AppDocument>& documents, Reading& reading)
        : documents_(documents), reading_(reading) {
        for (const auto* runbook : of_section(documents, "runbooks")) {
            runbooks_[runbook->root.string_at("name")] = names_in(runbook->root, "input");
        }
        for (const auto* branch : of_section(documents, "branch")) {
            branches_.push_back(branch->root.string_at("name"));
        }
    }

    void run() {
        constexpr std::size_t kMostRules = 100;
        for (const auto* document : of_section(documents_, "triggers")) {
            expect_once(document->root, "rules", "rule", reading_);
            std::size_t count = 0;
            for_each_entry(document->root, "rules", "", [&](const TomlValue& rule, const std::string& key) {
                if (++count == kMostRules + 1) {
                    reading_.findings.error(rule.at, key, "is one rule too many", "use at most 100");
                }
                this->rule(rule, key);
            });
        }
    }

private:
    void rule(const TomlValue& rule, const std::string& key) {
        for_each_entry(rule, "filters", key, [&](const TomlValue& filter, const std::string& path) {
            expect_path(filter.find("path"), below(path, "path"));
        });
        const TomlValue* target = rule.find("target");
        if (target == nullptr || target->kind != TomlKind::kTable) {
            return;
        }
        const std::string path = below(key, "target");
        const std::string type = target->string_at("type");
        if (type == "app_branch_run") {
            // Branches may live outside of the app; without any here nothing can be told.
            expect_named(*target, path, "app_branch", "branch", branches_, !branches_.empty());
        } else if (type == "runbook") {
            std::vector<std::string> known;
            for (const auto& [name, inputs] : runbooks_) {
                known.push_back(name);
            }
            expect_named(*target, path, "runbook", "runbook", known, true);
            if (text_member(*target, "install") == nullptr) {
                reading_.findings.error(target->at, below(path, "install"), "is required for a runbook");
            }
        }
        inputs(*target, path);
    }

    void expect_named(const TomlValue& target, const std::string& path, const char* name, const char* what,
                      const std::vector<std::string>& known, bool look) {
        const TomlValue* given = text_member(target, name);
        if (given == nullptr) {
            reading_.findings.error(target.at, below(path, name), "is required for this type of target");
        } else if (look) {
            expect_known(*given, below(path, name), what, given->text, known, reading_);
        }
    }

    void inputs(const TomlValue& target, const std::string& path) {
        constexpr std::size_t kMostInputs = 50;
        const TomlValue* table = target.find("inputs");
        if (table == nullptr || table->kind != TomlKind::kTable) {
            return;
        }
        if (table->members.size() > kMostInputs) {
            reading_.findings.error(table->at, below(path, "inputs"), "has more than 50 entries");
        }
        const auto runbook = runbooks_.find(target.string_at("runbook"));
        for (const auto& member : table->members) {
            const std::string key = below(below(path, "inputs"), member.key);
            expect_path(&member.value, key);
            if (runbook != runbooks_.end()) {
                TomlValue at;
                at.at = member.at;
                expect_known(at, key, "runbook input", member.key, runbook->second, reading_);
            }
        }
    }

    void expect_path(const TomlValue* value, const std::string& key) {
        if (value != nullptr && value->kind == TomlKind::kString && !value->text.empty() &&
            !value->text.starts_with("$")) {
            reading_.findings.error(value->at, key, "'" + value->text + "' is not a JSONPath",
                                    "it begins at the payload: $.name");
        }
    }

    const std::vector<AppDocument>& documents_;
    Reading& reading_;
    std::map<std::string, std::vector<std::string>> runbooks_;
    std::vector<std::string> branches_;
};

void check_branch(const AppDocument& branch, const std::vector<std::string>& runbooks, Reading& reading) {
    expect_once(branch.root, "install_groups", "install group", reading);
    const TomlValue* list = branch.root.find("post_deploy_runbooks");
    for (std::size_t i = 0; list != nullptr && i < list->items.size(); ++i) {
        if (list->items[i].kind == TomlKind::kString) {
            expect_known(list->items[i], at_index("post_deploy_runbooks", i), "runbook", list->items[i].text,
                         runbooks, reading);
        }
    }
    if (const TomlValue* pattern = text_member(branch.root, "ignore_changes_regex")) {
        report_syntax(*pattern, "ignore_changes_regex", "as a regular expression",
                      regex_problem(pattern->text), reading);
    }
}

}  // namespace

void check_operation(const std::vector<AppDocument>& documents, const Names& names, Reading& reading) {
    std::vector<std::string> runbooks;
    for (const auto* document : of_section(documents, "runbooks")) {
        runbooks.push_back(document->root.string_at("name"));
        expect_once(document->root, "input", "input", reading);
        for_each_entry(document->root, "steps", "", [&](const TomlValue& step, const std::string& key) {
            RunbookStep(step, key, names, reading).run();
        });
    }
    TriggerRules(documents, reading).run();
    std::set<std::string> branches;
    for (const auto* document : of_section(documents, "branch")) {
        const TomlValue* name = text_member(document->root, "name");
        if (name != nullptr && !branches.insert(name->text).second) {
            reading.findings.error(name->at, "name", "there is a second branch '" + name->text + "'");
        }
        check_branch(*document, runbooks, reading);
    }
}

}  // namespace slipway::app
