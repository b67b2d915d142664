// Helm charts as steps: `helm.plan` renders a chart and shows what it would change, `helm.apply` applies
// exactly what was rendered, with the approved bytes and no template in between.
//
//   for (auto& executor : slipway::helm_executors({.cluster = {.kubeconfig = "/etc/slipway/kubeconfig"}})) {
//       engine_options.executors.push_back(executor); }
//
// Inputs, outputs and the rules of recovery: steps/helm/README.md.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "slipway/executor.hpp"
#include "slipway/steps/kubernetes.hpp"

namespace slipway {

struct HelmOptions {
    ClusterOptions cluster = {};  ///< helm and kubectl are looked for in its tool_dirs
    /// helm's own file with logins of registries, and its list of repositories; absolute paths, read by helm
    /// alone. Empty: none.
    std::string registry_config = {};
    std::string repository_config = {};
    std::set<std::string> plain_http = {};  ///< registries ("127.0.0.1:5000") without TLS
    DurationMs timeout_ms = 300'000;        ///< helm's --timeout, for inputs that name none
    int history_max = 10;                   ///< revisions that helm keeps
};

/// helm.plan, helm.apply and helm.drift, all version 1.
std::vector<std::shared_ptr<Executor>> helm_executors(const HelmOptions& options);

}  // namespace slipway
