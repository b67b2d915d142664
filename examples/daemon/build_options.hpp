// How the daemon and the command line build.
#pragma once

#include <memory>
#include <set>
#include <string>

#include "logins.hpp"
#include "slipway/steps/build.hpp"

namespace host {

struct BuildAccess {
    std::shared_ptr<slipway::lifecycle::ArtifactStore> store;
    RegistryHook logins;               ///< may be empty
    std::set<std::string> plain_http;  ///< registries without TLS
    bool allow_network = true;
};

/// With a registry client of the same logins.
slipway::BuildOptions build_options(const BuildAccess& access);

}  // namespace host
