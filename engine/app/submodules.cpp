#include "engine/app/submodules.hpp"

#include <memory>
#include <string_view>

#include "engine/app/location.hpp"
#include "engine/app/private_copy.hpp"
#include "engine/app/remote_mirror.hpp"

namespace slipway::app {

namespace {

constexpr int kDeepest = 5;
constexpr std::size_t kLargest = std::size_t{1} << 20U;

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) {
        text.remove_prefix(1);
    }
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t' || text.back() == '\r')) {
        text.remove_suffix(1);
    }
    return text;
}

/// Of a blob that is never unpacked: what it says of itself comes before memory for it.
bool is_small(git_repository* repository, const git_oid& id) {
    git_odb* found = nullptr;
    if (git_repository_odb(&found, repository) != 0) {
        return false;
    }
    const std::unique_ptr<git_odb, GitFree<git_odb_free>> odb(found);
    std::size_t size = 0;
    git_object_t type = GIT_OBJECT_INVALID;
    return git_odb_read_header(&size, &type, found, &id) == 0 && size <= kLargest;
}

/// Empty when there is no such file; kLimit when it is too large to be read.
Result<std::string> text_of_blob(git_repository* repository, git_tree* tree, const char* path) {
    git_tree_entry* entry = nullptr;
    if (git_tree_entry_bypath(&entry, tree, path) != 0) {
        return std::string();
    }
    const GitTreeEntry owner(entry);
    if (git_tree_entry_type(entry) != GIT_OBJECT_BLOB) {
        return std::string();
    }
    if (!is_small(repository, *git_tree_entry_id(entry))) {
        return environment_error(ErrorCode::kLimit, std::string(path) + " is larger than 1 MiB or damaged");
    }
    git_blob* found = nullptr;
    if (git_blob_lookup(&found, repository, git_tree_entry_id(entry)) != 0) {
        return std::string();
    }
    const GitBlob blob(found);
    return std::string(static_cast<const char*>(git_blob_rawcontent(found)),
                       static_cast<std::size_t>(git_blob_rawsize(found)));
}

}  // namespace

std::map<std::string, std::string> parse_gitmodules(std::string_view text) {
    std::map<std::string, std::string> out;
    std::string path;
    std::string url;
    const auto flush = [&] {
        std::string inside;
        if (!path.empty() && !url.empty() && inside_path(path, inside) && !inside.empty()) {
            out[inside] = url;
        }
        path.clear();
        url.clear();
    };
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        const std::string_view line = trimmed(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
        if (line.starts_with('[')) {
            flush();
            continue;
        }
        const std::size_t equals = line.find('=');
        if (equals == std::string_view::npos) {
            continue;
        }
        std::string_view value = trimmed(line.substr(equals + 1));
        if (value.size() >= 2 && value.front() == '"' && value.back() == '"') {
            value = value.substr(1, value.size() - 2);
        }
        const std::string_view key = trimmed(line.substr(0, equals));
        if (key == "path") {
            path = value;
        } else if (key == "url") {
            url = value;
        }
    }
    flush();
    return out;
}

Submodules::Submodules(git_repository* repository, const git_oid& commit, std::string named,
                       std::string directory, const lifecycle::SourceOptions& options, int depth)
    : named_(std::move(named)), directory_(std::move(directory)), options_(&options), depth_(depth) {
    if (auto root = tree_at(repository, commit, "")) {
        if (const auto text = text_of_blob(repository, root->get(), ".gitmodules")) {
            urls_ = parse_gitmodules(*text);
        } else {
            unread_ = text.error();
        }
    }
}

Result<OpenSubmodule> Submodules::open(const std::string& path, const git_oid& commit) const {
    if (unread_) {
        return *unread_;
    }
    const auto url = urls_.find(directory_.empty() ? path : directory_ + "/" + path);
    if (url == urls_.end()) {
        return usage_error(ErrorCode::kUnsupported,
                           "'" + path + "' is a submodule, and .gitmodules does not say where it comes from");
    }
    if (depth_ >= kDeepest) {
        return environment_error(ErrorCode::kLimit, "submodules are nested too deeply at '" + path + "'");
    }
    const std::string named = submodule_location(named_, url->second);
    const auto failed = [&](Error error) {
        error.message = "submodule '" + path + "': " + error.message;
        return error;
    };
    auto location = locate(named, *options_);
    if (!location || named == ".") {
        return failed(location ? usage_error(ErrorCode::kForbidden, "its url names nothing")
                               : std::move(location).error());
    }
    auto repository = location->local ? open_repository(location->text, false)
                                      : open_mirror(location->text, hex_of(commit), *options_);
    if (!repository) {
        return failed(std::move(repository).error());
    }
    auto tree = tree_at(repository->get(), commit, "");
    if (!tree) {
        return failed(std::move(tree).error());
    }
    auto below = std::make_shared<Submodules>(repository->get(), commit, named, "", *options_, depth_ + 1);
    return OpenSubmodule{std::move(*repository), std::move(*tree), std::move(below)};
}

}  // namespace slipway::app
