#include "slipway/lifecycle/source.hpp"

#include <algorithm>
#include <filesystem>

#include "engine/app/git_library.hpp"
#include "engine/app/location.hpp"
#include "engine/app/materialise.hpp"
#include "engine/app/private_copy.hpp"
#include "engine/app/remote_mirror.hpp"
#include "engine/app/submodules.hpp"

namespace slipway::lifecycle {

namespace fs = std::filesystem;

namespace {

using app::is_url;
using app::locate;
using app::Location;

std::string last_part(const std::string& path) {
    std::string name = path;
    while (name.ends_with("/")) {
        name.pop_back();
    }
    if (name.ends_with(".git")) {
        name.resize(name.size() - 4);
    }
    return name.substr(name.rfind('/') == std::string::npos ? 0 : name.rfind('/') + 1);
}

char letter_of(unsigned flags) {
    if ((flags & (GIT_STATUS_INDEX_NEW | GIT_STATUS_WT_NEW)) != 0) {
        return 'A';
    }
    return (flags & (GIT_STATUS_INDEX_DELETED | GIT_STATUS_WT_DELETED)) != 0 ? 'D' : 'M';
}

/// Changes below `directory` that the last commit does not have.
std::vector<std::string> changes_of(git_repository* repository, std::string directory) {
    constexpr std::size_t kMost = 100;
    git_status_options options;
    git_status_options_init(&options, GIT_STATUS_OPTIONS_VERSION);
    options.show = GIT_STATUS_SHOW_INDEX_AND_WORKDIR;
    options.flags = GIT_STATUS_OPT_INCLUDE_UNTRACKED | GIT_STATUS_OPT_RECURSE_UNTRACKED_DIRS |
                    GIT_STATUS_OPT_DISABLE_PATHSPEC_MATCH | GIT_STATUS_OPT_SORT_CASE_SENSITIVELY;
    char* path = directory.data();
    if (!directory.empty()) {
        options.pathspec = git_strarray{&path, 1};
    }
    git_status_list* list = nullptr;
    if (git_status_list_new(&list, repository, &options) != 0) {
        return {"M ."};
    }
    const app::GitStatusList owner(list);
    std::vector<std::string> out;
    for (std::size_t i = 0; i < git_status_list_entrycount(list) && out.size() < kMost; ++i) {
        const git_status_entry* entry = git_status_byindex(list, i);
        const git_diff_delta* delta =
            entry->index_to_workdir != nullptr ? entry->index_to_workdir : entry->head_to_index;
        out.push_back(std::string(1, letter_of(entry->status)) + " " + delta->new_file.path);
    }
    return out;
}

/// `named`: the repository as it was asked for, which the urls of submodules may count from.
Result<Checkout> checkout_commit(git_repository* repository, Checkout out, const std::string& named,
                                 const std::string& directory, const SourceOptions& options) {
    auto id = app::resolve_ref(repository, out.ref);
    if (!id) {
        id.error().message += " in '" + out.repository + "'";
        return std::move(id).error();
    }
    out.commit = app::hex_of(*id);
    auto tree = app::tree_at(repository, *id, directory);
    if (!tree) {
        tree.error().message += " of '" + out.repository + "'";
        return std::move(tree).error();
    }
    out.content = "git-tree:" + app::hex_of(*git_tree_id(tree->get()));
    const std::string name = last_part(directory.empty() ? out.repository : directory);
    const app::Submodules submodules(repository, *id, named, directory, options);
    SLIPWAY_TRY(out.path, app::materialise_tree(repository, tree->get(), name, submodules, options));
    return out;
}

/// The working tree as it is now: an app's own repository with changes, or a folder outside of git.
Result<Checkout> checkout_folder(const std::string& root, Checkout out, const std::string& directory,
                                 const SourceOptions& options) {
    std::error_code ec;
    const fs::path folder = fs::canonical(fs::path(root) / directory, ec);
    const std::string base = fs::canonical(root, ec).string();
    if (ec || !fs::is_directory(folder, ec)) {
        return usage_error(ErrorCode::kNotFound, "there is no folder '" + directory + "' in '" + root + "'");
    }
    if (folder.string() != base && !folder.string().starts_with(base + "/")) {
        return Error{ErrorClass::kAuthoring,
                     ErrorCode::kForbidden,
                     "'" + directory + "' leads out of '" + root + "'",
                     {}};
    }
    auto repository = app::open_repository(folder.string(), true);
    git_repository* git = repository ? repository->get() : nullptr;
    if (git != nullptr) {
        if (auto head = app::resolve_ref(git, "")) {
            out.commit = app::hex_of(*head);
        }
        out.dirty = true;
    }
    SLIPWAY_TRY(auto copy, app::snapshot_folder(folder.string(), git, last_part(folder.string()), options));
    out.path = copy.path;
    out.content = copy.content;
    return out;
}

Result<Checkout> checkout_at(const Location& location, Checkout out, const std::string& named,
                             const std::string& directory, const SourceOptions& options) {
    std::string inside;
    if (!app::inside_path(directory, inside)) {
        return Error{ErrorClass::kAuthoring,
                     ErrorCode::kForbidden,
                     "the folder '" + directory + "' leads out of the repository '" + location.text + "'",
                     {}};
    }
    out.repository = app::without_login(location.text);
    if (!location.local) {
        SLIPWAY_TRY(auto mirror, app::open_mirror(location.text, out.ref, options));
        return checkout_commit(mirror.get(), std::move(out), named, inside, options);
    }
    auto repository = app::open_repository(location.text, false);
    if (repository) {
        return checkout_commit(repository->get(), std::move(out), named, inside, options);
    }
    std::error_code ec;
    const bool plain_folder = fs::is_directory(location.text, ec) &&
                              !fs::exists(location.text + "/.git", ec) &&
                              !fs::exists(location.text + "/HEAD", ec);
    if (!plain_folder) {
        return std::move(repository).error();
    }
    return checkout_folder(location.text, std::move(out), inside, options);
}

/// "path//folder" -> {"path", "folder"}; the slashes of "https://" do not count.
std::pair<std::string, std::string> split_folder(const std::string& location) {
    const std::size_t scheme = location.find("://");
    const std::size_t from = scheme == std::string::npos ? 0 : scheme + 3;
    const std::size_t at = location.find("//", from);
    if (at == std::string::npos) {
        return {location, ""};
    }
    return {location.substr(0, at), location.substr(at + 2)};
}

Result<AppSource> working_tree(const std::string& location) {
    std::error_code ec;
    const std::string folder = fs::canonical(location, ec).string();
    if (ec || !fs::is_directory(folder, ec)) {
        return usage_error(ErrorCode::kNotFound, "there is no folder '" + location + "'",
                           "give the folder of the app, or a repository and a ref");
    }
    AppSource out{folder, folder, ".", "", false, {}};
    auto repository = app::open_repository(folder, true);
    if (!repository) {
        if (repository.error().code != ErrorCode::kNotFound) {
            return std::move(repository).error();
        }
        return out;
    }
    const char* workdir = git_repository_workdir(repository->get());
    if (workdir == nullptr) {
        return usage_error(ErrorCode::kInvalidArgument,
                           "'" + location + "' is a bare repository without a working tree",
                           "name a branch, tag or commit");
    }
    const std::string root = fs::canonical(workdir, ec).string();
    const std::string directory = fs::path(folder).lexically_relative(root).generic_string();
    if (directory.starts_with("..")) {
        return Error{
            ErrorClass::kAuthoring, ErrorCode::kForbidden,
            "the repository of '" + folder + "' says that its files lie elsewhere, in '" + root + "'",
            "core.worktree of its configuration is not followed"};
    }
    out.repository = root;
    out.directory = directory.empty() ? "." : directory;
    if (auto head = app::resolve_ref(repository->get(), "")) {
        out.commit = app::hex_of(*head);
    }
    out.changes = changes_of(repository->get(), out.directory == "." ? "" : out.directory);
    out.dirty = out.commit.empty() || !out.changes.empty();
    return out;
}

/// A local path may name a folder inside of a repository.
Result<std::pair<std::string, std::string>> root_of(const std::string& path, const std::string& folder) {
    SLIPWAY_TRY(auto repository, app::open_repository(path, true));
    const char* workdir = git_repository_workdir(repository.get());
    std::error_code ec;
    const std::string root =
        fs::canonical(workdir != nullptr ? workdir : git_repository_path(repository.get()), ec).string();
    const std::string here = fs::canonical(path, ec).string();
    if (ec) {
        return environment_error(ErrorCode::kIo, "cannot read '" + path + "': " + ec.message());
    }
    std::string directory =
        workdir != nullptr ? fs::path(here).lexically_relative(root).generic_string() : std::string();
    if (directory == ".") {
        directory.clear();
    }
    if (!folder.empty()) {
        directory += (directory.empty() ? "" : "/") + folder;
    }
    return std::pair(root, directory);
}

}  // namespace

Result<Checkout> checkout(std::string_view repo, std::string_view ref, std::string_view directory,
                          const SourceOptions& options) {
    Checkout out;
    out.ref = ref;
    SLIPWAY_TRY(const Location location, locate(std::string(repo), options));
    if (repo != ".") {
        return checkout_at(location, std::move(out), std::string(repo), std::string(directory), options);
    }
    // The app's own repository: at the app's commit, whatever the ref says, so that app and module never
    // drift apart.
    out.ref = options.app_commit;
    if (!options.app_commit.empty() || !location.local) {
        return checkout_at(location, std::move(out), location.text, std::string(directory), options);
    }
    std::string inside;
    if (!app::inside_path(directory, inside)) {
        return Error{ErrorClass::kAuthoring,
                     ErrorCode::kForbidden,
                     "the folder '" + std::string(directory) + "' leads out of the app's repository",
                     {}};
    }
    out.repository = app::without_login(location.text);
    return checkout_folder(location.text, std::move(out), inside, options);
}

Result<AppSource> resolve_source(std::string_view location, std::string_view ref,
                                 const SourceOptions& options) {
    if (ref.empty() && !is_url(location)) {
        return working_tree(std::string(location));
    }
    auto [place, folder] = split_folder(std::string(location));
    const bool local = !is_url(place);
    if (local) {
        SLIPWAY_TRY(std::tie(place, folder), root_of(place, folder));
    }
    Checkout wanted;
    wanted.ref = ref;
    SLIPWAY_TRY(Checkout found, checkout_at({place, local}, std::move(wanted), place, folder, options));
    return AppSource{found.path, place, folder.empty() ? "." : folder, found.commit, false, {}};
}

}  // namespace slipway::lifecycle
