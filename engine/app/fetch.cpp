// What an app points to on the network, fetched when it is synced.
#include <chrono>
#include <set>

#include "engine/app/app_folder.hpp"
#include "engine/app/load.hpp"
#include "engine/app/private_copy.hpp"
#include "engine/app/table_check.hpp"
#include "slipway/lifecycle/source.hpp"

namespace slipway::lifecycle {

namespace {

constexpr std::size_t kLargest = 4U << 20U;

/// "git::https://host/repo//dir/file?ref=v1"
struct GitLocation {
    std::string repository;
    std::string file;
    std::string ref;
};

bool parse_git(std::string text, GitLocation& out) {
    const bool plain = text.starts_with("git@") || text.starts_with("git://");
    if (!plain && !text.starts_with("git::")) {
        return false;
    }
    text.erase(0, plain ? 0 : 5);
    const std::size_t question = text.find("?ref=");
    if (question != std::string::npos) {
        out.ref = text.substr(question + 5);
        text.resize(question);
    }
    const std::size_t scheme = text.find("://");
    const std::size_t split = text.find("//", scheme == std::string::npos ? 0 : scheme + 3);
    out.repository = text.substr(0, split);
    out.file = split == std::string::npos ? std::string() : text.substr(split + 2);
    return true;
}

Result<std::string> git_text(const std::string& location, const GitLocation& from,
                             const SourceOptions& options) {
    std::string inside;
    if (!app::inside_path(from.file, inside) || inside.empty()) {
        return authoring_error("'" + location + "' names no file of a repository",
                               "write it like git::https://host/repository//folder/file?ref=v1");
    }
    const std::size_t slash = inside.rfind('/');
    const std::string folder = slash == std::string::npos ? "." : inside.substr(0, slash);
    SLIPWAY_TRY(const Checkout found, checkout(from.repository, from.ref, folder, options));
    SLIPWAY_TRY(const auto files, app::AppFolder::open(found.path));
    return files.read(slash == std::string::npos ? inside : inside.substr(slash + 1));
}

/// Writes a file and, once, the folders above it.
Result<void> put(app::PrivateCopy& copy, std::set<std::string>& folders, const std::string& path,
                 const std::string& content) {
    for (std::size_t at = path.find('/'); at != std::string::npos; at = path.find('/', at + 1)) {
        if (folders.insert(path.substr(0, at)).second) {
            SLIPWAY_CHECK(copy.make_folder(path.substr(0, at)));
        }
    }
    return copy.write_file(path, content, false);
}

}  // namespace

Result<FetchedApp> fetch_locations(const LoadedApp& app, std::string_view path, const SourceOptions& options,
                                   const ContentHook& hook) {
    FetchedApp out;
    SLIPWAY_TRY(const auto folder, app::AppFolder::open(path));
    SLIPWAY_TRY(auto copy, app::PrivateCopy::begin(options.cache_dir, options.largest_folder));
    std::set<std::string> folders;
    std::string listing;
    for (const auto& file : app.files) {
        if (file.role == FileRole::kNotPartOf) {
            continue;
        }
        SLIPWAY_TRY(const std::string content, folder.read(file.path));
        SLIPWAY_CHECK(put(copy, folders, file.path, content));
        listing += file.path + " " + sha256(content).hex() + "\n";
    }
    const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(options.fetch_timeout_ms);
    for (const auto& location : app.pending) {
        if (std::chrono::steady_clock::now() >= until) {
            return environment_error(ErrorCode::kTimeout,
                                     "what the app points to on the network did not come in " +
                                         std::to_string(options.fetch_timeout_ms) + " ms",
                                     "'" + location + "' was next");
        }
        GitLocation git;
        const bool is_git = parse_git(location, git);
        if (!is_git && (!hook || !options.allow_network)) {
            return usage_error(ErrorCode::kNotFound,
                               "'" + location + "' needs the network, which is not allowed");
        }
        auto text = is_git ? git_text(location, git, options) : hook(location);
        if (!text) {
            text.error().message = "'" + location + "': " + text.error().message;
            return std::move(text).error();
        }
        if (text->size() > kLargest) {
            return environment_error(ErrorCode::kLimit, "'" + location + "' is larger than 4 MiB");
        }
        out.fetched[location] = sha256(*text);
        SLIPWAY_CHECK(put(copy, folders, app::fetched_path(location), *text));
        listing += location + " " + out.fetched[location].hex() + "\n";
    }
    out.path = options.cache_dir + "/fetched/" + sha256(listing).hex() + "/" + app.config.name;
    SLIPWAY_CHECK(copy.publish(out.path));
    SLIPWAY_TRY(out.app, load_app(out.path));
    return out;
}

}  // namespace slipway::lifecycle
