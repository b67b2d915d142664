// From a place to an app with everything that it refers to at hand.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "slipway/lifecycle/install.hpp"
#include "slipway/lifecycle/registry_client.hpp"
#include "slipway/lifecycle/source.hpp"

namespace host {

struct LoadOptions {
    slipway::lifecycle::SourceOptions sources;
    bool actions = true;  ///< the repositories of actions as well
    /// Asked what names of images mean now, for what builds take from elsewhere; none: nothing is pinned.
    slipway::lifecycle::RegistryClient* registry = nullptr;
    /// What the sync (or build) before pinned; see PinHooks::before.
    std::function<slipway::lifecycle::SourceFolder(const std::string& app, const std::string& key)> before;
    /// Takes what could not be checked out, a line for each; none: that is an error.
    std::vector<std::string>* missing = nullptr;
    /// Takes what a build will fetch by a name that may move, a line for each with the reason; may be none.
    std::vector<std::string>* not_pinned = nullptr;
};

/// Reads the app, fetches what it leaves to the network (unless that is forbidden), checks its repositories
/// out. An app with errors is an error that holds the first twenty of them.
slipway::Result<slipway::lifecycle::SyncRequest> load_app_from(const std::string& location,
                                                               const std::string& ref, LoadOptions options);

}  // namespace host
