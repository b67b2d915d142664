// Builds: artifacts of a synced version, and where an install stands with them.
#include <boost/json.hpp>
#include <chrono>

#include "build_options.hpp"
#include "control_plane.hpp"
#include "json_view.hpp"
#include "slipway/lifecycle/build.hpp"
#include "slipway/lifecycle/registry_client.hpp"
#include "slipway/steps/build.hpp"
#include "version_view.hpp"

namespace host {

using namespace slipway;

Result<std::vector<std::shared_ptr<Executor>>> ControlPlane::open_builds() {
    SLIPWAY_TRY(artifacts_, lifecycle::ArtifactStore::open(options_.data + "/artifacts"));
    SLIPWAY_TRY(const auto logins, registry_login_hook(options_.registry_credentials));
    BuildOptions options = build_options({artifacts_, logins, options_.plain_http, options_.allow_network});
    image_registry_ = options.registry;
    image_sync_ = image_sync_executor(options);
    return build_executors(options);
}

namespace {

TimeMs now_ms() {
    return std::chrono::duration_cast<std::chrono::milliseconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
}

json::array plans_json(const lifecycle::AppVersion& version, const std::vector<lifecycle::BuildPlan>& plans) {
    std::set<std::string> nothing_to_build;
    for (const auto& component : version.config.components) {
        if (component.type == lifecycle::ComponentType::kJob) {
            nothing_to_build.insert(component.name);
        }
    }
    json::array out;
    for (const auto& plan : plans) {
        json::object one{{"component", plan.component}, {"needed", plan.needed()}};
        one["why"] = json::array(plan.why.begin(), plan.why.end());
        if (!plan.left_out.empty()) {
            one["left_out"] = plan.left_out;
            one["per_install"] = plan.per_install;
            one["nothing_to_build"] = nothing_to_build.count(plan.component) != 0;
        }
        if (plan.record) {
            one["artifact"] = lifecycle::oci_digest(plan.record->artifact.digest);
        }
        out.emplace_back(std::move(one));
    }
    return out;
}

}  // namespace

Json ControlPlane::build(const std::string& app, const json::object& body, const Principal& who) {
    SLIPWAY_CHECK(only_keys(body, {"version", "components", "rebuild", "push_to", "explain"}));
    SLIPWAY_TRY(const auto wanted, text_of(body, "version"));
    SLIPWAY_TRY(const auto explain, flag_of(body, "explain"));
    lifecycle::BuildRequest request;
    SLIPWAY_TRY(request.components, names_of(body, "components"));
    SLIPWAY_TRY(request.rebuild, flag_of(body, "rebuild"));
    SLIPWAY_TRY(request.push_to, text_of(body, "push_to"));
    SLIPWAY_TRY(const auto digest, version_of(app, wanted));
    SLIPWAY_TRY(const auto version, registry_->version(app, digest));
    return start_build(*version, std::move(request), explain, who);
}

Json ControlPlane::start_build(const lifecycle::AppVersion& version, lifecycle::BuildRequest request,
                               bool explain, const Principal& who) {
    for (const auto& [part, name] : lifecycle::images_to_resolve(version.config)) {
        const bool wanted = request.components.empty() || request.components.count(part) != 0;
        const auto parsed = lifecycle::parse_image_name(name);
        if (!options_.allow_network || !wanted || !parsed) {
            continue;
        }
        if (const auto found = image_registry_->resolve(*parsed)) {
            request.image_digests[part] = lifecycle::oci_digest(found->digest);
        }
    }
    request.token = std::to_string(std::chrono::system_clock::now().time_since_epoch().count());
    // Until the run is there, so that what the plan found built is not collected in between.
    SLIPWAY_TRY(const auto hold, artifacts_->hold());
    SLIPWAY_TRY(auto plans, lifecycle::plan_builds(version, *artifacts_, request));
    if (!explain) {
        SLIPWAY_CHECK(lifecycle::stage_texts(*artifacts_, plans));
    }
    SLIPWAY_TRY(auto generated, lifecycle::generate_builds(version, plans, request));
    json::object out{
        {"app", version.app}, {"version", version.digest.hex()}, {"components", plans_json(version, plans)}};
    if (explain) {
        return json::value(std::move(out));
    }
    SLIPWAY_CHECK(lifecycle::renew_records(*artifacts_, plans, now_ms()));
    if (generated.spec.steps.empty()) {
        return json::value(std::move(out));
    }
    const std::scoped_lock lock(launch_mutex_);
    StartRequest start;
    SLIPWAY_TRY(start.run, free_run_id(version.app + "-build", ""));
    out["run"] = start.run.str();
    start.labels = generated.spec.labels;
    SLIPWAY_TRY(start.workflow, Workflow::build(std::move(generated.spec)));
    SLIPWAY_CHECK(engine_->start(std::move(start), who));
    return json::value(std::move(out));
}

Error ControlPlane::with_running_build(Error error, const lifecycle::AppVersion& version) {
    RunQuery query;
    query.unfinished_only = true;
    query.labels = {{"app_version", version.digest.hex()}};
    const auto runs = all_runs(query);
    if (error.message.starts_with("not built") && runs && !runs->empty()) {
        const std::string run = runs->back().run.str();
        error.hint = "run " + run + " builds this version: slipway watch " + run;
    }
    return error;
}

Json ControlPlane::builds(const std::string& name) {
    SLIPWAY_TRY(const auto install, install_of(name));
    SLIPWAY_TRY(const auto state, registry_->state(install.id));
    SLIPWAY_TRY(const auto pinned, registry_->version(install.app, install.version));
    SLIPWAY_TRY(const auto last, version_of(install.app, ""));
    SLIPWAY_TRY(const auto newest, registry_->version(install.app, last));
    std::map<Digest, std::shared_ptr<const lifecycle::AppVersion>> deployed;
    std::set<Digest> wanted{state.sandbox.version};
    for (const auto& [component, part] : state.components) {
        wanted.insert(part.version);
    }
    for (const auto& digest : wanted) {
        if (auto version = registry_->version(install.app, digest)) {
            deployed[digest] = *version;
        }
    }
    SLIPWAY_TRY(const auto standings,
                lifecycle::build_standings(*artifacts_, *pinned, *newest, state, deployed, {}));
    json::array out;
    for (const auto& one : standings) {
        out.push_back(json::object{{"component", one.component},
                                   {"artifact", one.artifact},
                                   {"deployed_artifact", one.deployed_artifact},
                                   {"per_install", one.per_install},
                                   {"deployed", one.deployed},
                                   {"built_not_deployed", one.built_not_deployed},
                                   {"config_behind", one.config_behind},
                                   {"why", json::array(one.why.begin(), one.why.end())}});
    }
    const auto behind = lifecycle::compare_versions(*pinned, *newest);
    return json::value(json::object{{"install", install.name},
                                    {"version", pinned->digest.hex()},
                                    {"newest_version", newest->digest.hex()},
                                    {"config_behind", pinned->digest != newest->digest},
                                    {"changes", to_json(behind)},
                                    {"components", std::move(out)}});
}

Result<void> ControlPlane::keep_of_runs(std::set<std::pair<std::string, Digest>>& versions,
                                        lifecycle::CollectKeep& keep) {
    RunQuery query;
    query.unfinished_only = true;
    SLIPWAY_TRY(const auto runs, all_runs(query));
    for (const auto& summary : runs) {
        const auto built = summary.labels.find("app_version");
        const auto app = summary.labels.find("app");
        if (built != summary.labels.end() && app != summary.labels.end()) {
            versions.emplace(app->second, Digest::from_hex(built->second));
        }
        auto run = engine_->view(summary.run);
        if (!run && run.error().code == ErrorCode::kNotFound) {
            continue;  // ended, and forgotten since
        }
        SLIPWAY_CHECK(run ? Result<void>() : Result<void>(run.error()));
        keep.artifacts.merge(lifecycle::artifacts_in(run->workflow.spec()));
        keep.blobs.merge(lifecycle::texts_in(run->workflow.spec()));
    }
    return {};
}

Result<lifecycle::CollectKeep> ControlPlane::what_to_keep(std::size_t last) {
    std::set<std::pair<std::string, Digest>> versions;
    SLIPWAY_TRY(const auto synced, registry_->all_versions());
    for (const auto& [app, all] : synced) {
        for (std::size_t i = all.size() > last ? all.size() - last : 0; i < all.size(); ++i) {
            versions.emplace(app, all[i]);
        }
    }
    lifecycle::CollectKeep keep;
    keep.records = 0;
    for (const auto& install : registry_->list()) {
        versions.emplace(install.app, install.version);
        SLIPWAY_TRY(const auto state, registry_->state(install.id));
        versions.emplace(install.app, state.sandbox.version);
        keep.artifacts.insert(state.sandbox.artifact);
        for (const auto& [component, part] : state.components) {
            versions.emplace(install.app, part.version);
            keep.artifacts.insert(part.artifact);
        }
    }
    SLIPWAY_CHECK(keep_of_runs(versions, keep));
    for (const auto& [app, digest] : versions) {
        if (digest.is_zero()) {
            continue;
        }
        // A version that cannot be read might refer to anything, so nothing is collected.
        SLIPWAY_TRY(const auto version, registry_->version(app, digest));
        SLIPWAY_TRY(auto artifacts, lifecycle::artifacts_of(*artifacts_, *version));
        keep.artifacts.merge(artifacts);
    }
    return keep;
}

Json ControlPlane::readme(const std::string& name) {
    SLIPWAY_TRY(const auto install, install_of(name));
    SLIPWAY_TRY(const auto state, registry_->state(install.id));
    SLIPWAY_TRY(const auto version, registry_->version(install.app, install.version));
    const auto page = lifecycle::readme_page(*version, install, state);
    json::array problems;
    for (const auto& problem : page.problems) {
        problems.push_back(
            json::object{{"offset", problem.offset}, {"message", problem.message}, {"hint", problem.hint}});
    }
    return json::value(json::object{{"text", page.text}, {"problems", std::move(problems)}});
}

Json ControlPlane::collect_artifacts(const json::object& body) {
    SLIPWAY_CHECK(only_keys(body, {"keep_versions"}));
    const auto* keep_versions = body.if_contains("keep_versions");
    if (keep_versions != nullptr && (!keep_versions->is_int64() || keep_versions->get_int64() < 1)) {
        return usage_error(ErrorCode::kInvalidArgument, "\"keep_versions\" must be a number from 1");
    }
    const std::size_t last =
        keep_versions == nullptr ? 5 : static_cast<std::size_t>(keep_versions->get_int64());
    // Asked once nothing is being built or started: what is referred to by then stays.
    SLIPWAY_TRY(const auto report, artifacts_->collect([this, last] { return what_to_keep(last); }));
    return json::value(
        json::object{{"records_removed", report.records_removed},
                     {"blobs_removed", report.blobs_removed},
                     {"bytes_removed", report.bytes_removed},
                     {"blobs_kept", report.blobs_kept},
                     {"passed_over", json::array(report.passed_over.begin(), report.passed_over.end())}});
}

}  // namespace host
