// Bare copies of remote repositories in the cache.
#pragma once

#include <string>

#include "engine/app/git_library.hpp"
#include "slipway/lifecycle/source.hpp"

namespace slipway::app {

/// The copy of `url`, brought up to date unless it already holds the commit `ref`. One fetch at a time over
/// all processes.
Result<GitRepository> open_mirror(const std::string& url, const std::string& ref,
                                  const lifecycle::SourceOptions& options);

}  // namespace slipway::app
