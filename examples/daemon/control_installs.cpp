#include <algorithm>
#include <boost/json.hpp>

#include "control_plane.hpp"
#include "json_view.hpp"
#include "request_check.hpp"
#include "slipway/lifecycle/build.hpp"

namespace host {

using namespace slipway;

Json ControlPlane::create_install(const json::object& body, const Principal& who) {
    SLIPWAY_CHECK(only_keys(body, {"name", "app", "version", "inputs", "region", "cloud", "project_id",
                                   "labels", "approval_option"}));
    lifecycle::NewInstall request;
    SLIPWAY_TRY(request.name, text_of(body, "name"));
    SLIPWAY_TRY(request.app, text_of(body, "app"));
    SLIPWAY_TRY(const auto version, text_of(body, "version"));
    SLIPWAY_TRY(request.inputs, texts_of(body, "inputs"));
    SLIPWAY_TRY(request.labels, texts_of(body, "labels"));
    SLIPWAY_TRY(request.account.region, text_of(body, "region"));
    SLIPWAY_TRY(request.account.cloud, text_of(body, "cloud"));
    SLIPWAY_TRY(request.account.project_id, text_of(body, "project_id"));
    SLIPWAY_TRY(request.approval_option, text_of(body, "approval_option", "prompt"));
    if (!version.empty()) {
        SLIPWAY_TRY(request.version, version_of(request.app, version));
    }
    const auto install = registry_->create_install(std::move(request), who.name);
    if (!install && install.error().code == ErrorCode::kInvalidArgument && install.error().hint.empty()) {
        Error error = install.error();
        error.hint = "--input NAME=VALUE gives an input; what is secret comes in a file: --inputs FILE";
        return error;
    }
    return install ? Json(to_json(*install)) : Json(install.error());
}

Json ControlPlane::installs() {
    json::array out;
    for (const auto& install : registry_->list()) {
        if (install.forgotten) {
            continue;
        }
        json::object one = to_json(install);
        SLIPWAY_TRY(const auto state, registry_->state(install.id));
        const auto present =
            std::count_if(state.components.begin(), state.components.end(),
                          [](const auto& part) { return lifecycle::is_present(part.second.status); });
        one["sandbox"] = lifecycle::to_string(state.sandbox.status);
        one["components_active"] = present;
        SLIPWAY_TRY(const auto runs, unfinished_of(install));
        one["runs_unfinished"] = runs.size();
        const auto newest = version_of(install.app, "");
        one["config_behind"] = newest && *newest != install.version;
        out.push_back(std::move(one));
    }
    return json::value(json::object{{"installs", std::move(out)}});
}

Json ControlPlane::install(const std::string& name) {
    SLIPWAY_TRY(const auto install, install_of(name));
    SLIPWAY_TRY(const auto state, registry_->state(install.id));
    json::object out = to_json(install);
    out["state"] = to_json(state);
    return json::value(std::move(out));
}

Json ControlPlane::install_state(const std::string& name) {
    SLIPWAY_TRY(const auto install, install_of(name));
    SLIPWAY_TRY(const auto document, registry_->state_json(install.id, true));
    boost::system::error_code code;
    json::value parsed = json::parse(document.json, code);
    if (code) {
        return bug_error("the state document of " + name + " does not parse");
    }
    return parsed;
}

Json ControlPlane::install_history(const std::string& name) {
    SLIPWAY_TRY(const auto install, install_of(name));
    SLIPWAY_TRY(const auto changes, registry_->history(install.id));
    json::array out;
    for (const auto& change : changes) {
        json::array names;
        for (const auto& one : change.names) {
            names.emplace_back(one);
        }
        out.push_back(json::object{{"version", change.version},
                                   {"at_ms", change.at_ms},
                                   {"what", change.what},
                                   {"part", change.part},
                                   {"by", change.by},
                                   {"note", change.note},
                                   {"run", change.run.str()},
                                   {"names", std::move(names)}});
    }
    return json::value(json::object{{"changes", std::move(out)}});
}

Json ControlPlane::forget(const std::string& name, const Principal& who) {
    const std::scoped_lock lock(launch_mutex_);  // nothing new starts meanwhile
    SLIPWAY_TRY(const auto install, install_of(name));
    SLIPWAY_TRY(const auto runs, unfinished_of(install));
    if (!runs.empty()) {
        const std::string run = runs.front().run.str();
        return usage_error(ErrorCode::kRefused, "install " + install.name + " has an unfinished run " + run,
                           "let it finish, or slipway cancel " + run);
    }
    SLIPWAY_CHECK(registry_->forget(install.id, who.name));
    return json::value(json::object{{"forgotten", install.name}});
}

Json ControlPlane::set_version(const std::string& name, const json::object& body, const Principal& who) {
    SLIPWAY_CHECK(only_keys(body, {"version"}));
    SLIPWAY_TRY(const auto text, text_of(body, "version"));
    SLIPWAY_TRY(const auto install, install_of(name));
    SLIPWAY_TRY(const auto digest, version_of(install.app, text));
    SLIPWAY_CHECK(registry_->set_version(install.id, digest, who.name));
    SLIPWAY_TRY(const auto state, registry_->state(install.id));
    return json::value(json::object{{"install", install.name},
                                    {"version", digest.hex()},
                                    {"changed", digest != install.version},
                                    {"deployed", lifecycle::is_present(state.sandbox.status)}});
}

Result<std::vector<RunSummary>> ControlPlane::all_runs(RunQuery query) {
    std::vector<RunSummary> out;
    for (;;) {
        SLIPWAY_TRY(auto page, engine_->list(query));
        const bool last = page.size() < query.limit;
        for (auto& one : page) {
            out.push_back(std::move(one));
        }
        if (last) {
            return out;
        }
        query.after = out.back().run;
    }
}

// --- runs of an install ------------------------------------------------------------------------------

Result<ControlPlane::Prepared> ControlPlane::prepare(const std::string& name, const json::object& body) {
    SLIPWAY_CHECK(only_keys(body, {"workflow", "component", "with_dependents", "changed_inputs", "action",
                                   "action_inputs", "env", "run", "approve_all"}));
    Prepared out;
    SLIPWAY_TRY(out.hold, artifacts_->hold());
    // The state before the install: what changes behind it has another number, which launch() sees.
    SLIPWAY_TRY(const auto found, install_of(name));
    SLIPWAY_TRY(out.state, registry_->state(found.id));
    SLIPWAY_TRY(out.install, registry_->get(found.id));
    SLIPWAY_TRY(out.version, registry_->version(out.install.app, out.install.version));
    SLIPWAY_TRY(const auto workflow, text_of(body, "workflow"));
    SLIPWAY_TRY(out.request.kind, lifecycle::parse_request_kind(workflow));
    SLIPWAY_TRY(out.request.component, text_of(body, "component"));
    SLIPWAY_TRY(out.request.with_dependents, flag_of(body, "with_dependents"));
    SLIPWAY_TRY(out.request.action, text_of(body, "action"));
    SLIPWAY_TRY(out.request.action_inputs, texts_of(body, "action_inputs"));
    SLIPWAY_TRY(out.request.action_env, texts_of(body, "env"));
    SLIPWAY_TRY(out.request.changed_inputs, names_of(body, "changed_inputs"));
    SLIPWAY_CHECK(check_request(out.version->config, out.request));
    out.request.simulate = options_.simulate;
    out.request.available_kinds = kinds_;
    const bool removes = out.request.kind == lifecycle::RequestKind::kDeprovision ||
                         out.request.kind == lifecycle::RequestKind::kTeardownOne;
    if (removes) {
        SLIPWAY_TRY(out.request.artifacts,
                    lifecycle::artifacts_to_remove(*artifacts_, *out.version, out.state));
    } else if (out.request.kind != lifecycle::RequestKind::kActionRun) {
        SLIPWAY_TRY(out.request.artifacts, lifecycle::artifacts_to_deploy(*artifacts_, *out.version));
    }
    auto generated = lifecycle::generate(*out.version, out.install, out.state, out.request);
    if (!generated) {
        return with_running_build(std::move(generated).error(), *out.version);
    }
    out.generated = std::move(*generated);
    return out;
}

Json ControlPlane::preview(const std::string& name, const json::object& body) {
    SLIPWAY_TRY(const auto prepared, prepare(name, body));
    boost::system::error_code code;
    json::value parsed = json::parse(lifecycle::workflow_preview(prepared.generated), code);
    if (code) {
        return bug_error("the preview does not parse");
    }
    return parsed;
}

}  // namespace host
