#include "engine/app/location.hpp"

#include <vector>

namespace slipway::app {

using lifecycle::SourceOptions;

namespace {

bool is_local(std::string_view text) {
    return text.starts_with("/") || text.starts_with("./") || text.starts_with("../") || text == ".." ||
           text.starts_with("file:");
}

/// "owner/name" of the forms in which one repository is written.
std::string plain_name(std::string text, const std::string& base) {
    if (!base.empty() && text.starts_with(base)) {
        text.erase(0, base.size());
    }
    while (text.ends_with("/")) {
        text.pop_back();
    }
    if (text.ends_with(".git")) {
        text.resize(text.size() - 4);
    }
    return text;
}

}  // namespace

bool is_url(std::string_view text) {
    return text.find("://") != std::string_view::npos || text.starts_with("git@");
}

Result<Location> locate(const std::string& repo, const SourceOptions& options) {
    if (repo == ".") {
        if (options.app_repository.empty()) {
            return usage_error(ErrorCode::kNotFound, "the source '.' needs an app that has a repository");
        }
        return Location{options.app_repository, !is_url(options.app_repository)};
    }
    for (const auto& [from, to] : options.mirrors) {
        if (from == repo ||
            plain_name(from, options.repository_base) == plain_name(repo, options.repository_base)) {
            return Location{to, !is_url(to)};
        }
    }
    if (is_local(repo)) {
        // An app comes from somebody else: what it names must not reach into the host's files.
        return Error{ErrorClass::kAuthoring, ErrorCode::kForbidden,
                     "an app cannot name the local path '" + repo + "'",
                     "name a repository, and map it to the path with a mirror"};
    }
    if (is_url(repo)) {
        return Location{repo, false};
    }
    return Location{options.repository_base + repo + ".git", false};
}

std::string without_login(const std::string& url) {
    const std::size_t scheme = url.find("://");
    if (scheme == std::string::npos) {
        return url;
    }
    const std::size_t at = url.find('@', scheme);
    const std::size_t slash = url.find('/', scheme + 3);
    return at < slash ? url.substr(0, scheme + 3) + url.substr(at + 1) : url;
}

std::string submodule_location(const std::string& repository, const std::string& url) {
    if (!url.starts_with("./") && !url.starts_with("../")) {
        return url;
    }
    std::string base = repository;
    std::string rest = url;
    while (base.ends_with("/")) {
        base.pop_back();
    }
    while (rest.starts_with("./") || rest.starts_with("../")) {
        if (rest.starts_with("../")) {
            const std::size_t slash = base.find_last_of("/:");
            base.resize(slash == std::string::npos ? 0 : slash);
            rest.erase(0, 1);
        }
        rest.erase(0, 2);
    }
    return base.empty() ? rest : base + "/" + rest;
}

}  // namespace slipway::app
