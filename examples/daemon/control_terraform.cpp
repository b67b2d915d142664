// What an operator may do to a part's kept Terraform state when no run can go on by itself.
#include <algorithm>
#include <boost/json.hpp>

#include "control_plane.hpp"
#include "json_view.hpp"

namespace host {

using namespace slipway;

namespace {

json::array texts(const std::vector<std::string>& list) {
    json::array out;
    for (const auto& one : list) {
        out.emplace_back(one);
    }
    return out;
}

bool is_terraform(const StepView& step) {
    return step.kind == "terraform.plan" || step.kind == "terraform.apply";
}

}  // namespace

Result<std::string> ControlPlane::terraform_key(const lifecycle::Install& install, const std::string& part) {
    if (terraform_states_ == nullptr) {
        return usage_error(ErrorCode::kRefused, "this daemon simulates: there is no Terraform state");
    }
    if (part.empty()) {
        return usage_error(ErrorCode::kInvalidArgument, "\"part\" is missing",
                           "\"sandbox\" or the name of a component");
    }
    SLIPWAY_TRY(const auto version, registry_->version(install.app, install.version));
    const auto& components = version->config.components;
    const bool known = part == "sandbox" || std::any_of(components.begin(), components.end(),
                                                        [&](const auto& c) { return c.name == part; });
    const std::string key = install.id + "/" + part;
    SLIPWAY_TRY(const auto state, terraform_states_->load(key));
    if (!state) {
        return usage_error(ErrorCode::kNotFound, known ? "nothing is kept of " + part + " of " + install.name
                                                       : install.name + " has no part \"" + part + "\"");
    }
    return key;
}

Json ControlPlane::terraform(const std::string& name, const std::string& part) {
    SLIPWAY_TRY(const auto install, install_of(name));
    SLIPWAY_TRY(const auto key, terraform_key(install, part));
    SLIPWAY_TRY(const auto state, terraform_states_->load(key));
    json::object out{{"install", install.name},           {"part", part},
                     {"revision", state->revision},       {"generation", state->generation},
                     {"settled_by", state->settled_by},   {"replace", texts(state->replace)},
                     {"in_doubt", texts(state->in_doubt)}};
    json::array imports;
    for (const auto& one : state->imports) {
        imports.push_back(json::object{{"address", one.address}, {"id", one.id}});
    }
    out["imports"] = std::move(imports);
    out["armed"] = nullptr;
    if (state->armed) {
        out["armed"] = json::object{{"attempt", state->armed->attempt}, {"dir", state->armed->dir}};
    }
    return json::value(std::move(out));
}

/// While a step is at work on the state, or may be, it is not an operator's to change.
Result<void> ControlPlane::check_idle(const lifecycle::Install& install, const std::string& part) {
    SLIPWAY_TRY(const auto runs, unfinished_of(install));
    for (const auto& summary : runs) {
        SLIPWAY_TRY(const auto run, engine_->view(summary.run));
        for (const auto& step : run.steps) {
            if (step.status == StepStatus::kRunning && is_terraform(step) &&
                step.id.str().starts_with(part + ".")) {
                return usage_error(ErrorCode::kRefused,
                                   step.id.str() + " of " + summary.run.str() + " is at work on this state",
                                   "slipway watch " + summary.run.str() + ", or cancel it");
            }
        }
    }
    return {};
}

Json ControlPlane::act_on_terraform(const std::string& name, const json::object& body, const Principal& who) {
    SLIPWAY_CHECK(only_keys(body, {"act", "part", "note"}));
    SLIPWAY_TRY(const auto act, text_of(body, "act"));
    SLIPWAY_TRY(const auto part, text_of(body, "part"));
    SLIPWAY_TRY(const auto note, text_of(body, "note"));
    if (act != "release" && act != "forget_repairs") {
        return usage_error(ErrorCode::kInvalidArgument, "unknown act \"" + act + "\"",
                           "\"release\" or \"forget_repairs\"");
    }
    const std::lock_guard<std::mutex> lock(launch_mutex_);  // nothing new starts meanwhile
    SLIPWAY_TRY(const auto install, install_of(name));
    SLIPWAY_TRY(const auto key, terraform_key(install, part));
    // Read before it is asked whether something is at work: an apply that begins after that is another one.
    SLIPWAY_TRY(const auto state, terraform_states_->load(key));
    SLIPWAY_CHECK(check_idle(install, part));
    const bool releases = act == "release";
    if (releases && !state->armed) {
        return usage_error(ErrorCode::kRefused, "no apply is armed on " + part + " of " + install.name);
    }
    if (!releases && state->armed) {
        return usage_error(
            ErrorCode::kRefused,
            "the apply " + state->armed->attempt + " is armed on " + part + " of " + install.name,
            "once it is certainly dead: slipway terraform release " + install.name + " " + part);
    }
    if (!releases && state->replace.empty() && state->imports.empty() && state->in_doubt.empty()) {
        return usage_error(ErrorCode::kRefused, "no repair is left for " + part + " of " + install.name);
    }
    const std::string what = releases ? "terraform released" : "terraform repairs forgotten";
    SLIPWAY_CHECK(
        registry_->note(install.id, what, part == "sandbox" ? part : "component." + part, note, who.name));
    SLIPWAY_CHECK(releases ? release_terraform_state(*terraform_states_, key, state->armed->attempt)
                           : forget_terraform_repairs(*terraform_states_, key));
    return terraform(name, part);
}

}  // namespace host
