// Kubernetes manifests as steps: `manifest.plan` shows what would change, `manifest.apply` applies exactly
// that through kubectl, as one field manager, with an inventory of what it made.
//
//   for (auto& executor : slipway::manifest_executors({.kubeconfig = "/etc/slipway/kubeconfig"})) {
//       engine_options.executors.push_back(executor); }
//
// Inputs, outputs and the rules of recovery: steps/kubernetes/README.md.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "slipway/executor.hpp"
#include "slipway/ids.hpp"
#include "slipway/result.hpp"

namespace slipway {

/// The cluster that a step's input names.
struct ClusterName {
    std::string install;  ///< its id
    std::string context;  ///< "sandbox", or a name that the app gives
};

/// How that one is reached: one of the first three; none of them: as the host's own options say.
struct ClusterCredentials {
    std::string kubeconfig = {};  ///< its text, complete in itself: tools get it through a descriptor, and it
                                  ///< rests in no file, argument, log or store
    std::string path = {};        ///< absolute path of a file
    std::string secret = {};      ///< reference to a text, resolved in the attempt
    std::string context = {};     ///< in the file; empty: its current one
};

/// How executors reach a cluster and its tools.
struct ClusterOptions {
    std::vector<std::string> tool_dirs = {};  ///< where kubectl and helm are; empty: those of PATH
    std::string kubeconfig = {};  ///< absolute path, for inputs that name none; it is read by the tools only
    std::string context = {};     ///< empty: the file's current one
    std::map<std::string, std::string> env = {};  ///< added to every run of a tool; never a secret
    std::string supervisor_path = {};
    /// Asked in every attempt whose input names a "cluster". Called from any thread; may block.
    std::function<Result<ClusterCredentials>(const ClusterName&)> credentials = {};
    /// Lays the built artifact "sha256:…" out in a folder that does not exist yet, every byte compared with
    /// that digest: a chart as "chart.tgz", manifests as "manifests.yaml". For inputs that name an
    /// "artifact". Called from any thread; may block.
    std::function<Result<void>(const std::string& artifact, const std::string& folder)> unpack = {};
    DurationMs request_limit_ms = 120'000;  ///< of one run of kubectl
    DurationMs stop_grace_ms = 60'000;      ///< between the polite stop of a change and the other one
};

/// manifest.plan, manifest.apply and manifest.drift, all version 1.
std::vector<std::shared_ptr<Executor>> manifest_executors(const ClusterOptions& options);

}  // namespace slipway
