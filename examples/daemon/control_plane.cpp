#include "control_plane.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <fstream>
#include <sstream>

#include "data_directory.hpp"
#include "json_view.hpp"
#include "logins.hpp"
#include "slipway/lifecycle/build.hpp"
#include "slipway/steps/action.hpp"
#include "slipway/steps/policy.hpp"
#include "slipway/steps/simulate.hpp"
#include "tools.hpp"

namespace host {

using namespace slipway;

Result<std::string> text_of(const json::object& body, std::string_view key, std::string fallback) {
    const auto* value = body.if_contains(key);
    if (value == nullptr || value->is_null()) {
        return fallback;
    }
    if (!value->is_string()) {
        return usage_error(ErrorCode::kInvalidArgument, "\"" + std::string(key) + "\" must be a string");
    }
    return std::string(value->as_string());
}

Result<bool> flag_of(const json::object& body, std::string_view key, bool fallback) {
    const auto* value = body.if_contains(key);
    if (value == nullptr || value->is_null()) {
        return fallback;
    }
    if (!value->is_bool()) {
        return usage_error(ErrorCode::kInvalidArgument, "\"" + std::string(key) + "\" must be true or false");
    }
    return value->as_bool();
}

Result<std::map<std::string, std::string>> texts_of(const json::object& body, std::string_view key) {
    std::map<std::string, std::string> out;
    const auto* value = body.if_contains(key);
    if (value == nullptr || value->is_null()) {
        return out;
    }
    if (!value->is_object()) {
        return usage_error(ErrorCode::kInvalidArgument,
                           "\"" + std::string(key) + "\" must be an object of strings");
    }
    for (const auto& [name, text] : value->as_object()) {
        if (!text.is_string()) {
            return usage_error(ErrorCode::kInvalidArgument,
                               "\"" + std::string(key) + "." + std::string(name) + "\" must be a string");
        }
        out[std::string(name)] = std::string(text.as_string());
    }
    return out;
}

Result<std::set<std::string>> names_of(const json::object& body, std::string_view key) {
    std::set<std::string> out;
    const auto* value = body.if_contains(key);
    if (value == nullptr || value->is_null()) {
        return out;
    }
    const auto wrong =
        usage_error(ErrorCode::kInvalidArgument, "\"" + std::string(key) + "\" must be an array of strings");
    if (!value->is_array()) {
        return wrong;
    }
    for (const auto& one : value->as_array()) {
        if (!one.is_string()) {
            return wrong;
        }
        out.emplace(one.as_string());
    }
    return out;
}

Result<void> only_keys(const json::object& body, std::initializer_list<std::string_view> known) {
    for (const auto& [key, value] : body) {
        if (std::find(known.begin(), known.end(), std::string_view(key)) != known.end()) {
            continue;
        }
        std::string list;
        for (auto one : known) {
            list += (list.empty() ? "" : ", ") + std::string(one);
        }
        return usage_error(ErrorCode::kInvalidArgument, "unknown key \"" + std::string(key) + "\"",
                           "known keys: " + list);
    }
    return {};
}

Result<std::unique_ptr<ControlPlane>> ControlPlane::open(ControlOptions options) {
    std::unique_ptr<ControlPlane> plane(new ControlPlane(std::move(options)));
    SLIPWAY_CHECK(plane->set_up());
    return plane;
}

ControlPlane::~ControlPlane() {
    if (engine_ != nullptr) {
        (void)engine_->stop(StopMode::kImmediate);
    }
}

Result<void> ControlPlane::set_up() {
    if (options_.data.empty() || options_.data.front() != '/') {
        return usage_error(ErrorCode::kInvalidArgument,
                           "the data directory must be an absolute path, not \"" + options_.data + "\"");
    }
    SLIPWAY_CHECK(claim_data_directory(options_.data, options_.simulate));
    SLIPWAY_CHECK(check_keys_present(options_.data));
    SLIPWAY_TRY(keys_, open_file_keys(options_.data + "/keys"));
    activity_ = std::make_shared<Activity>(options_.data + "/logs", options_.on_alarm);
    lifecycle::RegistryOptions registry;
    registry.directory = options_.data + "/installs";
    registry.sealer = std::make_shared<Sealer>(keys_);
    SLIPWAY_TRY(registry_, lifecycle::InstallRegistry::open(std::move(registry)));
    SLIPWAY_TRY(git_login_, git_login_hook(options_.git_credentials));
    SLIPWAY_TRY(store_, open_rocksdb_store({.directory = options_.data + "/engine"}));
    SLIPWAY_TRY(run_numbers_, RunNumbers::open(options_.data + "/run_numbers.json"));
    EngineOptions engine;
    engine.retention.finished_runs_max = options_.finished_runs_max;
    engine.store = store_;
    engine.keys = keys_;
    engine.scratch_directory = options_.data + "/attempts";
    engine.live_attempts_max = options_.live_attempts_max;
    engine.pool_threads = std::min(options_.live_attempts_max, 8U);
    engine.observers = {activity_};
    engine.resolvers[std::string(lifecycle::kLifecycleResolver)] = lifecycle::lifecycle_resolver();
    SLIPWAY_CHECK(add_executors(engine));
    for (const auto& executor : engine.executors) {
        kinds_.insert(executor->traits().kind);
    }
    SLIPWAY_TRY(engine_, Engine::open(std::move(engine)));
    return forget_old_logs();
}

/// Retention erases runs; what their steps wrote goes at the next start.
Result<void> ControlPlane::forget_old_logs() {
    SLIPWAY_TRY(const auto runs, all_runs({}));
    std::set<std::string> names;
    for (const auto& one : runs) {
        names.insert(one.run.str());
    }
    activity_->forget_logs_but(names);
    return {};
}

Result<void> ControlPlane::add_executors(EngineOptions& engine) {
    const auto add = [&](std::vector<std::shared_ptr<Executor>> more) {
        for (auto& one : more) {
            engine.executors.push_back(std::move(one));
        }
    };
    add(lifecycle::lifecycle_executors(
        *registry_, options_.simulate ? lifecycle::ToolCheck{} : lifecycle::ToolCheck{check_tool}));
    // Real under --simulate too: what they make stays here.
    SLIPWAY_TRY(auto builds, open_builds());
    add(std::move(builds));
    if (options_.simulate) {
        steps::SimulationScript script;
        if (!options_.script.empty()) {
            std::ifstream file(options_.script);
            if (!file) {
                return environment_error(ErrorCode::kNotFound,
                                         "cannot read the simulation script " + options_.script);
            }
            std::ostringstream text;
            text << file.rdbuf();
            SLIPWAY_TRY(script, steps::SimulationScript::parse(text.str()));
        }
        if (script.witness_file.empty()) {
            script.witness_file = options_.data + "/simulated_world.jsonl";
        }
        add(steps::make_simulated_executors(script));
        return {};
    }
    SLIPWAY_TRY(terraform_states_, open_terraform_states(options_.data + "/terraform", keys_));
    TerraformOptions terraform;
    terraform.states = terraform_states_;
    terraform.unpack = [store = artifacts_](const std::string& artifact, const std::string& folder) {
        return lifecycle::unpack_module(*store, artifact, folder);
    };
    add(terraform_executors(std::move(terraform)));
    ActionOptions actions;
    actions.hidden = {options_.data};
    add(action_executors(std::move(actions)));
    add(policy_executors({}));
    add(open_clusters());
    return {};
}

Json ControlPlane::health() {
    json::array missing;
    for (const auto& one : engine_->missing()) {
        missing.push_back(json::object{
            {"run", one.run.str()}, {"step", one.step.str()}, {"kind", one.kind}, {"version", one.version}});
    }
    json::array alarms;
    bool ok = true;
    for (const auto& one : activity_->alarms()) {
        ok = ok && one.what != "store_failed";
        alarms.push_back(json::object{{"what", one.what}, {"run", one.run.str()}, {"detail", one.detail}});
    }
    json::array quarantined;
    RunQuery unfinished;
    unfinished.unfinished_only = true;
    SLIPWAY_TRY(const auto runs, all_runs(std::move(unfinished)));
    for (const auto& one : runs) {
        if (one.quarantined) {
            quarantined.emplace_back(one.run.str());
        }
    }
    const auto stats = engine_->store_stats();
    return json::value(json::object{{"ok", ok},
                                    {"simulate", options_.simulate},
                                    {"missing_executors", std::move(missing)},
                                    {"alarms", std::move(alarms)},
                                    {"quarantined", std::move(quarantined)},
                                    {"commits", stats.commits},
                                    {"synced_commits", stats.synced_commits}});
}

void ControlPlane::quiesce() {
    activity_->close();
}

Result<void> ControlPlane::stop(StopMode mode) {
    return engine_->stop(mode);
}

}  // namespace host
