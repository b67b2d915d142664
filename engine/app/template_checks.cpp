// The templates of a document: syntax, and whether what they read exists.
#include <algorithm>
#include <set>

#include "engine/app/app_checks.hpp"
#include "engine/app/spelling.hpp"
#include "engine/app/template_ast.hpp"
#include "engine/app/template_shape.hpp"
#include "engine/app/template_static.hpp"

namespace slipway::app {

using lifecycle::Reference;
using lifecycle::ReferenceKind;

namespace {

class TemplateCheck {
public:
    TemplateCheck(const AppDocument& document, const Names& names, Reading& reading)
        : document_(document), section_(document.section->name), names_(names), reading_(reading) {
        // What a page shows may be incomplete; what is applied may not.
        severity_ =
            section_ == "components" || section_ == "actions" || section_ == "sandbox" || section_ == "stack"
                ? Severity::kError
                : Severity::kWarning;
        collect(section_ == "actions" ? "inputs" : "", action_inputs_);
        collect(section_ == "runbooks" ? "input" : "", runbook_inputs_);
    }

    std::vector<Reference> run() {
        walk(document_.root, "");
        return std::move(found_);
    }

private:
    void collect(std::string_view list_key, std::vector<std::string>& out) const {
        const TomlValue* list = document_.root.find(list_key);
        for (std::size_t i = 0; list != nullptr && i < list->items.size(); ++i) {
            out.push_back(list->items[i].string_at("name"));
        }
    }

    void walk(const TomlValue& value, const std::string& key) {
        if (value.kind == TomlKind::kString && !value.pending) {
            text(value, key);
        }
        for (std::size_t i = 0; i < value.items.size(); ++i) {
            walk(value.items[i], key + "[" + std::to_string(i) + "]");
        }
        for (const auto& member : value.members) {
            walk(member.value, key.empty() ? member.key : key + "." + member.key);
        }
    }

    void text(const TomlValue& value, const std::string& key) {
        if (!lifecycle::is_template(value.text)) {
            return;
        }
        TemplateTree tree;
        lifecycle::TemplateProblem broken;
        const bool whole = parse_template(value.text, tree, broken);
        const auto wrong = [&](Severity severity, const lifecycle::TemplateProblem& problem) {
            say(severity, value, problem.offset, key, "the template is wrong: " + problem.message,
                problem.hint);
        };
        if (!whole) {
            wrong(severity_, broken);
        }
        for (const auto& found : static_problems(tree)) {
            wrong(found.fails ? severity_ : Severity::kWarning, found.problem);
        }
        for (auto& reference : lifecycle::find_references(value.text)) {
            resolve_alias(reference);
            if (section_ == "components" && reference.kind == ReferenceKind::kComponent) {
                reading_.component_reads.try_emplace({document_.root.string_at("name"), reference.name},
                                                     TemplateRead{&value, reference.offset, key});
            }
            // In a broken text names may be cut short, so nothing is said about them.
            if (whole) {
                check(reference, value, key);
            }
            if (paths_.insert(reference.path).second) {
                found_.push_back(reference);
            }
        }
    }

    void resolve_alias(Reference& reference) const {
        const auto alias = reference.kind == ReferenceKind::kComponent ? names_.aliases.find(reference.name)
                                                                       : names_.aliases.end();
        if (alias != names_.aliases.end()) {
            reference.alias = reference.name;
            reference.name = alias->second;
        }
    }

    void say(Severity severity, const TomlValue& value, std::size_t offset, const std::string& key,
             std::string message, std::string hint) {
        reading_.findings.add(severity, spot_in_string(reading_.sources, value, offset), key,
                              std::move(message), std::move(hint));
    }

    void exists(const Reference& reference, const TomlValue& value, const std::string& key,
                std::string_view what, const std::vector<std::string>& known, Severity severity) {
        if (reference.name.empty() || std::find(known.begin(), known.end(), reference.name) != known.end()) {
            return;
        }
        say(severity, value, reference.offset, key,
            "reads the " + std::string(what) + " '" + reference.name + "', which does not exist",
            known_names_hint(reference.name, what, known));
    }

    /// With the names that templates may use as well.
    std::vector<std::string> known_components() const {
        std::vector<std::string> out = names_.components;
        for (const auto& [alias, component] : names_.aliases) {
            out.push_back(alias);
        }
        return out;
    }

    /// The base comes up before everything that builds on it, so it cannot read what comes later.
    bool too_early(ReferenceKind kind) const {
        const bool component = kind == ReferenceKind::kComponent || kind == ReferenceKind::kAction;
        if (section_ == "sandbox") {
            return component;
        }
        return section_ == "stack" &&
               (component || kind == ReferenceKind::kSandbox || kind == ReferenceKind::kInstallStack);
    }

    /// Inputs that only their own runbook or action knows.
    void own_input(const Reference& reference, const TomlValue& value, const std::string& key,
                   std::string_view home, std::string_view what, const std::vector<std::string>& known) {
        if (section_ == home) {
            exists(reference, value, key, what, known, Severity::kError);
        } else {
            say(severity_, value, reference.offset, key,
                "'." + reference.path + "' is known inside of " + std::string(home) + " only", {});
        }
    }

    /// .nuon.install_stack.outputs.custom_nested_stacks.NAME.…
    void nested_stack(const Reference& reference, const TomlValue& value, const std::string& key) {
        constexpr std::string_view kBelow = ".install_stack.outputs.custom_nested_stacks.";
        const std::size_t at = reference.path.find(kBelow);
        if (at == std::string::npos) {
            return;
        }
        Reference stack = reference;
        stack.name = reference.path.substr(at + kBelow.size());
        stack.name = stack.name.substr(0, stack.name.find('.'));
        exists(stack, value, key, "nested stack", names_.nested_stacks, severity_);
    }

    void check(const Reference& reference, const TomlValue& value, const std::string& key) {
        if (too_early(reference.kind)) {
            say(Severity::kError, value, reference.offset, key,
                "the " + section_ + " cannot read '." + reference.path + "': it comes up first", {});
            return;
        }
        if (const StateSlip slip = state_slip(reference.path); !slip.message.empty()) {
            say(Severity::kWarning, value, reference.offset, key, slip.message, slip.hint);
        }
        switch (reference.kind) {
            case ReferenceKind::kComponent:
                if (section_ == "components" && reference.name == document_.root.string_at("name") &&
                    reference.path.find(".outputs") != std::string::npos) {
                    say(Severity::kError, value, reference.offset, key,
                        "component '" + reference.name + "' reads its own outputs", {});
                    return;
                }
                return exists(reference, value, key, "component", known_components(), severity_);
            case ReferenceKind::kAction:
                return exists(reference, value, key, "action", names_.actions, severity_);
            case ReferenceKind::kInput:
                return exists(reference, value, key, "input", names_.inputs, severity_);
            case ReferenceKind::kSecret:
                return exists(reference, value, key, "secret", names_.secrets, Severity::kWarning);
            case ReferenceKind::kActionInput:
                return own_input(reference, value, key, "actions", "action input", action_inputs_);
            case ReferenceKind::kRunbookInput:
                return own_input(reference, value, key, "runbooks", "runbook input", runbook_inputs_);
            case ReferenceKind::kInstallStack:
                return nested_stack(reference, value, key);
            case ReferenceKind::kUnknown:
                say(Severity::kWarning, value, reference.offset, key,
                    "'." + reference.path + "' is not part of an install's state",
                    did_you_mean(reference.name,
                                 {"id", "name", "org", "app", "inputs", "install", "sandbox", "install_stack",
                                  "components", "actions", "secrets", "runner", "domain", "cloud_account"}));
                return;
            default:
                return;
        }
    }

    const AppDocument& document_;
    std::string section_;
    const Names& names_;
    Reading& reading_;
    Severity severity_;
    std::vector<std::string> action_inputs_;
    std::vector<std::string> runbook_inputs_;
    std::set<std::string> paths_;
    std::vector<Reference> found_;
};

}  // namespace

std::vector<Reference> check_templates(const AppDocument& document, const Names& names, Reading& reading) {
    return TemplateCheck(document, names, reading).run();
}

}  // namespace slipway::app
