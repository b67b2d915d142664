// An app with one component of each kind that a cluster needs, and the cluster and registry that it lives in.
#pragma once

#include <memory>
#include <string>

#include "kit.hpp"
#include "tests/end_to_end/artifact/registry_rig.hpp"
#include "tests/support/api_server/api_server.hpp"

namespace end_to_end {

/// Stands in the kubeconfig that the sandbox puts out, and must stand nowhere else in clear.
inline constexpr const char* kClusterToken = "tOkEn-of-the-cluster-5b81c40d";

/// helm and kubectl are put into PATH. False, with the line that counts as a part left out, without them or
/// without terraform.
bool has_cluster_tools();

struct ClusterHome {
    ClusterHome();

    Home home;
    slipway::test::ApiServer server;
    std::unique_ptr<slipway::test::RealRegistry> registry;  ///< null: images are left out, and it was said

    std::string operator/(const std::string& name) const { return home.path() + "/" + name; }
    bool images() const { return registry != nullptr; }
    /// Writes it below home, with its image in the registry.
    std::string write_app() const;
    json::object inputs() const;
    std::vector<std::string> daemon_arguments() const;
    /// What lives in the cluster, but for helm's records, with the install's id as ID.
    std::vector<std::string> listing(const std::string& install, bool with_records = false);
};

}  // namespace end_to_end
