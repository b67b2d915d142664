// What the steps of a change are given: the JSON templates of each kind's input. Strings in them may be
// templates.
#pragma once

#include <string>
#include <vector>

#include "engine/install/cluster_inputs.hpp"
#include "engine/install/json.hpp"
#include "slipway/lifecycle/generate.hpp"

namespace slipway::lifecycle {

/// The kinds of steps that carry out one type of component.
struct ChangeKinds {
    std::string plan;   ///< empty: there is nothing to plan, one step does it all
    std::string apply;  ///< empty: cannot be carried out
};
ChangeKinds change_kinds(ComponentType type);

/// The name that a component goes by in step ids and state keys: its own, unless that means something else
/// there.
std::string part_id(const std::string& component);
/// Key of its source in AppVersion::sources.
std::string component_source_key(const std::string& component);
std::string action_source_key(const std::string& action, const std::string& step);

/// Dotted paths, below `outputs`, that anything in the app reads of the sandbox ("sandbox"), a component
/// ("component.<name>") or an action ("action.<name>").
std::vector<std::string> expected_outputs(const AppConfig& config, const std::string& part);

/// `artifact`: "sha256:…" of what the part is made from; may be empty.
json::object sandbox_input(const AppVersion& version, const Install& install, const std::string& mode,
                           const std::string& artifact);
json::object component_input(const AppVersion& version, const ClusterPart& part, const std::string& artifact);

struct TriggerContext {
    std::string type;       ///< "manual", "post-deploy-component", …
    std::string component;  ///< of component triggers
    std::string workflow;   ///< "provision", …
};
json::object action_input(const AppVersion& version, const Install& install, const Action& action,
                          const TriggerContext& trigger);

}  // namespace slipway::lifecycle
