// Builds as steps: `build.archive` packs modules, charts, manifests and scripts, `build.image` builds a
// container image with buildah, `image.copy` takes one over by digest with skopeo, `artifact.push` sends an
// artifact to a registry. The artifact store is the witness: what is recorded there is not built again.
//
//   for (auto& executor : slipway::build_executors({.store = store})) {
//       engine_options.executors.push_back(executor); }
//
// Inputs, outputs and the rules of recovery: steps/archive/README.md and steps/image/README.md.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "slipway/executor.hpp"
#include "slipway/ids.hpp"

namespace slipway::lifecycle {
class ArtifactStore;
class RegistryClient;
}  // namespace slipway::lifecycle

namespace slipway {

struct BuildOptions {
    std::shared_ptr<lifecycle::ArtifactStore> store;
    std::shared_ptr<lifecycle::RegistryClient> registry = {};  ///< of artifact.push; none: no such step
    std::vector<std::string> tool_dirs = {};  ///< where buildah, skopeo, helm and kubectl are; empty: PATH
    std::map<std::string, std::string> env = {};  ///< added to every run of a tool; never a secret
    std::string supervisor_path = {};
    DurationMs tool_limit_ms = 3'600'000;
    /// User and password for a registry ("ghcr.io"); nothing: none. They reach a tool by a descriptor.
    std::function<Result<std::optional<std::pair<std::string, std::string>>>(const std::string& host)>
        image_credentials = {};
    /// Replaces a chart repository's URL by another place, as a mirror map does for git.
    std::map<std::string, std::string> chart_mirrors = {};
    std::set<std::string> plain_http = {};  ///< registries ("127.0.0.1:5000") without TLS
    /// False: what a tool would fetch is refused and named; tools find no way out for what nobody foresaw.
    /// Pushes, which are asked for by name, are not concerned.
    bool allow_network = true;
};

/// build.archive, build.image, image.copy, and artifact.push where there is a registry; all version 1.
std::vector<std::shared_ptr<Executor>> build_executors(const BuildOptions& options);
/// build.archive and artifact.push alone.
std::vector<std::shared_ptr<Executor>> archive_executors(const BuildOptions& options);
/// build.image and image.copy alone.
std::vector<std::shared_ptr<Executor>> image_executors(const BuildOptions& options);
/// image.sync, version 1, of deploys: brings an image to the install's registry by digest, or names it by its
/// digest. Needs a store and a registry.
std::shared_ptr<Executor> image_sync_executor(const BuildOptions& options);

}  // namespace slipway
