#include "engine/install/version_store.hpp"

#include <algorithm>
#include <filesystem>
#include <set>

#include "engine/install/files.hpp"
#include "engine/install/json.hpp"
#include "slipway/lifecycle/source.hpp"

namespace slipway::lifecycle {
namespace {

constexpr std::uint64_t kFormat = 1;

bool is_part_of_app(const AppFile& file) {
    return file.role != FileRole::kNotPartOf;
}

json::object write_document(const SyncRequest& request, const Digest& digest, TimeMs now) {
    json::object document;
    document["format"] = kFormat;
    document["app"] = request.app.config.name;
    document["digest"] = digest.hex();
    document["commit"] = request.commit;
    document["dirty"] = request.dirty;
    document["synced_ms"] = now;
    json::object sources;
    for (const auto& [key, source] : request.sources) {
        sources[key] =
            to_object({{"path", source.path}, {"content", source.content}, {"commit", source.commit}});
    }
    document["sources"] = std::move(sources);
    json::object files;
    for (const auto& file : request.app.files) {
        if (is_part_of_app(file)) {
            files[file.path] = file.content.hex();
        }
    }
    document["files"] = std::move(files);
    document["components"] = request.app.config.components.size();
    return document;
}

Result<json::object> read_document(const std::string& folder) {
    const std::string file = folder + "/version.json";
    SLIPWAY_TRY(const std::string bytes, files::read(file));
    auto document = parse_object(bytes, file);
    if (!document) {
        return environment_error(ErrorCode::kCorrupt, document.error().message);
    }
    if (get_uint(*document, "format") > kFormat) {
        return environment_error(ErrorCode::kUnsupportedFormat, file + " was written by a newer version");
    }
    return document;
}

bool is_that(const std::string& path, const std::string& hex) {
    const auto bytes = files::read(path);
    return bytes && sha256(*bytes).hex() == hex;
}

/// What was copied has to be what was synced; a file that could not be parsed has no content. A later version
/// of us may no longer take a file for a part of the app: then its bytes count.
Result<void> check_files(const LoadedApp& copy, const json::object& document, const std::string& folder) {
    const json::object* expected = find_object(document, "files");
    const std::string root = folder + "/files/" + get_string(document, "app") + "/";
    std::size_t found = 0;
    for (const auto& file : copy.files) {
        const bool known = expected != nullptr && expected->contains(file.path);
        if (!is_part_of_app(file) && !known) {
            continue;
        }
        ++found;
        const std::string hex = known ? get_string(*expected, file.path) : std::string();
        const bool same = is_part_of_app(file) ? file.content.hex() == hex : is_that(root + file.path, hex);
        if (!same) {
            return environment_error(ErrorCode::kCorrupt,
                                     folder + ": " + file.path + " is not what was synced");
        }
    }
    if (expected == nullptr || found != expected->size()) {
        return environment_error(ErrorCode::kCorrupt, folder + ": files are missing");
    }
    if (get_uint(document, "components", copy.config.components.size()) != copy.config.components.size()) {
        return environment_error(ErrorCode::kUnsupportedFormat,
                                 folder + ": not every component can be read any more");
    }
    return {};
}

std::shared_ptr<AppVersion> from_document(const json::object& document, const Digest& digest) {
    auto version = std::make_shared<AppVersion>();
    version->digest = digest;
    version->app = get_string(document, "app");
    version->commit = get_string(document, "commit");
    version->dirty = get_bool(document, "dirty");
    version->synced_ms = static_cast<TimeMs>(get_uint(document, "synced_ms"));
    if (const json::object* sources = find_object(document, "sources")) {
        for (const auto& member : *sources) {
            if (const json::object* source = member.value().if_object()) {
                version->sources[std::string(member.key())] = {get_string(*source, "path"),
                                                               get_string(*source, "content"),
                                                               get_string(*source, "commit")};
            }
        }
    }
    return version;
}

bool is_plain_name(const std::string& name) {
    return !name.empty() && name.front() != '.' && name.size() <= 100 &&
           std::all_of(name.begin(), name.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '-' || c == '_' || c == '.';
           });
}

}  // namespace

namespace {

/// A version keeps the commit that it was first synced from, whatever else holds the same content later; one
/// from a working tree gets the commit that it became.
void keep_origin(json::object& written, const std::string& folder) {
    const auto earlier = read_document(folder);
    if (earlier && (!get_bool(*earlier, "dirty") || get_bool(written, "dirty"))) {
        written["commit"] = get_string(*earlier, "commit");
        written["dirty"] = get_bool(*earlier, "dirty");
    }
}

}  // namespace

std::string VersionStore::folder_of(const std::string& app, const Digest& digest) const {
    return directory_ + "/" + app + "/" + digest.hex();
}

Result<void> VersionStore::write_copy(const SyncRequest& request, const std::string& folder) const {
    const std::string root = folder + "/files/" + request.app.config.name;
    SLIPWAY_CHECK(files::make_dir(root));
    std::set<std::string> made;
    for (const auto& file : request.app.files) {
        if (!is_part_of_app(file)) {
            continue;
        }
        SLIPWAY_TRY(const std::string bytes, files::read(request.root + "/" + file.path));
        const std::string target = root + "/" + file.path;
        const auto parent = std::filesystem::path(target).parent_path();
        SLIPWAY_CHECK(files::make_dir(parent.string()));
        SLIPWAY_CHECK(files::write_new(target, bytes));
        for (auto at = parent; at.native().size() > folder.size(); at = at.parent_path()) {
            made.insert(at.string());
        }
    }
    made.insert({root, folder + "/files", folder});
    // A name is durable once the folder that it stands in is synced: all of them, up to the copy's own.
    for (auto at = made.rbegin(); at != made.rend(); ++at) {
        SLIPWAY_CHECK(files::sync_dir(*at));
    }
    return {};
}

/// Puts the copy that was made `beside` in its place, and one that is damaged out of it. A crash in between
/// leaves neither, and the next sync writes it again.
Result<void> VersionStore::take_in(const std::string& beside, const std::string& folder) const {
    const std::string home = std::filesystem::path(folder).parent_path().string();
    const std::string damaged = beside + ".damaged";
    files::remove_all(damaged);
    if (files::exists(folder)) {
        SLIPWAY_CHECK(files::rename(folder, damaged));
    }
    SLIPWAY_CHECK(files::rename(beside, folder));
    SLIPWAY_CHECK(files::sync_dir(home));
    SLIPWAY_CHECK(files::sync_dir(directory_));
    files::remove_all(damaged);
    return {};
}

Result<std::shared_ptr<const AppVersion>> VersionStore::sync(const SyncRequest& request, TimeMs now) {
    const std::string& app = request.app.config.name;
    if (!request.app.ok()) {
        return authoring_error("app " + app + " has errors", "validate it first");
    }
    if (!is_plain_name(app)) {
        return authoring_error("the folder's name '" + app + "' cannot name an app");
    }
    std::map<std::string, std::string> contents;
    for (const auto& [key, source] : request.sources) {
        contents[key] = source.content;
    }
    const Digest digest = app_version_digest(request.app.files, contents);
    const std::string folder = folder_of(app, digest);
    json::object written = write_document(request, digest, now);
    loaded_.erase(folder);
    if (files::exists(folder)) {
        keep_origin(written, folder);
    }
    const std::string document = json::serialize(written);
    if (files::exists(folder)) {
        // Where the sources lie may have changed, and it is the newest again.
        SLIPWAY_CHECK(files::write_atomic(folder + "/version.json", document));
        if (auto kept = get(app, digest)) {
            return kept;
        }
        // Damaged, and what it should be is at hand.
    }
    const std::string beside = directory_ + "/" + app + "/.new-" + digest.hex();
    files::remove_all(beside);
    SLIPWAY_CHECK(write_copy(request, beside));
    SLIPWAY_CHECK(files::write_atomic(beside + "/version.json", document));
    SLIPWAY_TRY(const LoadedApp copy, load_app(beside + "/files/" + app));
    SLIPWAY_CHECK(check_files(copy, written, beside));
    SLIPWAY_CHECK(take_in(beside, folder));
    return get(app, digest);
}

Result<std::shared_ptr<const AppVersion>> VersionStore::get(const std::string& app, const Digest& digest) {
    const std::string folder = folder_of(app, digest);
    if (const auto found = loaded_.find(folder); found != loaded_.end()) {
        return found->second;
    }
    if (!is_plain_name(app) || !files::exists(folder)) {
        return usage_error(ErrorCode::kNotFound,
                           "app " + app + " has no version " + digest.hex().substr(0, 12), "sync it first");
    }
    SLIPWAY_TRY(const json::object document, read_document(folder));
    SLIPWAY_TRY(LoadedApp copy, load_app(folder + "/files/" + app));
    SLIPWAY_CHECK(check_files(copy, document, folder));
    // It was valid when it was synced. Rules that came later are for the next sync: whoever is pinned to this
    // version can go on with it, tear-down included.
    auto version = from_document(document, digest);
    version->config = std::move(copy.config);
    loaded_[folder] = version;
    return std::shared_ptr<const AppVersion>(version);
}

std::vector<std::string> VersionStore::apps() const {
    return files::list(directory_);
}

namespace {

using Synced = std::vector<std::pair<std::uint64_t, Digest>>;

std::vector<Digest> oldest_first(Synced found) {
    std::sort(found.begin(), found.end());
    std::vector<Digest> digests;
    digests.reserve(found.size());
    for (const auto& entry : found) {
        digests.push_back(entry.second);
    }
    return digests;
}

}  // namespace

std::vector<Digest> VersionStore::versions(const std::string& app) const {
    Synced found;
    for (const auto& name : files::list(directory_ + "/" + app)) {
        const auto document = read_document(directory_ + "/" + app + "/" + name);
        const Digest digest = Digest::from_hex(name);
        if (document && !digest.is_zero()) {
            found.emplace_back(get_uint(*document, "synced_ms"), digest);
        }
    }
    return oldest_first(std::move(found));
}

Result<std::map<std::string, std::vector<Digest>>> VersionStore::all() const {
    std::map<std::string, std::vector<Digest>> out;
    SLIPWAY_TRY(const auto apps, files::list_all(directory_));
    for (const auto& app : apps) {
        const std::string home = directory_ + "/" + app;
        std::error_code code;
        if (!std::filesystem::is_directory(home, code) && !code) {
            continue;  // somebody else's
        }
        SLIPWAY_TRY(const auto names, files::list_all(home));
        Synced found;
        for (const auto& name : names) {
            const Digest digest = Digest::from_hex(name);
            if (!digest.is_zero()) {
                SLIPWAY_TRY(const auto document, read_document(home + "/" + name));
                found.emplace_back(get_uint(document, "synced_ms"), digest);
            }
        }
        out[app] = oldest_first(std::move(found));
    }
    return out;
}

}  // namespace slipway::lifecycle
