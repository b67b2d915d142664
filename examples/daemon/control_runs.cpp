#include <algorithm>
#include <boost/json.hpp>
#include <charconv>

#include "control_plane.hpp"
#include "json_view.hpp"

namespace host {

using namespace slipway;

Json ControlPlane::runs(const std::map<std::string, std::string>& query) {
    RunQuery wanted;
    for (const auto& [key, value] : query) {
        if (key == "install") {
            SLIPWAY_TRY(const auto install, install_of(value));
            wanted.labels["install_id"] = install.id;
        } else if (key == "unfinished") {
            if (value != "0" && value != "1" && value != "true" && value != "false") {
                return usage_error(ErrorCode::kInvalidArgument,
                                   "query parameter \"unfinished\" is neither 0 nor 1: \"" + value + "\"");
            }
            wanted.unfinished_only = value == "1" || value == "true";
        } else if (key == "after") {
            wanted.after = RunId{value};
        } else {
            return usage_error(ErrorCode::kInvalidArgument, "unknown query parameter \"" + key + "\"",
                               "known: install, unfinished, after");
        }
    }
    SLIPWAY_TRY(const auto list, engine_->list(wanted));
    json::array out;
    for (const auto& one : list) {
        out.push_back(to_json(one));
    }
    json::object page{{"runs", std::move(out)}};
    if (list.size() == wanted.limit) {
        page["after"] = list.back().run.str();
    }  // there may be more
    return json::value(std::move(page));
}

Json ControlPlane::run(const std::string& id) {
    SLIPWAY_TRY(const auto view, view_of(id));
    json::object out = to_json(view, activity_->progress(RunId{id}));
    out["tick"] = activity_->tick();
    return json::value(std::move(out));
}

namespace {

/// What an explanation does not know: how the step failed and what to do about it, and what is known of a
/// doubt.
void add_facts(json::object& out, const StepView& step) {
    if (step.failure && (step.status == StepStatus::kFailed || step.status == StepStatus::kBackingOff)) {
        out["failure"] = to_json(*step.failure);
    }
    if (step.status == StepStatus::kInDoubt) {
        out["doubt"] = step.doubt;
        out["evidence"] = evidence_of(step);
    }
}

}  // namespace

Json ControlPlane::explain(const std::string& id, const std::string& step) {
    SLIPWAY_TRY(const auto view, view_of(id));
    if (!step.empty()) {
        SLIPWAY_TRY(const auto* found, step_of(view, step));
        SLIPWAY_TRY(const auto why, engine_->explain(RunId{id}, StepId{step}));
        json::object out = to_json(why);
        add_facts(out, *found);
        return json::value(std::move(out));
    }
    SLIPWAY_TRY(const auto why, engine_->explain(RunId{id}));
    json::object out = to_json(why);
    out["quarantined"] = view.summary.quarantined;
    out["paused"] = std::find(why.next.begin(), why.next.end(), "resume") != why.next.end();
    json::array steps;
    for (const auto& one : why.steps) {
        json::object explained = to_json(one);
        if (const auto found = step_of(view, one.step.str())) {
            add_facts(explained, **found);
        }
        steps.push_back(std::move(explained));
    }
    out["steps"] = std::move(steps);
    return json::value(std::move(out));
}

Json ControlPlane::history(const std::string& id, std::uint64_t from) {
    SLIPWAY_TRY(const auto view, view_of(id));
    SLIPWAY_TRY(const auto events, engine_->history(RunId{id}, from == 0 ? 1 : from));
    json::array out;
    for (const auto& event : events) {
        out.push_back(to_json(event, view.workflow));
    }
    json::object page{{"events", std::move(out)}};
    if (!events.empty() && events.back().seq < view.seq) {
        page["next"] = events.back().seq + 1;
    }
    return json::value(std::move(page));
}

Json ControlPlane::watch(const std::string& id, std::uint64_t seen, DurationMs wait_ms) {
    // Whoever watches holds a connection: beyond so many they ask more often instead, and leave room for
    // others.
    constexpr int kPatientMax = 256;
    const bool patient = watchers_.fetch_add(1) < kPatientMax;
    activity_->wait_beyond(seen, std::min<DurationMs>(wait_ms, patient ? 30'000 : 500));
    watchers_.fetch_sub(1);
    return run(id);
}

Json ControlPlane::gate(const std::string& id, const std::string& step) {
    SLIPWAY_TRY(const auto view, view_of(id));
    SLIPWAY_TRY(const auto* found, step_of(view, step));
    if (!found->gate) {
        return usage_error(ErrorCode::kRefused,
                           "step " + step + " of " + id + " is not an open gate: it is " +
                               std::string(to_string(found->status)),
                           "slipway explain " + id + " shows what waits for somebody");
    }
    SLIPWAY_TRY(const auto what, engine_->reveal(RunId{id}, StepId{step}, true));
    return json::value(json::object{{"step", step},
                                    {"round", found->gate->round},
                                    {"shown", found->gate->shown.hex()},
                                    {"what", to_json(Payload{what.bytes, false})}});
}

namespace {

Result<Decision> decision_of(const std::string& text) {
    for (auto decision : {Decision::kApprove, Decision::kDeny, Decision::kRetryPlan, Decision::kSkip,
                          Decision::kSkipWithDependents, Decision::kRevoke}) {
        if (to_string(decision) == text) {
            return decision;
        }
    }
    return usage_error(ErrorCode::kInvalidArgument, "unknown decision \"" + text + "\"",
                       "one of approve, deny, retry_plan, skip, skip_with_dependents, revoke");
}

Result<OperatorAct> answer_of(const json::object& body, const StepId& step) {
    AnswerGate act;
    act.answer.step = step;
    SLIPWAY_TRY(const auto decision, text_of(body, "decision"));
    SLIPWAY_TRY(act.answer.decision, decision_of(decision));
    SLIPWAY_TRY(const auto shown, text_of(body, "shown"));
    SLIPWAY_TRY(act.answer.role, text_of(body, "role"));
    SLIPWAY_TRY(act.answer.note, text_of(body, "note"));
    act.answer.shown = Digest::from_hex(shown);
    const auto* round = body.if_contains("round");
    boost::system::error_code code;
    act.answer.round = round == nullptr ? 0 : round->to_number<std::uint32_t>(code);
    if (round == nullptr || code) {
        return usage_error(ErrorCode::kInvalidArgument,
                           "\"round\" is missing: the round of the gate that was shown");
    }
    return OperatorAct{std::move(act)};
}

Result<OperatorAct> settle_of(const json::object& body, const StepId& step) {
    SettleStep act;
    act.step = step;
    if (const auto* verdict = body.if_contains("succeeded"); verdict == nullptr || !verdict->is_bool()) {
        return usage_error(
            ErrorCode::kInvalidArgument,
            "\"succeeded\" is missing or neither true nor false: settling says what really happened",
            "look at what the step acts on, then say true or false");
    }
    act.succeeded = body.at("succeeded").as_bool();
    SLIPWAY_TRY(act.note, text_of(body, "note"));
    if (const auto* output = body.if_contains("output")) {
        act.output.bytes = json::serialize(*output);
    }
    return OperatorAct{std::move(act)};
}

Result<OperatorAct> skip_of(const json::object& body, const StepId& step) {
    SLIPWAY_TRY(const auto dependents, flag_of(body, "with_dependents"));
    SLIPWAY_TRY(auto note, text_of(body, "note"));
    return OperatorAct{SkipStep{step, dependents ? SkipMode::kSkip : SkipMode::kGoOn, std::move(note)}};
}

Result<OperatorAct> act_of(const json::object& body) {
    SLIPWAY_CHECK(only_keys(body, {"act", "step", "decision", "round", "shown", "role", "note",
                                   "with_dependents", "succeeded", "output", "on", "why"}));
    SLIPWAY_TRY(const auto act, text_of(body, "act"));
    SLIPWAY_TRY(const auto step_text, text_of(body, "step"));
    const StepId step{step_text};
    SLIPWAY_TRY(auto note, text_of(body, "note"));
    if (act == "answer") {
        return answer_of(body, step);
    }
    if (act == "skip") {
        return skip_of(body, step);
    }
    if (act == "settle") {
        return settle_of(body, step);
    }
    if (act == "retry") {
        return OperatorAct{RetryStep{step, std::move(note)}};
    }
    if (act == "redo") {
        SLIPWAY_TRY(auto why, text_of(body, "why", "asked for"));
        return OperatorAct{RedoSection{step, std::move(why)}};
    }
    if (act == "approve_all") {
        SLIPWAY_TRY(const auto on, flag_of(body, "on", true));
        return OperatorAct{SetApproveAll{on, std::move(note)}};
    }
    if (act == "pause") {
        return OperatorAct{PauseRun{std::move(note)}};
    }
    if (act == "resume") {
        return OperatorAct{ResumeRun{std::move(note)}};
    }
    if (act == "cancel") {
        return OperatorAct{CancelRun{std::move(note)}};
    }
    if (act == "stop") {
        return OperatorAct{StopRun{std::move(note)}};
    }
    if (act == "undo") {
        return OperatorAct{UndoRun{std::move(note)}};
    }
    return usage_error(
        ErrorCode::kInvalidArgument, "unknown act \"" + act + "\"",
        "one of answer, approve_all, retry, skip, settle, redo, pause, resume, cancel, stop, undo, release");
}

}  // namespace

Result<void> ControlPlane::act_on(const std::string& id, OperatorAct act, const Principal& who) {
    auto done = engine_->act(RunId{id}, std::move(act), who);
    if (done || !done.error().hint.empty()) {
        return done;
    }
    Error error = done.error();
    if (error.code == ErrorCode::kRefused || error.code == ErrorCode::kConflict) {
        error.hint = "slipway explain " + id + " says what is possible now";
    }
    return error;
}

namespace {

std::string step_named(const OperatorAct& act) {
    return std::visit(
        [](const auto& one) {
            if constexpr (requires { one.step; }) {
                return one.step.str();
            } else if constexpr (requires { one.answer.step; }) {
                return one.answer.step.str();
            } else {
                return std::string();
            }
        },
        act);
}

bool is_on_step(const OperatorAct& act) {
    return std::visit(
        [](const auto& one) {
            return requires {
                one.step;
            }
            || requires {
                one.answer.step;
            };
        },
        act);
}

/// A step that is settled as succeeded puts out what its dependents read: nobody but the operator can say
/// what.
Result<void> check_settled_output(const SettleStep& act, const RunView& view) {
    if (!act.succeeded || !act.output.bytes.empty() || view.workflow.empty()) {
        return {};
    }
    for (std::size_t i = 0; i < view.workflow.size(); ++i) {
        for (const auto& edge : view.workflow.step(static_cast<StepIndex>(i)).depends_on) {
            if (edge.step == act.step && edge.kind == DependencyKind::kData) {
                const std::string reader = view.workflow.step(static_cast<StepIndex>(i)).id.str();
                return usage_error(
                    ErrorCode::kInvalidArgument,
                    "step " + reader + " reads what " + act.step.str() + " put out, and that is missing",
                    "--output JSON says what it was; or settle it as failed and retry: a new plan sees what "
                    "is there");
            }
        }
    }
    return {};
}

}  // namespace

Result<void> ControlPlane::release(const std::string& id, const std::string& note, const Principal& who) {
    SLIPWAY_TRY(const auto runs, all_runs({}));
    const auto run =
        std::find_if(runs.begin(), runs.end(), [&](const RunSummary& one) { return one.run.str() == id; });
    if (run == runs.end()) {
        return no_run(id);
    }
    SLIPWAY_CHECK(engine_->release_quarantined(RunId{id}, who));
    const auto install = run->labels.find("install_id");
    if (install == run->labels.end()) {
        return {};
    }
    return registry_->note(install->second, "quarantined run " + id + " given up", "", note, who.name);
}

Json ControlPlane::act(const std::string& id, const json::object& body, const Principal& who) {
    SLIPWAY_TRY(const auto name, text_of(body, "act"));
    if (name == "release") {
        SLIPWAY_CHECK(only_keys(body, {"act", "note"}));
        SLIPWAY_TRY(const auto note, text_of(body, "note"));
        SLIPWAY_CHECK(release(id, note, who));
        return json::value(json::object{{"done", true}});
    }
    SLIPWAY_TRY(auto act, act_of(body));
    const auto view = view_of(id);
    if (!view && view.error().code == ErrorCode::kNotFound) {
        return view.error();
    }
    if (view && is_on_step(act)) {
        SLIPWAY_TRY(const auto* step, step_of(*view, step_named(act)));
        const bool open = step->status == StepStatus::kInDoubt || step->status == StepStatus::kFailed;
        const auto* settled = std::get_if<SettleStep>(&act);
        if (settled != nullptr && step->kind == "preflight") {
            return usage_error(ErrorCode::kRefused, "preflight is not settled: it says what is missing here",
                               "see to that, then slipway retry " + id + " " + step->id.str());
        }
        if (settled != nullptr && open) {
            SLIPWAY_CHECK(check_settled_output(*settled, *view));
        }
    }
    SLIPWAY_CHECK(act_on(id, std::move(act), who));
    return json::value(json::object{{"done", true}});
}

Json ControlPlane::logs(const std::string& id, const std::string& step, std::uint64_t offset) {
    SLIPWAY_TRY(const auto view, view_of(id));
    SLIPWAY_CHECK(step_of(view, step));
    const auto page = activity_->read_log(RunId{id}, StepId{step}, offset);
    return json::value(
        json::object{{"text", page.text}, {"next", page.next}, {"over", is_final(view.summary.status)}});
}

}  // namespace host
