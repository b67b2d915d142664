#include "load_app.hpp"

#include <filesystem>
#include <optional>

#include "slipway/lifecycle/pins.hpp"

namespace host {

using namespace slipway;

namespace {

Error not_valid(const lifecycle::LoadedApp& app, const std::string& location) {
    std::string text;
    std::size_t count = 0;
    std::error_code code;
    for (const auto& d : app.diagnostics) {
        if (d.severity != Severity::kError) {
            continue;
        }
        if (++count <= 20) {
            text += "\n" + to_text(d, true);
        }
    }
    return authoring_error(
        location + " has " + std::to_string(count) + (count == 1 ? " error:" : " errors:") + text,
        std::filesystem::is_directory(location, code)
            ? "slipway validate " + location + " shows all of it, warnings included"
            : "slipway validate of a working copy of it shows all of it, warnings included");
}

/// All of them are tried, so that all of them are told.
Result<void> check_out(lifecycle::SyncRequest& request, const LoadOptions& options) {
    std::optional<Error> failed;
    for (const auto& need : lifecycle::needed_sources(request.app.config)) {
        if (!options.actions && need.key.starts_with("action.")) {
            continue;
        }
        auto checkout = lifecycle::checkout(need.repository.repo, need.repository.ref,
                                            need.repository.directory, options.sources);
        if (checkout) {
            request.sources[need.key] = {checkout->path, checkout->content, checkout->commit};
            continue;
        }
        Error error = std::move(checkout).error();
        error.message = need.key + ": " + error.message;
        if (options.missing != nullptr) {
            options.missing->push_back(error.message);
        } else if (failed) {
            failed->message += "\n" + error.message;
        } else {
            failed = std::move(error);
        }
    }
    return failed ? Result<void>(std::move(*failed)) : Result<void>();
}

/// What could not be looked up is part of the version too: "not pinned".
void pin_outside(lifecycle::SyncRequest& request, const LoadOptions& options) {
    if (options.registry == nullptr) {
        return;
    }
    const auto outside = lifecycle::outside_of(request.app.config, request.sources);
    auto hooks = lifecycle::pin_hooks(*options.registry, options.sources);
    if (options.before) {
        hooks.before = [&](const std::string& key) { return options.before(request.app.config.name, key); };
    }
    auto pinned = lifecycle::pin(outside, hooks);
    request.sources.merge(pinned.sources);
    if (options.not_pinned != nullptr) {
        *options.not_pinned = std::move(pinned.not_pinned);
    }
}

}  // namespace

Result<lifecycle::SyncRequest> load_app_from(const std::string& location, const std::string& ref,
                                             LoadOptions options) {
    SLIPWAY_TRY(auto source, lifecycle::resolve_source(location, ref, options.sources));
    SLIPWAY_TRY(auto app, lifecycle::load_app(source.path));
    if (app.ok() && !app.pending.empty()) {
        SLIPWAY_TRY(auto fetched,
                    lifecycle::fetch_locations(app, source.path, options.sources, lifecycle::https_text));
        app = std::move(fetched.app);
        source.path = std::move(fetched.path);
    }
    if (!app.ok()) {
        return not_valid(app, location);
    }
    options.sources.app_repository = source.repository;
    options.sources.app_commit = source.dirty ? std::string() : source.commit;
    lifecycle::SyncRequest request;
    request.app = std::move(app);
    SLIPWAY_CHECK(check_out(request, options));
    pin_outside(request, options);
    request.root = source.path;
    request.commit = source.commit;
    request.dirty = source.dirty;
    return request;
}

}  // namespace host
