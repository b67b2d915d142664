#include <boost/json.hpp>

#include "control_plane.hpp"
#include "json_view.hpp"
#include "load_app.hpp"
#include "slipway/lifecycle/build.hpp"
#include "version_view.hpp"

namespace host {

using namespace slipway;

lifecycle::SourceOptions ControlPlane::source_options() const {
    lifecycle::SourceOptions options;
    options.cache_dir = options_.data + "/sources";
    options.mirrors = options_.mirrors;
    options.allow_network = options_.allow_network;
    options.login = git_login_;
    options.session =
        std::make_shared<lifecycle::FetchSession>();  // one sync sees each repository at one moment
    return options;
}

Result<lifecycle::SyncRequest> ControlPlane::load(const std::string& location, const std::string& ref,
                                                  std::vector<std::string>& not_pinned) {
    LoadOptions options;
    options.sources = source_options();
    options.registry = options_.simulate ? nullptr : image_registry_.get();
    options.before = [this](const std::string& app, const std::string& key) {
        const auto last = version_of(app, "");
        const auto version = last ? registry_->version(app, *last)
                                  : Result<std::shared_ptr<const lifecycle::AppVersion>>(last.error());
        if (!version || (*version)->sources.count(key) == 0) {
            return lifecycle::SourceFolder{};
        }
        return (*version)->sources.at(key);
    };
    std::vector<std::string> missing;
    options.not_pinned = &not_pinned;
    options.missing = options_.simulate ? &missing : nullptr;  // a simulated install needs no module
    return load_app_from(location, ref, std::move(options));
}

Json ControlPlane::sync(const json::object& body, const Principal& who) {
    SLIPWAY_CHECK(only_keys(body, {"path", "ref", "dry_run", "build"}));
    SLIPWAY_TRY(const auto path, text_of(body, "path"));
    SLIPWAY_TRY(const auto ref, text_of(body, "ref"));
    SLIPWAY_TRY(const bool dry_run, flag_of(body, "dry_run"));
    SLIPWAY_TRY(const bool build, flag_of(body, "build", !options_.simulate));
    if (path.empty()) {
        return usage_error(ErrorCode::kInvalidArgument, "\"path\" is missing: a folder or a repository");
    }
    std::vector<std::string> not_pinned;
    SLIPWAY_TRY(auto request, load(path, ref, not_pinned));
    json::array findings;
    for (const auto& d : request.app.diagnostics) {
        findings.push_back(to_json(d));
    }
    json::array kept;
    for (const auto& file : request.app.kept_files()) {
        kept.emplace_back(file);
    }
    json::array keys;
    for (const auto& one : request.app.kept_keys) {
        keys.push_back(json::object{{"file", one.file}, {"key", one.key}});
    }
    const bool dirty = request.dirty;
    const std::string commit = request.commit;
    SLIPWAY_TRY(const auto changes, changes_of_sync(*registry_, request));
    if (dry_run) {
        auto out = to_json(changes);
        out["app"] = request.app.config.name;
        out["findings"] = std::move(findings);
        out["not_pinned"] = json::value_from(not_pinned);
        return json::value(std::move(out));
    }
    const auto before = version_of(request.app.config.name, "");
    SLIPWAY_TRY(const auto version, registry_->sync_version(std::move(request)));
    json::object out{{"app", version->app},
                     {"diff", to_json(changes)},
                     {"version", version->digest.hex()},
                     {"commit", commit},
                     {"dirty", dirty},
                     {"new", !before || *before != version->digest},
                     {"not_pinned", json::value_from(not_pinned)},
                     {"components", version->config.components.size()},
                     {"actions", version->config.actions.size()},
                     {"findings", std::move(findings)},
                     {"kept_files", std::move(kept)},
                     {"kept_keys", std::move(keys)}};
    if (build) {
        auto started = start_build(*version, {}, false, who);
        // The version stands, whatever becomes of its build.
        out["build"] = started ? std::move(*started) : json::value(to_json(started.error()));
    }
    return json::value(std::move(out));
}

Result<Digest> ControlPlane::version_of(const std::string& app, const std::string& text) {
    const auto versions = registry_->versions(app);
    if (versions.empty()) {
        return usage_error(ErrorCode::kNotFound, "app " + app + " has not been synced",
                           "slipway sync PLACE reads it");
    }
    if (text.empty()) {
        return versions.back();
    }
    std::vector<Digest> fitting;
    for (const auto& one : versions) {
        if (one.hex().starts_with(text)) {
            fitting.push_back(one);
        }
    }
    if (fitting.size() == 1) {
        return fitting.front();
    }
    return usage_error(ErrorCode::kNotFound,
                       "app " + app + " has " + (fitting.empty() ? "no version" : "more than one version") +
                           " that begins with \"" + text + "\"",
                       "slipway apps lists its versions");
}

Json ControlPlane::apps() {
    json::array out;
    for (const auto& app : registry_->apps()) {
        json::array versions;
        for (const auto& digest : registry_->versions(app)) {
            SLIPWAY_TRY(const auto version, registry_->version(app, digest));
            versions.push_back(json::object{{"version", digest.hex()},
                                            {"commit", version->commit},
                                            {"dirty", version->dirty},
                                            {"synced_ms", version->synced_ms}});
        }
        out.push_back(json::object{{"app", app}, {"versions", std::move(versions)}});
    }
    return json::value(json::object{{"apps", std::move(out)}});
}

}  // namespace host
