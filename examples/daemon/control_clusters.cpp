// Clusters and images of installs: how steps reach them, and the settings that say so.
#include <boost/json.hpp>

#include "control_plane.hpp"
#include "json_view.hpp"
#include "slipway/lifecycle/build.hpp"
#include "slipway/lifecycle/cluster.hpp"
#include "slipway/steps/helm.hpp"
#include "slipway/steps/kubernetes.hpp"

namespace host {

using namespace slipway;

std::vector<std::shared_ptr<Executor>> ControlPlane::open_clusters() {
    HelmOptions options;
    options.cluster.kubeconfig = options_.kubeconfig;
    options.cluster.unpack = [store = artifacts_](const std::string& artifact, const std::string& folder) {
        return lifecycle::unpack_for_cluster(*store, artifact, folder);
    };
    options.cluster.credentials = [this](const ClusterName& name) -> Result<ClusterCredentials> {
        SLIPWAY_TRY(const auto install, registry_->get(name.install));
        SLIPWAY_TRY(const auto state, registry_->state(install.id));
        SLIPWAY_TRY(const auto version, registry_->version(install.app, install.version));
        SLIPWAY_TRY(auto found, lifecycle::cluster_access(*version, install, state, name.context));
        return ClusterCredentials{std::move(found.kubeconfig), std::move(found.path), std::move(found.secret),
                                  std::move(found.context)};
    };
    options.plain_http = options_.plain_http;
    auto executors = manifest_executors(options.cluster);
    for (auto& one : helm_executors(options)) {
        executors.push_back(std::move(one));
    }
    executors.push_back(image_sync_);
    return executors;
}

Json ControlPlane::set_settings(const std::string& name, const json::object& body, const Principal& who) {
    SLIPWAY_CHECK(only_keys(body, {"kubeconfig", "kube_context", "image_registry"}));
    SLIPWAY_TRY(const auto install, registry_->get(name));
    auto settings = install.settings;
    SLIPWAY_TRY(settings.kubeconfig, text_of(body, "kubeconfig", settings.kubeconfig));
    SLIPWAY_TRY(settings.kube_context, text_of(body, "kube_context", settings.kube_context));
    SLIPWAY_TRY(settings.image_registry, text_of(body, "image_registry", settings.image_registry));
    SLIPWAY_TRY(const bool changed, registry_->set_settings(install.id, settings, who.name));
    return json::value(json::object{{"install", install.name},
                                    {"changed", changed},
                                    {"kubeconfig", settings.kubeconfig},
                                    {"kube_context", settings.kube_context},
                                    {"image_registry", settings.image_registry}});
}

}  // namespace host
