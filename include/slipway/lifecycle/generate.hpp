// Generators: what is asked of an install becomes a workflow. Pure: the same arguments give the same digest.
//
//   auto plan = generate(version, install, state, {.kind = RequestKind::kProvision});
//   print(workflow_preview(plan->spec));                       // what it would do and why, before anything
//   is touched engine.start(*start_request(RunId{"acme-provision-1"}, *plan, version, install, state,
//   request), principal);
#pragma once

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "slipway/lifecycle/state.hpp"
#include "slipway/resolver.hpp"
#include "slipway/result.hpp"
#include "slipway/run.hpp"
#include "slipway/workflow.hpp"

namespace slipway::lifecycle {

enum class RequestKind : std::uint8_t {
    kProvision = 1,
    kReprovision = 2,
    kDeployAll = 3,
    kDeployOne = 4,
    kDeprovision = 5,
    kTeardownOne = 6,
    kInputUpdate = 7,
    kActionRun = 8,
};
/// "provision", "deploy_one", …
std::string_view to_string(RequestKind kind);
/// kInvalidArgument with the nearest name for an unknown one; '-' and '_' are the same.
Result<RequestKind> parse_request_kind(std::string_view text);

struct Request {
    RequestKind kind = RequestKind::kProvision;
    std::string component = {};    ///< of kDeployOne and kTeardownOne
    bool with_dependents = false;  ///< also what builds on the component (or on what an input touches)
    std::set<std::string> changed_inputs = {};  ///< of kInputUpdate
    std::string action = {};                    ///< of kActionRun
    StringMap action_inputs = {};
    /// Variables by hand, for the actions of the run, as they are: no templates. They win over all others and
    /// travel sealed in the run's input, not in the workflow; they are not taken out of what scripts print.
    StringMap action_env = {};
    /// What each part is made from, pinned in the run: see artifacts_to_deploy() in build.hpp.
    std::map<std::string, Digest> artifacts = {};
    /// Kinds that cannot be carried out here are let through, nothing has to be built, and what nothing can
    /// tell is made up.
    bool simulate = false;
    /// Kinds of steps that the host has executors for; empty: not checked.
    std::set<std::string> available_kinds = {};
};

/// What a workflow deliberately does not touch.
struct LeftOut {
    std::string what;
    std::string why;
};

struct Generated {
    WorkflowSpec spec;
    std::vector<LeftOut> left_out;
};

/// kUnsupported: something in it cannot be carried out here, all of it listed. kRefused: the install's state
/// does not fit, or something that it deploys is not built. kNotFound: no such component or action.
Result<Generated> generate(const AppVersion& version, const Install& install, const InstallState& state,
                           const Request& request);

/// {"workflow", "steps": [{"id","kind","section","depends_on":[],"title","why"}]} as JSON text.
std::string workflow_preview(const WorkflowSpec& spec);
/// The same with what is left out.
std::string workflow_preview(const Generated& generated);

/// What the engine is asked to start: the workflow, validated, with a snapshot of the state as the run's
/// input (sensitive when it holds something sensitive), labels and the install's approval option.
Result<StartRequest> start_request(RunId run, const Generated& generated, const AppVersion& version,
                                   const Install& install, const InstallState& state, const Request& request);

/// Name of the resolver that generated workflows ask for.
inline constexpr std::string_view kLifecycleResolver = "lifecycle";
/// Renders step inputs from the run's snapshot and the outputs of this run. Pure; thread-safe.
std::shared_ptr<InputResolver> lifecycle_resolver();

}  // namespace slipway::lifecycle
