// Install files against the inputs and components of the app.
#include <algorithm>
#include <set>

#include <boost/json/value.hpp>

#include "engine/app/check_tools.hpp"
#include "engine/app/json_read.hpp"
#include "engine/app/spelling.hpp"

namespace slipway::app {

std::string value_problem(const std::string& type, const std::string& text) {
    if (text.empty() || text.find("{{") != std::string::npos) {
        return {};
    }
    std::string problem;
    boost::json::value parsed;
    if (type == "json" || type == "list" || type == "number") {
        const bool is_json = read_json(text, parsed, problem);
        if (type == "json") {
            return is_json ? std::string() : "is not valid JSON: " + problem;
        }
        // A list may also be written with commas alone.
        const bool good =
            type == "number" ? is_json && parsed.is_number() : !text.starts_with('[') || parsed.is_array();
        return good ? std::string() : "'" + text + "' is not a " + type;
    }
    if (type == "bool") {
        return text == "true" || text == "false" ? std::string() : "'" + text + "' is neither true nor false";
    }
    std::optional<SyntaxProblem> wrong;
    if (type == "yaml") {
        wrong = yaml_problem(text);
    } else if (type == "hcl") {
        wrong = hcl_problem(text);
    }
    return wrong ? "is not valid " + std::string(type == "yaml" ? "YAML" : "HCL") + ": " + wrong->message
                 : std::string();
}

namespace {

using lifecycle::AppConfig;
using lifecycle::Component;

class InstallCheck {
public:
    InstallCheck(const TomlValue& root, const Names& names, const AppConfig& config, Reading& reading)
        : root_(root), names_(names), config_(config), reading_(reading) {}

    void run() {
        const TomlValue* inputs = root_.find("inputs");
        if (inputs != nullptr && inputs->kind == TomlKind::kTable) {
            table_of_inputs(*inputs, "inputs");
        }
        for (std::size_t i = 0; inputs != nullptr && i < inputs->items.size(); ++i) {
            table_of_inputs(inputs->items[i], at_index("inputs", i));
        }
        required_inputs();
        account();
        toggles();
        overrides();
    }

private:
    void table_of_inputs(const TomlValue& table, const std::string& key) {
        for (const auto& member : table.members) {
            given_.insert(member.key);
            const std::string path = below(key, member.key);
            if (!expect_known(spot(member.at), path, "input", member.key, names_.inputs, reading_)) {
                continue;
            }
            const auto input =
                std::find_if(config_.inputs.begin(), config_.inputs.end(),
                             [&](const lifecycle::Input& one) { return one.name == member.key; });
            const std::string problem = value_problem(input->type, scalar_text(member.value));
            if (!problem.empty()) {
                reading_.findings.error(member.value.at, path, problem);
            }
        }
    }

    void required_inputs() {
        for (const auto& input : config_.inputs) {
            if (!input.required || input.default_value || given_.contains(input.name)) {
                continue;
            }
            // What the customer is asked for may come later; what the vendor must set may not.
            reading_.findings.add(
                input.user_configurable ? Severity::kHint : Severity::kError, root_.at,
                "inputs." + input.name, "is a required input of the app and not set",
                input.user_configurable ? "the customer is asked for it" : "add it under [inputs]");
        }
    }

    void account() {
        for (const auto* cloud : {"aws", "gcp", "azure"}) {
            const std::string key = std::string(cloud) + "_account";
            const TomlValue* table = root_.find(key);
            const std::string& runner = config_.runner.type;
            const bool told = runner == "aws" || runner == "gcp" || runner == "azure";
            if (table != nullptr && told && runner != cloud) {
                reading_.findings.error(table->at, key,
                                        "does not match the runner, which is of type '" + runner + "'");
            }
        }
    }

    const Component* component(const std::string& name) const {
        const auto it = std::find_if(config_.components.begin(), config_.components.end(),
                                     [&](const Component& one) { return one.name == name; });
        return it == config_.components.end() ? nullptr : &*it;
    }

    void toggles() {
        const TomlValue* table = root_.find("component_toggles");
        if (table == nullptr) {
            return;
        }
        std::map<std::string, bool> chosen;
        for (const auto& member : table->members) {
            const std::string key = "component_toggles." + member.key;
            if (member.value.kind != TomlKind::kBool) {
                reading_.findings.error(
                    member.value.at, key,
                    "must be true or false, not " + std::string(describe(member.value.kind)));
                continue;
            }
            if (!expect_known(spot(member.at), key, "component", member.key, names_.components, reading_)) {
                continue;
            }
            const Component* one = component(member.key);
            if (one != nullptr && !one->toggleable) {
                reading_.findings.error(member.at, key, "component '" + member.key + "' cannot be switched",
                                        "add toggleable = true to the component");
                continue;
            }
            chosen[member.key] = member.value.boolean;
        }
        for (const auto& one : config_.components) {
            needs_disabled(one, chosen, *table);
        }
    }

    static bool is_on(const Component& one, const std::map<std::string, bool>& chosen) {
        const auto it = chosen.find(one.name);
        return it != chosen.end() ? it->second : !one.toggleable || one.default_enabled;
    }

    void needs_disabled(const Component& one, const std::map<std::string, bool>& chosen,
                        const TomlValue& table) {
        if (!is_on(one, chosen)) {
            return;
        }
        for (const auto& name : one.dependencies) {
            const Component* other = component(name);
            // What is off by the app's own default is the app's finding.
            if (other == nullptr || is_on(*other, chosen) ||
                !(chosen.contains(name) || chosen.contains(one.name))) {
                continue;
            }
            reading_.findings.error(
                table.at, "component_toggles",
                "component '" + one.name + "' is on and needs '" + name + "', which is off");
        }
    }

    void overrides() {
        const TomlValue* table = root_.find("components");
        if (table == nullptr || table->kind != TomlKind::kTable) {
            return;
        }
        for (const auto& member : table->members) {
            const std::string key = "components." + member.key;
            if (!expect_known(spot(member.at), key, "component", member.key, names_.components, reading_)) {
                continue;
            }
            if (const TomlValue* values = text_member(member.value, "helm_values");
                values != nullptr && is_plain(*values)) {
                report_syntax(*values, below(key, "helm_values"), "YAML", yaml_problem(values->text),
                              reading_);
            }
            if (const TomlValue* vars = text_member(member.value, "tf_vars");
                vars != nullptr && is_plain(*vars)) {
                report_syntax(*vars, below(key, "tf_vars"), "HCL", hcl_problem(vars->text), reading_);
            }
        }
    }

    static TomlValue spot(const Spot& at) {
        TomlValue out;
        out.at = at;
        return out;
    }

    const TomlValue& root_;
    const Names& names_;
    const AppConfig& config_;
    Reading& reading_;
    std::set<std::string> given_;
};

}  // namespace

void check_installs(const std::vector<AppDocument>& documents, const Names& names, const AppConfig& config,
                    Reading& reading) {
    for (const auto* document : of_section(documents, "installs")) {
        InstallCheck(document->root, names, config, reading).run();
    }
}

void check_defaults_of_toggles(const AppConfig& config, Reading& reading) {
    std::set<std::string_view> off;
    for (const auto& one : config.components) {
        if (one.toggleable && !one.default_enabled) {
            off.insert(one.name);
        }
    }
    for (const auto& one : config.components) {
        for (const auto& name : one.dependencies) {
            if (!off.contains(one.name) && off.contains(name)) {
                reading.findings.about_file(
                    Severity::kWarning, one.place.file,
                    "component '" + one.name + "' is on by default and needs '" + name +
                        "', which is off by default",
                    "make '" + one.name + "' toggleable, or '" + name + "' on by default");
            }
        }
    }
}

}  // namespace slipway::app
