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
    std::map<std::string, std::string> contexts;  ///< kubernetes context -> component
};

/// Collects all names; a name that is there twice is a finding.
Names collect_names(const std::vector<AppDocument>& documents, Reading& reading);

void check_components(const std::vector<AppDocument>& documents, const Names& names, Reading& reading);
void check_actions(const std::vector<AppDocument>& documents, const Names& names, Reading& reading);
void check_inputs(const std::vector<AppDocument>& documents, Reading& reading);
void check_installs(const std::vector<AppDocument>& documents, const Names& names,
                    const lifecycle::AppConfig& config, Reading& reading);
/// Sections that are kept but not acted on: what can be told without acting on them.
void check_kept(const std::vector<AppDocument>& documents, const Names& names, Reading& reading);

/// Checks every template of a document and returns what it reads, each path once.
std::vector<lifecycle::Reference> check_templates(const AppDocument& document, const Names& names,
                                                  Reading& reading);

/// One cycle among the components as a finding.
void check_cycle(const std::vector<lifecycle::Component>& components, Reading& reading);

/// A finding when `name` is not in `known`; true when it is.
bool expect_known(const TomlValue& at, const std::string& key, std::string_view what, const std::string& name,
                  const std::vector<std::string>& known, Reading& reading,
                  Severity severity = Severity::kError);

}  // namespace slipway::app
