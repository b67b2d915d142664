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
            SLIPWAY_TRY(const auto install, registry_->get(value));
            wanted.labels["install_id"] = install.id;
        } else if (key == "unfinished") {
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
    SLIPWAY_TRY(const auto view, engine_->view(RunId{id}));
    json::object out = to_json(view, activity_->progress(RunId{id}));
    out["tick"] = activity_->tick();
    return json::value(std::move(out));
}

Json ControlPlane::explain(const std::string& id, const std::string& step) {
    if (step.empty()) {
        SLIPWAY_TRY(const auto why, engine_->explain(RunId{id}));
        return json::value(to_json(why));
    }
    SLIPWAY_TRY(const auto why, engine_->explain(RunId{id}, StepId{step}));
    return json::value(to_json(why));
}

Json ControlPlane::history(const std::string& id, std::uint64_t from) {
    SLIPWAY_TRY(const auto view, engine_->view(RunId{id}));
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
    activity_->wait_beyond(seen, std::min<DurationMs>(wait_ms, 30'000));
    return run(id);
}

Json ControlPlane::gate(const std::string& id, const std::string& step) {
    SLIPWAY_TRY(const auto view, engine_->view(RunId{id}));
    for (const auto& one : view.steps) {
        if (one.id.str() != step) {
            continue;
        }
        if (!one.gate) {
            return usage_error(ErrorCode::kRefused, "step " + step + " of " + id +
                                                        " is not an open gate: it is " +
                                                        std::string(to_string(one.status)));
        }
        SLIPWAY_TRY(const auto what, engine_->reveal(RunId{id}, StepId{step}, true));
        return json::value(json::object{{"step", step},
                                        {"round", one.gate->round},
                                        {"shown", one.gate->shown.hex()},
                                        {"what", to_json(Payload{what.bytes, false})}});
    }
    return usage_error(ErrorCode::kNotFound, "run " + id + " has no step " + step);
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
    SLIPWAY_TRY(act.succeeded, flag_of(body, "succeeded"));
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
        return OperatorAct{RetryStep{step}};
    }
    if (act == "redo") {
        SLIPWAY_TRY(auto why, text_of(body, "why", "asked for"));
        return OperatorAct{RedoSection{step, std::move(why)}};
    }
    if (act == "approve_all") {
        SLIPWAY_TRY(const auto on, flag_of(body, "on", true));
        return OperatorAct{SetApproveAll{on}};
    }
    if (act == "pause") {
        return OperatorAct{PauseRun{}};
    }
    if (act == "resume") {
        return OperatorAct{ResumeRun{}};
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
        "one of answer, approve_all, retry, skip, settle, redo, pause, resume, cancel, stop, undo");
}

}  // namespace

Json ControlPlane::act(const std::string& id, const json::object& body, const Principal& who) {
    SLIPWAY_TRY(auto act, act_of(body));
    SLIPWAY_CHECK(engine_->act(RunId{id}, std::move(act), who));
    return json::value(json::object{{"done", true}});
}

Json ControlPlane::logs(const std::string& id, const std::string& step, std::uint64_t offset) {
    SLIPWAY_TRY(const auto view, engine_->view(RunId{id}));
    bool known = false;
    for (const auto& one : view.steps) {
        known = known || one.id.str() == step;
    }
    if (!known) {
        return usage_error(ErrorCode::kNotFound, "run " + id + " has no step " + step);
    }
    const std::string text = activity_->read_log(RunId{id}, StepId{step}, offset);
    return json::value(json::object{{"text", text}, {"next", offset + text.size()}});
}

}  // namespace host
