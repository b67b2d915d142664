// Which components a request touches, why, and what stands in its way.
#pragma once

#include <string>
#include <vector>

#include "engine/install/builder.hpp"

namespace slipway::lifecycle {

struct Scope {
    Selection components;
    bool sandbox = false;
    std::string sandbox_why;
    std::vector<LeftOut> left_out;
};

const Component* find_component(const AppConfig& config, const std::string& name);
const PartState& component_state(const InstallState& state, const std::string& name);

/// kRefused when an enabled component builds on one that is switched off.
Result<Scope> select_all(const AppVersion& version, const Install& install, const ComponentGraph& graph);
Result<Scope> select_one(const AppVersion& version, const Install& install, const Request& request,
                         const ComponentGraph& graph);
Result<Scope> select_for_inputs(const AppVersion& version, const Install& install, const InstallState& state,
                                const Request& request, const ComponentGraph& graph);
Result<Scope> select_present(const AppVersion& version, const InstallState& state);
Result<Scope> select_teardown(const AppVersion& version, const InstallState& state, const Request& request,
                              const ComponentGraph& graph);

/// kRefused unless everything that the selected components build on is deployed or selected too.
Result<void> check_foundations(const Scope& scope, const Install& install, const InstallState& state,
                               const ComponentGraph& graph);
/// kUnsupported with everything in scope that cannot be carried out here; kRefused with everything that is
/// not built.
Result<void> check_supported(const Scope& scope, const AppVersion& version, const Request& request,
                             bool destroy);

}  // namespace slipway::lifecycle
