// An app of plain data: a sandbox, a diamond (net -> db, cache -> web), one component beside it, and hooks.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "slipway/lifecycle/generate.hpp"

namespace sample {

using namespace slipway;             // NOLINT: tests only
using namespace slipway::lifecycle;  // NOLINT: tests only

/// The references of `vars` are found as loading an app does.
Component terraform(const std::string& name, const StringMap& vars, std::vector<std::string> dependencies);
Action action(const std::string& name, const std::vector<ActionTrigger>& triggers, const StringMap& env = {});

AppVersion app();
Install install();
/// Everything deployed, with the outputs that others read.
InstallState deployed();

/// An artifact for each part.
std::map<std::string, Digest> built(const AppVersion& version);
/// Everything is built, unless the request says what is.
Generated must_generate(const AppVersion& version, const InstallState& state, const Request& request);
/// Step id -> ids that it depends on.
std::map<std::string, std::vector<std::string>> edges(const WorkflowSpec& spec);
bool comes_before(const WorkflowSpec& spec, const std::string& first, const std::string& second);
const StepSpec* step(const WorkflowSpec& spec, const std::string& id);

}  // namespace sample
