// House rules of vendors, for apps that ask for them with [rules] in lint.toml: what is allowed, and still
// not wise. Other linters keep other tables there.
#include <algorithm>
#include <map>

#include <boost/json/value.hpp>

#include "engine/app/check_tools.hpp"
#include "engine/app/json_read.hpp"
#include "engine/app/spelling.hpp"

namespace slipway::app {

namespace {

namespace json = boost::json;

struct Rule {
    std::string_view name;
    Severity severity = Severity::kWarning;
};
constexpr Rule kRules[] = {
    {"require-labels"},
    {"no-admin-permissions", Severity::kError},
    {"component-nuon-toml"},
    {"expected-directories"},
    {"sandbox-use-tag"},
    {"runner-init-script"},
    {"permissions-boundary-scope", Severity::kError},
    {"no-wildcard-actions"},
    {"require-permissions-boundary"},
    {"require-policy-tests"},
};

/// What a statement of an IAM policy allows.
struct Allowed {
    bool any_action = false;    ///< "*"
    bool wide_action = false;   ///< "s3:*"
    bool any_resource = false;  ///< "*"
};

template <class Visit>
void for_each_text(const json::value* value, Visit&& visit) {
    if (value != nullptr && value->is_string()) {
        visit(std::string_view(value->get_string()));
    } else if (value != nullptr && value->is_array()) {
        for (const auto& one : value->get_array()) {
            for_each_text(&one, visit);
        }
    }
}

std::vector<Allowed> allowed_by(const TomlValue& contents) {
    std::vector<Allowed> out;
    json::value policy;
    std::string problem;
    if (!is_plain(contents) || !read_json(contents.text, policy, problem) || !policy.is_object()) {
        return out;
    }
    const auto statement = [&](const json::value& value) {
        const auto* object = value.if_object();
        const auto* effect = object == nullptr ? nullptr : object->if_contains("Effect");
        if (effect == nullptr || *effect != "Allow") {
            return;
        }
        Allowed one;
        for_each_text(object->if_contains("Action"), [&](std::string_view action) {
            one.any_action = one.any_action || action == "*" || action == "*:*";
            one.wide_action = one.wide_action || action.ends_with(":*") || action == "*";
        });
        for_each_text(object->if_contains("Resource"), [&](std::string_view resource) {
            one.any_resource = one.any_resource || resource == "*";
        });
        out.push_back(one);
    };
    const auto* all = policy.get_object().if_contains("Statement");
    if (all != nullptr && all->is_array()) {
        std::for_each(all->get_array().begin(), all->get_array().end(), statement);
    } else if (all != nullptr) {
        statement(*all);
    }
    return out;
}

bool is_administrator(const Allowed& one) {
    return one.any_action && one.any_resource;
}

bool looks_like_tag(std::string_view ref) {
    const bool commit =
        ref.size() == 40 && ref.find_first_not_of("0123456789abcdef") == std::string_view::npos;
    ref.remove_prefix(ref.starts_with('v') ? 1 : 0);
    return commit || (!ref.empty() && ref.front() >= '0' && ref.front() <= '9');
}

class Lint {
public:
    Lint(const std::vector<AppDocument>& documents, Reading& reading)
        : documents_(documents), reading_(reading) {}

    void run() {
        const auto settings = of_section(documents_, "lint");
        const TomlValue* rules = settings.empty() ? nullptr : settings.front()->root.find("rules");
        if (rules == nullptr || rules->kind != TomlKind::kTable) {
            return;
        }
        for (const auto& rule : kRules) {
            severities_[rule.name] = rule.severity;
        }
        choose(*rules);
        components();
        folders();
        base();
        roles();
        policies();
    }

private:
    /// name = "off", "warning" or "error".
    void choose(const TomlValue& rules) {
        std::vector<std::string> names;
        for (const auto& rule : kRules) {
            names.emplace_back(rule.name);
        }
        for (const auto& member : rules.members) {
            const auto known = severities_.find(member.key);
            if (known == severities_.end()) {
                reading_.findings.warning(member.value.at, below("rules", member.key),
                                          "there is no such rule", did_you_mean(member.key, names));
            } else if (member.value.text == "off") {
                severities_.erase(known);
            } else if (member.value.text == "warning" || member.value.text == "error") {
                known->second = member.value.text == "error" ? Severity::kError : Severity::kWarning;
            } else {
                reading_.findings.error(member.value.at, below("rules", member.key),
                                        "must be 'off', 'warning' or 'error'");
            }
        }
    }

    void say(std::string_view rule, const Spot& at, const std::string& key, const std::string& what,
             std::string hint = {}) {
        if (const auto found = severities_.find(rule); found != severities_.end()) {
            reading_.findings.add(found->second, at, key, what + " [" + std::string(rule) + "]",
                                  std::move(hint));
        }
    }

    void components() {
        for (const auto* document : of_section(documents_, "components")) {
            const TomlValue* labels = document->root.find("labels");
            if (labels == nullptr || labels->members.empty()) {
                say("require-labels", document->root.at, "labels", "the component has no labels");
            }
            if (!document->file.ends_with("/nuon.toml")) {
                say("component-nuon-toml", document->root.at, {},
                    "is not called nuon.toml in a folder of its own");
            }
        }
    }

    void folders() {
        const auto rule = severities_.find("expected-directories");
        for (const std::string folder : {"components", "actions", "permissions"}) {
            if (rule != severities_.end() && reading_.folder.toml_files(folder).empty()) {
                reading_.findings.about_file(rule->second, {},
                                             "the app has no folder " + folder + "/ [expected-directories]");
            }
        }
    }

    void base() {
        for (const auto* document : of_section(documents_, "sandbox")) {
            for (const std::string kind : {"public_repo", "connected_repo"}) {
                const TomlValue* repository = document->root.find(kind);
                const TomlValue* ref = repository == nullptr ? nullptr : text_member(*repository, "branch");
                if (ref != nullptr && !looks_like_tag(ref->text)) {
                    say("sandbox-use-tag", ref->at, kind + ".branch",
                        "'" + ref->text + "' is a branch: the base of every install moves with it",
                        "name a tag or a commit");
                }
            }
        }
        for (const auto* document : of_section(documents_, "runner")) {
            if (text_member(document->root, "init_script_url") == nullptr) {
                say("runner-init-script", document->root.at, "init_script_url", "is not given");
            }
        }
    }

    void roles() {
        for (const auto* document : of_section(documents_, "permissions")) {
            if (document->table == &kRoleFileTable) {
                role(document->root, "");
                continue;
            }
            for (const auto* type : {"provision_role", "maintenance_role", "deprovision_role"}) {
                if (const TomlValue* table = document->root.find(type)) {
                    role(*table, type);
                }
            }
            for_each_entry(document->root, "custom_roles", "",
                           [&](const TomlValue& table, const std::string& key) { role(table, key); });
        }
        for (const auto& entry : entries_of(documents_, "break_glass", "role")) {
            role(*entry.table, entry.key);
        }
    }

    void role(const TomlValue& table, const std::string& key) {
        const TomlValue* boundary = table.find("permissions_boundary");
        if (boundary == nullptr) {
            say("require-permissions-boundary", table.at, below(key, "permissions_boundary"),
                "the role has no boundary");
        } else {
            const auto allowed = allowed_by(*boundary);
            if (std::any_of(allowed.begin(), allowed.end(), is_administrator)) {
                say("permissions-boundary-scope", boundary->at, below(key, "permissions_boundary"),
                    "allows everything, so it bounds nothing");
            }
        }
        for_each_entry(table, "policies", key,
                       [&](const TomlValue& policy, const std::string& path) { granted(policy, path); });
    }

    void granted(const TomlValue& policy, const std::string& path) {
        const TomlValue* managed = text_member(policy, "managed_policy_name");
        if (managed != nullptr && managed->text == "AdministratorAccess") {
            say("no-admin-permissions", managed->at, below(path, "managed_policy_name"), "allows everything");
        }
        const TomlValue* predefined = text_member(policy, "gcp_predefined_role");
        if (predefined != nullptr && predefined->text == "roles/owner") {
            say("no-admin-permissions", predefined->at, below(path, "gcp_predefined_role"),
                "allows everything");
        }
        if (const TomlValue* contents = policy.find("contents")) {
            for (const auto& one : allowed_by(*contents)) {
                if (is_administrator(one)) {
                    say("no-admin-permissions", contents->at, below(path, "contents"), "allows everything");
                } else if (one.wide_action) {
                    say("no-wildcard-actions", contents->at, below(path, "contents"),
                        "allows every action of a service", "list the actions that are needed");
                }
            }
        }
    }

    void policies() {
        for (const auto& entry : entries_of(documents_, "policies", "policy")) {
            const TomlValue* contents = text_member(*entry.table, "contents");
            const std::string file =
                contents == nullptr ? std::string() : reading_.sources.name(contents->at.file);
            const std::string test = file.substr(0, file.rfind('.')) + "_test.rego";
            if (file.ends_with(".rego") && !reading_.folder.has(test)) {
                say("require-policy-tests", contents->at, below(entry.key, "contents"), "has no test",
                    "write one into " + test);
            }
        }
    }

    const std::vector<AppDocument>& documents_;
    Reading& reading_;
    std::map<std::string_view, Severity> severities_;
};

}  // namespace

void check_house_rules(const std::vector<AppDocument>& documents, Reading& reading) {
    Lint(documents, reading).run();
}

}  // namespace slipway::app
