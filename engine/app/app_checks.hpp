// What only the whole app can tell: names that must be unique, exist and not go in circles, and what
// templates read.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "engine/app/documents.hpp"
#include "engine/app/readers.hpp"

namespace slipway::app {

struct Names {
    std::vector<std::string> components;
    std::vector<std::string> actions;
    std::vector<std::string> inputs;
    std::vector<std::string> secrets;
    std::vector<std::string> nested_stacks;       ///< of the stack, or added to it by an install
    std::map<std::string, std::string> contexts;  ///< kubernetes context -> component
    std::map<std::string, std::string> aliases;   ///< var_name -> component
};

/// Collects all names; a name that is there twice is a finding.
Names collect_names(const std::vector<AppDocument>& documents, Reading& reading);

void check_components(const std::vector<AppDocument>& documents, const Names& names, Reading& reading);
void check_actions(const std::vector<AppDocument>& documents, const Names& names, Reading& reading);
void check_inputs(const std::vector<AppDocument>& documents, Reading& reading);
void check_installs(const std::vector<AppDocument>& documents, const Names& names,
                    const lifecycle::AppConfig& config, Reading& reading);
/// Permissions, break-glass roles, the role matrix, and whoever names a role.
void check_roles(const std::vector<AppDocument>& documents, const Names& names, Reading& reading);
/// Policies and secrets.
void check_policies(const std::vector<AppDocument>& documents, const Names& names, Reading& reading);
/// Runbooks, inbound triggers, branches.
void check_operation(const std::vector<AppDocument>& documents, const Names& names, Reading& reading);
/// Probes, manifests, values, versions: what a single component or the sandbox must hold.
void check_component_tables(const std::vector<AppDocument>& documents, Reading& reading);
void check_contexts(const std::vector<AppDocument>& documents, Reading& reading);
void check_stack(const std::vector<AppDocument>& documents, Reading& reading);
/// The rules of lint.toml, where there is one.
void check_house_rules(const std::vector<AppDocument>& documents, Reading& reading);
/// Components that are on by default and need one that is off.
void check_defaults_of_toggles(const lifecycle::AppConfig& config, Reading& reading);
/// `{{nuon.install.id}}` in one document.
void check_dotless(const AppDocument& document, Reading& reading);
void check_unused_inputs(const std::vector<AppDocument>& documents,
                         const std::vector<lifecycle::Reference>& references, Reading& reading);

/// What is wrong with `text` as a value of an input of `type`; empty when it fits.
std::string value_problem(const std::string& type, const std::string& text);

/// Checks every template of a document and returns what it reads, each path once.
std::vector<lifecycle::Reference> check_templates(const AppDocument& document, const Names& names,
                                                  Reading& reading);

/// The circles among the components, each at what closes it.
void check_cycles(const std::vector<AppDocument>& documents, const Names& names,
                  const std::vector<lifecycle::Component>& components, Reading& reading);

/// A finding when `name` is not in `known`; true when it is.
bool expect_known(const TomlValue& at, const std::string& key, std::string_view what, const std::string& name,
                  const std::vector<std::string>& known, Reading& reading,
                  Severity severity = Severity::kError);

}  // namespace slipway::app
