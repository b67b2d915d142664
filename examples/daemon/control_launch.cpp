// Starting runs: one changing run for each install at a time, named so that starting twice is safe.
#include <algorithm>
#include <boost/json.hpp>

#include "control_plane.hpp"
#include "json_view.hpp"

namespace host {

using namespace slipway;

/// Never a name that was given before, whether the run is still there or retention has erased it: the install
/// knows by it what was reported.
Result<RunId> ControlPlane::free_run_id(const std::string& stem, const std::string& install) {
    std::uint64_t number = run_numbers_.last(stem);
    if (!install.empty()) {
        SLIPWAY_TRY(const auto history, registry_->history(install));
        for (const auto& change : history) {
            number = std::max(number, run_number(stem, change.run.str()));
        }
    }
    do {
        ++number;
    } while (engine_->view(RunId{stem + "-" + std::to_string(number)}));
    SLIPWAY_CHECK(run_numbers_.give(stem, number));
    return RunId{stem + "-" + std::to_string(number)};
}

/// A name that the install knows is a run's that was erased: what a second one reports would pass for a
/// repetition.
Result<void> ControlPlane::check_unused(const std::string& wanted, const lifecycle::Install& install) {
    SLIPWAY_TRY(const auto history, registry_->history(install.id));
    const bool used = std::any_of(history.begin(), history.end(),
                                  [&](const auto& change) { return change.run.str() == wanted; });
    if (used && !engine_->view(RunId{wanted})) {
        return usage_error(ErrorCode::kAlreadyExists,
                           "install " + install.name + " had a run " + wanted + ", which is erased by now",
                           "choose a name that was not used before");
    }
    return {};
}

/// Two changes of one install at the same time would plan against what the other is about to replace. Actions
/// may run beside.
Result<void> ControlPlane::check_free(const Prepared& prepared) {
    if (prepared.request.kind == lifecycle::RequestKind::kActionRun) {
        return {};
    }
    SLIPWAY_TRY(const auto runs, unfinished_of(prepared.install));
    for (const auto& run : runs) {
        if (run.workflow == lifecycle::to_string(lifecycle::RequestKind::kActionRun)) {
            continue;
        }
        return usage_error(ErrorCode::kConflict,
                           "install " + prepared.install.name + " has an unfinished run " + run.run.str() +
                               " (" + std::string(to_string(run.status)) + ")",
                           "let it finish (slipway explain " + run.run.str() +
                               ") or give it up (slipway cancel " + run.run.str() + ")");
    }
    return {};
}

/// A named start that was made before: the state has moved on since, so it is told by its name, install and
/// workflow.
bool ControlPlane::is_same_start(const std::string& wanted, const Prepared& prepared) {
    const auto view = engine_->view(RunId{wanted});
    if (!view || view->summary.workflow != prepared.generated.spec.name) {
        return false;
    }
    const auto install = view->summary.labels.find("install_id");
    return install != view->summary.labels.end() && install->second == prepared.install.id;
}

/// Another run's report, new inputs or another pinned version may have come since it was planned.
Result<void> ControlPlane::check_current(const Prepared& prepared) {
    SLIPWAY_TRY(const auto state, registry_->state(prepared.install.id));
    if (state.version == prepared.state.version) {
        return {};
    }
    return usage_error(ErrorCode::kConflict,
                       "install " + prepared.install.name + " changed while its run was planned",
                       "start it again");
}

Result<RunId> ControlPlane::launch(const Prepared& prepared, const std::string& wanted, bool approve_all,
                                   const Principal& who) {
    const std::scoped_lock lock(launch_mutex_);
    RunId id{wanted};
    if (!wanted.empty() && is_same_start(wanted, prepared)) {
        return id;
    }
    SLIPWAY_CHECK(check_free(prepared));
    if (wanted.empty()) {
        std::string kind(lifecycle::to_string(prepared.request.kind));
        std::replace(kind.begin(), kind.end(), '_', '-');
        SLIPWAY_TRY(id, free_run_id(prepared.install.name + "-" + kind, prepared.install.id));
    } else {
        SLIPWAY_CHECK(check_unused(wanted, prepared.install));
    }
    SLIPWAY_CHECK(check_current(prepared));
    SLIPWAY_TRY(auto request, lifecycle::start_request(id, prepared.generated, *prepared.version,
                                                       prepared.install, prepared.state, prepared.request));
    request.approve_all = request.approve_all || approve_all;
    SLIPWAY_CHECK(engine_->start(std::move(request), who));
    return id;
}

Result<std::pair<ControlPlane::Prepared, RunId>> ControlPlane::plan_and_launch(const std::string& name,
                                                                               const json::object& body,
                                                                               const Principal& who) {
    constexpr int kTries = 10;
    SLIPWAY_TRY(const auto wanted, text_of(body, "run"));
    SLIPWAY_TRY(const auto approve_all, flag_of(body, "approve_all"));
    for (int i = 1;; ++i) {
        SLIPWAY_TRY(auto prepared, prepare(name, body));
        auto id = launch(prepared, wanted, approve_all, who);
        if (id) {
            return std::pair(std::move(prepared), std::move(*id));
        }
        if (i == kTries || check_current(prepared)) {
            return std::move(id).error();
        }
    }
}

Json ControlPlane::start_run(const std::string& name, const json::object& body, const Principal& who) {
    SLIPWAY_TRY(const auto wanted, text_of(body, "run"));
    const bool already = !wanted.empty() && engine_->view(RunId{wanted}).has_value();
    SLIPWAY_TRY(const auto started, plan_and_launch(name, body, who));
    SLIPWAY_TRY(const auto view, view_of(started.second.str()));
    return json::value(json::object{{"run", started.second.str()},
                                    {"steps", view.steps.size()},
                                    {"status", to_string(view.summary.status)},
                                    {"already", already}});
}

namespace {

Error kept_all_the_same(Error error) {
    error.message = "the inputs are changed and kept, but no run was started: " + error.message;
    return error;
}

}  // namespace

Json ControlPlane::update_inputs(const std::string& name, const json::object& body, const Principal& who) {
    SLIPWAY_CHECK(only_keys(body, {"inputs", "start", "approve_all"}));
    SLIPWAY_TRY(const auto inputs, texts_of(body, "inputs"));
    SLIPWAY_TRY(const auto start, flag_of(body, "start", true));
    SLIPWAY_TRY(const auto approve_all, flag_of(body, "approve_all"));
    SLIPWAY_TRY(const auto install, install_of(name));
    SLIPWAY_TRY(const auto changed, registry_->update_inputs(install.id, inputs, who.name));
    json::object out{{"changed", json::array(changed.begin(), changed.end())}};
    SLIPWAY_TRY(const auto state, registry_->state(install.id));
    const bool deployed = lifecycle::is_present(state.sandbox.status);
    if (!start || changed.empty() || !deployed) {
        return json::value(std::move(out));
    }
    json::object request{
        {"workflow", "input_update"}, {"with_dependents", true}, {"approve_all", approve_all}};
    request["changed_inputs"] = json::array(changed.begin(), changed.end());
    const auto started = plan_and_launch(install.id, request, who);
    if (!started) {
        return kept_all_the_same(started.error());
    }
    out["run"] = started->second.str();
    boost::system::error_code code;
    out["preview"] = json::parse(lifecycle::workflow_preview(started->first.generated), code);
    return json::value(std::move(out));
}

Json ControlPlane::approve_all_of_install(const std::string& name, const json::object& body,
                                          const Principal& who) {
    SLIPWAY_CHECK(only_keys(body, {"on", "note"}));
    SLIPWAY_TRY(const bool on, flag_of(body, "on", true));
    SLIPWAY_TRY(const auto note, text_of(body, "note"));
    SLIPWAY_TRY(const auto install, install_of(name));
    SLIPWAY_TRY(const auto runs, unfinished_of(install));
    json::array out;
    for (const auto& run : runs) {
        const auto done = engine_->act(run.run, SetApproveAll{on, note}, who);
        if (!done && done.error().code != ErrorCode::kRefused) {  // refused: it has ended since
            return done.error();
        }
        out.emplace_back(run.run.str());
    }
    json::object answer{{"runs", std::move(out)}};
    if (runs.empty()) {  // nothing to approve is never "all approved"
        answer["message"] = "install " + install.name + " has no unfinished run: nothing was approved";
        answer["hint"] =
            "slipway start " + install.name + " WORKFLOW --approve-all approves what it will ask";
    }
    return json::value(std::move(answer));
}

}  // namespace host
