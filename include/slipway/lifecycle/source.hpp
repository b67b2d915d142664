// Sources: where an app and its components come from. A commit's folder becomes a private, content-addressed
// copy.
//
//   auto app = slipway::lifecycle::resolve_source("/srv/apps/shop", "", options);         // a working tree,
//   or a repository at a ref auto module = slipway::lifecycle::checkout("acme/modules", "v1.4.0", "network",
//   options);   // -> module->path
//
// Nothing of a repository is ever run: no hook, no filter, no command of its configuration. Submodules are
// fetched at the commit that the repository names.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "slipway/ids.hpp"
#include "slipway/lifecycle/app.hpp"
#include "slipway/result.hpp"

namespace slipway::lifecycle {

/// A login for one repository. Never written anywhere.
struct Login {
    std::string user;             ///< empty: "git"
    std::string token;            ///< a token or password, for http and https
    std::string ssh_private_key;  ///< PEM text
    std::string ssh_passphrase;
};
/// Asked once for each fetch that wants a login, with the address as it is reached; nothing: there is none
/// (for ssh, an agent's key is tried). May block. A login is only ever given to the host that was asked for,
/// not to one that it points to.
using LoginHook = std::function<std::optional<Login>(const std::string& url)>;

/// What one sync has fetched already: each repository once, so that all parts of a version see it at one
/// moment. Thread-safe.
class FetchSession {
public:
    FetchSession();
    ~FetchSession();
    struct State;
    State& state() { return *state_; }

private:
    std::unique_ptr<State> state_;
};

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
    LoginHook login;
    std::shared_ptr<FetchSession> session;       ///< none: every checkout of a branch looks for news
    std::uint64_t largest_file = 256ULL << 20U;  ///< bytes; a larger one in a repository is kLimit
    std::uint64_t largest_folder = 2ULL << 30U;  ///< bytes of all files of one checkout
    std::uint64_t largest_fetch = 8ULL << 30U;   ///< bytes that one fetch of a repository may bring
    DurationMs fetch_timeout_ms =
        1'800'000;  ///< of one fetch, or of fetch_locations(), however slowly bytes come
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

/// What lies at Checkout::path is what was copied there: for who builds from it later. kCorrupt names a file
/// that differs, and the copy is put aside, so that the next checkout makes a new one. A folder that no
/// checkout made is taken as it is. Reads all of it.
Result<void> verify_checkout(const std::string& path);

/// Where an app is read from: a folder (the working tree, uncommitted changes included and marked), or, when
/// `ref` is given, `location` (a repository's path or URL, optionally "//folder" at its end) at that branch,
/// tag or commit.
struct AppSource {
    std::string path;        ///< the folder to load; for a working tree the folder itself, not a copy
    std::string repository;  ///< the repository's root, or its URL; the folder itself when it is not in git
    std::string directory;   ///< the app's folder inside of the repository; "." for its root
    std::string commit;      ///< empty when it is not in git or has no commit yet
    bool dirty = false;      ///< the folder holds changes that `commit` does not
    /// What these changes are, relative to the repository's root: "M components/db.toml", "A", "D"; the first
    /// hundred.
    std::vector<std::string> changes;
};
Result<AppSource> resolve_source(std::string_view location, std::string_view ref,
                                 const SourceOptions& options);

/// The text at a network location of an app ("https://…"). May block.
using ContentHook = std::function<Result<std::string>(const std::string& location)>;

/// Gets a text over https: verified certificates, at most 4 MiB, ten seconds, five redirections, none of them
/// away from https. kForbidden for any other scheme.
Result<std::string> https_text(const std::string& url);
/// The same with 64 MiB and two minutes: the index of a chart repository.
Result<std::string> large_https_text(const std::string& url);

/// An app with everything that its keys point to on the network.
struct FetchedApp {
    LoadedApp app;     ///< nothing in it is pending
    std::string path;  ///< the folder it was loaded from: a private copy with what was fetched beside it
    std::map<std::string, Digest> fetched;  ///< by location
};
/// Fetches what `app`, loaded from `path`, left pending: git locations ("git::URL//file?ref=v1") as checkouts
/// are, all others through `hook`. The digests of what was fetched are part of the
/// version's digest from then on, and the network is never asked again for that version. `path` itself is not
/// touched.
Result<FetchedApp> fetch_locations(const LoadedApp& app, std::string_view path, const SourceOptions& options,
                                   const ContentHook& hook);

/// Names a version of an app: SHA-256 over its files (sorted path and content) and the commits its sources
/// resolved to. `sources`: what each repository reference resolved to, e.g. {"component.vpc",
/// checkout.content}.
Digest app_version_digest(const std::vector<AppFile>& files,
                          const std::map<std::string, std::string>& sources);

}  // namespace slipway::lifecycle
