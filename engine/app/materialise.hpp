// Copies of folders, under names that their content gives them.
#pragma once

#include <string>

#include "engine/app/git_library.hpp"
#include "engine/app/submodules.hpp"
#include "slipway/lifecycle/source.hpp"

namespace slipway::app {

/// The tree as a private folder <cache>/trees/<tree id>/<name>, submodules in their places.
Result<std::string> materialise_tree(git_repository* repository, git_tree* tree, const std::string& name,
                                     const Submodules& submodules, const lifecycle::SourceOptions& options);

struct Snapshot {
    std::string path;
    std::string content;  ///< "sha256:…"
};
/// The folder as it is now, without .git and what the repository ignores (`repository` may be null).
Result<Snapshot> snapshot_folder(const std::string& folder, git_repository* repository,
                                 const std::string& name, const lifecycle::SourceOptions& options);

}  // namespace slipway::app
