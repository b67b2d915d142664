// Repositories inside of repositories, at the commit that the outer one names.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "engine/app/git_library.hpp"
#include "slipway/lifecycle/source.hpp"

namespace slipway::app {

struct OpenSubmodule;

/// The submodules that .gitmodules of one commit describes.
class Submodules {
public:
    /// `named`: the repository as it was asked for; `directory`: the folder of it that is copied.
    Submodules(git_repository* repository, const git_oid& commit, std::string named, std::string directory,
               const lifecycle::SourceOptions& options, int depth = 0);

    /// Opens the submodule at `path` (inside of the copied folder). Fetches where it must.
    Result<OpenSubmodule> open(const std::string& path, const git_oid& commit) const;

private:
    std::map<std::string, std::string> urls_;  ///< by path in the repository
    std::optional<Error> unread_;              ///< why there are none
    std::string named_;
    std::string directory_;
    const lifecycle::SourceOptions* options_;
    int depth_;
};

struct OpenSubmodule {
    GitRepository repository;
    GitTree tree;
    std::shared_ptr<const Submodules> submodules;
};

/// path -> url of a .gitmodules file; what cannot be read is left out.
std::map<std::string, std::string> parse_gitmodules(std::string_view text);

}  // namespace slipway::app
