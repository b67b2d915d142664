// Versions of apps side by side.
#include <boost/json.hpp>

#include "control_plane.hpp"
#include "json_view.hpp"
#include "slipway/lifecycle/diff.hpp"
#include "version_view.hpp"

namespace host {

using namespace slipway;

namespace {

json::array names_in(const lifecycle::VersionDiff& diff, const char* part) {
    json::array out;
    for (const auto& name : diff.names(part, lifecycle::DiffKind::kRemoved)) {
        out.emplace_back(name);
    }
    return out;
}

}  // namespace

json::object to_json(const lifecycle::VersionDiff& diff) {
    json::array changes;
    for (const auto& change : diff.changes) {
        json::array keys;
        for (const auto& key : change.keys) {
            keys.push_back(json::object{{"key", key.key}, {"before", key.before}, {"after", key.after}});
        }
        changes.push_back(json::object{{"kind", lifecycle::to_string(change.kind)},
                                       {"part", change.part},
                                       {"name", change.name},
                                       {"keys", std::move(keys)}});
    }
    return {{"changes", std::move(changes)},
            {"text", lifecycle::to_text(diff)},
            {"removed_components", names_in(diff, "component")},
            {"removed_actions", names_in(diff, "action")}};
}

Result<lifecycle::VersionDiff> changes_of_sync(lifecycle::InstallRegistry& registry,
                                               const lifecycle::SyncRequest& request) {
    lifecycle::AppVersion candidate;
    candidate.config = request.app.config;
    candidate.sources = request.sources;
    const auto versions = registry.versions(candidate.config.name);
    if (versions.empty()) {
        return lifecycle::compare_versions({}, candidate);
    }
    SLIPWAY_TRY(const auto newest, registry.version(candidate.config.name, versions.back()));
    const auto refused = lifecycle::check_successor(newest->config, candidate.config);
    if (!refused.empty()) {
        std::string text = "the app cannot follow its newest version:";
        for (const auto& d : refused) {
            text += "\n" + to_text(d);
        }
        return authoring_error(std::move(text));
    }
    return lifecycle::compare_versions(*newest, candidate);
}

Json ControlPlane::compare(const json::object& body) {
    SLIPWAY_CHECK(only_keys(body, {"app", "from", "to"}));
    SLIPWAY_TRY(const auto app, text_of(body, "app"));
    SLIPWAY_TRY(const auto from, text_of(body, "from"));
    SLIPWAY_TRY(const auto to, text_of(body, "to"));
    SLIPWAY_TRY(const auto newer, version_of(app, to));
    Digest older = newer;
    if (!from.empty()) {
        SLIPWAY_TRY(older, version_of(app, from));
    } else {
        const auto versions = registry_->versions(app);
        for (std::size_t i = 1; i < versions.size(); ++i) {
            older = versions[i] == newer ? versions[i - 1] : older;
        }
    }
    SLIPWAY_TRY(const auto before, registry_->version(app, older));
    SLIPWAY_TRY(const auto after, registry_->version(app, newer));
    auto out = to_json(lifecycle::compare_versions(*before, *after));
    out["app"] = app;
    out["from"] = older.hex();
    out["to"] = newer.hex();
    return json::value(std::move(out));
}

}  // namespace host
