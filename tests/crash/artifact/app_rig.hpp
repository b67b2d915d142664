// An app of twelve components of every type that is built here and a sandbox, with the folders that their
// repositories would be, and a host that builds it.
#pragma once

#include <memory>
#include <string>

#include "slipway/engine.hpp"
#include "slipway/lifecycle/build.hpp"
#include "slipway/steps/build.hpp"

namespace slipway::test {

struct AppRigOptions {
    std::string folder;     ///< everything lies below
    bool images = false;    ///< with a docker_build, if buildah is there
    std::size_t bytes = 0;  ///< of ballast in each module
};

/// Writes the app and its sources; the same content wherever it is.
Result<void> write_app(const AppRigOptions& options);
Result<lifecycle::AppVersion> load_version(const AppRigOptions& options);

/// One host: engine on a RocksDB store, artifact store, build executors.
struct BuildHost {
    std::shared_ptr<lifecycle::ArtifactStore> artifacts;
    std::unique_ptr<Engine> engine;

    static Result<BuildHost> open(const std::string& folder, BuildOptions options = {});
    /// Starts the run that builds what has to be built, and waits for its end. The steps that it has.
    Result<std::size_t> build(const lifecycle::AppVersion& version, const RunId& run,
                              const lifecycle::BuildRequest& request = {}) const;
};

/// Installed, and the machine gives it what it needs.
bool is_tool_here(const std::string& name);

}  // namespace slipway::test
