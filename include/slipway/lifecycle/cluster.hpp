// Which cluster a component of an install lives in, and how it is reached. For ClusterOptions::credentials:
//
//   options.credentials = [&](const ClusterName& name) -> Result<ClusterCredentials> {
//       …version, install and state of name.install…
//       SLIPWAY_TRY(auto found, cluster_access(version, install, state, name.context));
//       return ClusterCredentials{found.kubeconfig, found.path, found.secret, found.context};
//   };
#pragma once

#include <string>
#include <string_view>

#include "slipway/lifecycle/state.hpp"
#include "slipway/result.hpp"

namespace slipway::lifecycle {

/// The context that components without one live in.
inline constexpr std::string_view kSandboxContext = "sandbox";

/// One of the first three, or none of them: the host's own kubeconfig is meant.
struct ClusterAccess {
    std::string kubeconfig;  ///< a text; a secret
    std::string path;        ///< of a file on the host
    std::string secret;      ///< a reference
    std::string context;     ///< in the file; empty: its current one
};

/// The rule: for the sandbox's cluster the install's settings come first. Then what the sandbox, or the
/// component that the app's kubernetes_context names, puts out: "kubeconfig", a text that has to be marked
/// as sensitive; else "cluster", an object with `endpoint`, `certificate_authority_data`, and either `token`
/// (then marked as sensitive, too) or a `name` by which the cloud's own client gets one (aws, gcp). kNotFound
/// for a context that the app does not have or that has put nothing out. Pure.
Result<ClusterAccess> cluster_access(const AppVersion& version, const Install& install,
                                     const InstallState& state, std::string_view context);

/// Where an install's images are brought to, by its settings alone; a sandbox may put it out as
/// "image_registry" instead.
inline constexpr const char* kImageRegistryOutput = "image_registry";

}  // namespace slipway::lifecycle
