// Kubernetes manifests as steps: `manifest.plan` shows what would change, `manifest.apply` applies exactly
// that through kubectl, as one field manager, with an inventory of what it made.
//
//   for (auto& executor : slipway::manifest_executors({.kubeconfig = "/etc/slipway/kubeconfig"})) {
//       engine_options.executors.push_back(executor); }
//
// Inputs, outputs and the rules of recovery: steps/kubernetes/README.md.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "slipway/executor.hpp"
#include "slipway/ids.hpp"

namespace slipway {

/// How executors reach a cluster and its tools.
struct ClusterOptions {
    std::vector<std::string> tool_dirs = {};  ///< where kubectl and helm are; empty: those of PATH
    std::string kubeconfig = {};  ///< absolute path, for inputs that name none; it is read by the tools only
    std::string context = {};     ///< empty: the file's current one
    std::map<std::string, std::string> env = {};  ///< added to every run of a tool; never a secret
    std::string supervisor_path = {};
    DurationMs request_limit_ms = 120'000;  ///< of one run of kubectl
    DurationMs stop_grace_ms = 60'000;      ///< between the polite stop of a change and the other one
};

/// manifest.plan and manifest.apply, both version 1.
std::vector<std::shared_ptr<Executor>> manifest_executors(ClusterOptions options);

}  // namespace slipway
