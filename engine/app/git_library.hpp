// libgit2 with owners and our errors. Only files that include this one know libgit2.
#pragma once

#include <git2.h>

#include <memory>
#include <string>

#include "slipway/result.hpp"

namespace slipway::app {

template <auto kFree>
struct GitFree {
    template <class T>
    void operator()(T* object) const {
        kFree(object);
    }
};
using GitRepository = std::unique_ptr<git_repository, GitFree<git_repository_free>>;
using GitObject = std::unique_ptr<git_object, GitFree<git_object_free>>;
using GitReference = std::unique_ptr<git_reference, GitFree<git_reference_free>>;
using GitRemote = std::unique_ptr<git_remote, GitFree<git_remote_free>>;
using GitTree = std::unique_ptr<git_tree, GitFree<git_tree_free>>;
using GitTreeEntry = std::unique_ptr<git_tree_entry, GitFree<git_tree_entry_free>>;
using GitBlob = std::unique_ptr<git_blob, GitFree<git_blob_free>>;
using GitStatusList = std::unique_ptr<git_status_list, GitFree<git_status_list_free>>;

/// Starts the library once for the process.
void use_git();
/// The last failure of libgit2 as an Error; it may have left no text.
Error git_error(ErrorCode code, const std::string& what);
std::string hex_of(const git_oid& id);

/// Opens the repository that `folder` is in (`search`), or that `folder` is.
Result<GitRepository> open_repository(const std::string& folder, bool search);
/// The commit that a branch, tag or commit id names; the default branch for an empty ref.
Result<git_oid> resolve_ref(git_repository* repository, const std::string& ref);
/// The tree of `directory` (normal path, empty for the root) in a commit.
Result<GitTree> tree_at(git_repository* repository, const git_oid& commit, const std::string& directory);

}  // namespace slipway::app
