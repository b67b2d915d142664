// Sources: where an app and its components come from. A commit's folder becomes a private, content-addressed
// copy.
//
//   auto app = slipway::lifecycle::resolve_source("/srv/apps/shop", "", options);         // a working tree,
//   or a repository at a ref auto module = slipway::lifecycle::checkout("acme/modules", "v1.4.0", "network",
//   options);   // -> module->path
//
// Hooks, filters and submodules of a repository are never run or followed.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "slipway/ids.hpp"
#include "slipway/lifecycle/app.hpp"
#include "slipway/result.hpp"

namespace slipway::lifecycle {

struct SourceOptions {
    std::string
        cache_dir;  ///< created (0700) when absent; copies and mirrors of remote repositories live here
    /// Replaces a repository as the app names it ("owner/name" or a URL) by another place: a local path or a
    /// URL.
    std::map<std::string, std::string> mirrors;
    /// What `repo = "."` means: the app's own repository (a Slipway extension), at `app_commit`; an empty
    /// commit stands for the working tree as it is, changes included.
    std::string app_repository;
    std::string app_commit;
    bool allow_network = true;  ///< false: only local paths and what is already in the cache
    std::string repository_base = "https://github.com/";  ///< completes "owner/name" where no mirror is given
};

/// A folder of a repository at a commit, on disk and private (directories 0700, files 0600, programs 0700).
/// Treat it as read-only: others share it. It stays until the host removes the cache.
struct Checkout {
    std::string path;        ///< absolute
    std::string repository;  ///< where it was read from, after mirrors
    std::string ref;         ///< as asked for
    std::string commit;      ///< 40 hex digits; empty for a folder outside of git
    std::string content;     ///< names the content: equal content, equal name
    bool dirty = false;      ///< a working tree with changes that no commit holds
};

/// The folder `directory` ("." for all of it) of `repo` at `ref` (branch, tag or commit; empty: the default
/// branch). kNotFound: no such repository, ref or folder; kForbidden: a link or path that points outside; kIo
/// otherwise. May block on the network. Thread-safe; a crash leaves no half copy behind.
Result<Checkout> checkout(std::string_view repo, std::string_view ref, std::string_view directory,
                          const SourceOptions& options);

/// Where an app is read from: a folder (the working tree, uncommitted changes included and marked), or, when
/// `ref` is given, `location` (a repository's path or URL, optionally "//folder" at its end) at that branch,
/// tag or commit.
struct AppSource {
    std::string path;        ///< the folder to load; for a working tree the folder itself, not a copy
    std::string repository;  ///< the repository's root, or its URL; the folder itself when it is not in git
    std::string directory;   ///< the app's folder inside of the repository; "." for its root
    std::string commit;      ///< empty when it is not in git or has no commit yet
    bool dirty = false;      ///< the folder holds changes that `commit` does not
};
Result<AppSource> resolve_source(std::string_view location, std::string_view ref,
                                 const SourceOptions& options);

/// Names a version of an app: SHA-256 over its files (sorted path and content) and the commits its sources
/// resolved to. `sources`: what each repository reference resolved to, e.g. {"component.vpc",
/// checkout.content}.
Digest app_version_digest(const std::vector<AppFile>& files,
                          const std::map<std::string, std::string>& sources);

}  // namespace slipway::lifecycle
