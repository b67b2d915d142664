#include "json_view.hpp"

#include <boost/json.hpp>

namespace host {

using namespace slipway;

namespace {

json::array strings(const std::vector<std::string>& list) {
    json::array out;
    for (const auto& one : list) {
        out.emplace_back(one);
    }
    return out;
}

json::array ids(const std::vector<StepId>& list) {
    json::array out;
    for (const auto& one : list) {
        out.emplace_back(one.str());
    }
    return out;
}

json::object labels_of(const std::map<std::string, std::string>& labels) {
    json::object out;
    for (const auto& [key, value] : labels) {
        out[key] = value;
    }
    return out;
}

json::object gate_of(const GateView& gate) {
    return {{"round", gate.round},
            {"shown", gate.shown.hex()},
            {"what", to_json(gate.what)},
            {"expires_ms", gate.expires_ms},
            {"roles", strings(gate.roles)}};
}

}  // namespace

json::object to_json(const StepFailure& failure) {
    return {{"class", to_string(failure.failure_class)},
            {"message", failure.message},
            {"detail", failure.detail}};
}

json::value to_json(const Payload& payload) {
    if (payload.sensitive) {
        return json::object{{"sensitive", true}};
    }
    if (payload.bytes.empty()) {
        return nullptr;
    }
    boost::system::error_code code;
    json::value value = json::parse(payload.bytes, code);
    return code ? json::value(payload.bytes) : value;
}

json::object to_json(const Error& error) {
    return {{"error", json::object{{"code", to_string(error.code)},
                                   {"class", to_string(error.error_class)},
                                   {"message", error.message},
                                   {"hint", error.hint}}}};
}

json::object to_json(const RunSummary& s) {
    return {{"run", s.run.str()},
            {"workflow", s.workflow},
            {"digest", s.workflow_digest.hex()},
            {"status", to_string(s.status)},
            {"reason", s.reason},
            {"labels", labels_of(s.labels)},
            {"started_ms", s.started_ms},
            {"finished_ms", s.finished_ms},
            {"steps_total", s.steps_total},
            {"steps_done", s.steps_done},
            {"gates_open", s.gates_open},
            {"quarantined", s.quarantined}};
}

json::array evidence_of(const StepView& step) {
    json::array out;
    for (const auto& one : step.evidence) {
        out.push_back(json::object{{"kind", one.kind}, {"data", to_json(one.data)}});
    }
    return out;
}

namespace {

json::object step_of(const StepView& step, const StepSpec* spec, const std::map<StepId, Progress>& progress) {
    json::object out{{"id", step.id.str()},
                     {"kind", step.kind},
                     {"title", step.title},
                     {"section", step.section},
                     {"status", to_string(step.status)},
                     {"round", step.round},
                     {"attempt", step.attempt},
                     {"since_ms", step.since_ms},
                     {"due_ms", step.due_ms},
                     {"waker", to_string(step.waker)}};
    if (spec != nullptr) {
        out["why"] = spec->why;
        out["labels"] = labels_of(spec->labels);
    }
    if (step.failure) {
        out["failure"] = to_json(*step.failure);
    }
    if (!step.doubt.empty()) {
        out["doubt"] = step.doubt;
    }
    if (step.gate) {
        out["gate"] = gate_of(*step.gate);
    }
    if (step.status == StepStatus::kSucceeded) {
        out["output"] = to_json(step.output);
    }
    if (!step.evidence.empty()) {
        out["evidence"] = evidence_of(step);
    }
    if (const auto it = progress.find(step.id); it != progress.end() && step.status == StepStatus::kRunning) {
        out["progress"] = json::object{{"text", it->second.text}, {"permille", it->second.permille}};
    }
    return out;
}

}  // namespace

json::object to_json(const RunView& view, const std::map<StepId, Progress>& progress) {
    json::object out = to_json(view.summary);
    out["seq"] = view.seq;
    out["approve_all"] = view.approve_all;
    json::array steps;
    for (const auto& step : view.steps) {
        const auto index = view.workflow.empty() ? std::nullopt : view.workflow.find(step.id);
        steps.push_back(step_of(step, index ? &view.workflow.step(*index) : nullptr, progress));
    }
    out["steps"] = std::move(steps);
    return out;
}

json::object to_json(const StepExplanation& e) {
    return {{"step", e.step.str()},     {"status", to_string(e.status)}, {"waker", to_string(e.waker)},
            {"waits_for", e.waits_for}, {"since_ms", e.since_ms},        {"due_ms", e.due_ms},
            {"unmet", ids(e.unmet)},    {"next", strings(e.next)},       {"comes_next", e.comes_next}};
}

json::object to_json(const RunExplanation& e) {
    json::array steps;
    for (const auto& step : e.steps) {
        steps.push_back(to_json(step));
    }
    return {{"run", e.run.str()},     {"status", to_string(e.status)}, {"sentence", e.sentence},
            {"since_ms", e.since_ms}, {"steps", std::move(steps)},     {"next", strings(e.next)}};
}

json::object to_json(const lifecycle::Install& i) {
    return {{"id", i.id},
            {"name", i.name},
            {"app", i.app},
            {"version", i.version.hex()},
            {"region", i.account.region},
            {"approval_option", i.approval_option},
            {"labels", labels_of(i.labels)},
            {"settings", json::object{{"kubeconfig", i.settings.kubeconfig},
                                      {"kube_context", i.settings.kube_context},
                                      {"image_registry", i.settings.image_registry}}},
            {"created_ms", i.created_ms}};
}

namespace {

json::object part_of(const lifecycle::PartState& part) {
    json::object outputs;
    for (const auto& [name, value] : part.outputs) {
        boost::system::error_code code;
        json::value parsed = json::parse(value.json, code);
        outputs[name] =
            value.sensitive ? json::value("(sensitive)") : (code ? json::value(value.json) : parsed);
    }
    return {{"status", lifecycle::to_string(part.status)},
            {"run", part.run.str()},
            {"at_ms", part.at_ms},
            {"artifact", part.artifact.is_zero() ? "" : "sha256:" + part.artifact.hex()},
            {"outputs", std::move(outputs)}};
}

}  // namespace

json::object to_json(const lifecycle::InstallState& state) {
    json::object components;
    for (const auto& [name, part] : state.components) {
        components[name] = part_of(part);
    }
    json::object actions;
    for (const auto& [name, action] : state.actions) {
        actions[name] =
            json::object{{"status", action.status}, {"run", action.run.str()}, {"at_ms", action.at_ms}};
    }
    return {{"version", state.version},
            {"at_ms", state.at_ms},
            {"sandbox", part_of(state.sandbox)},
            {"components", std::move(components)},
            {"actions", std::move(actions)}};
}

json::object to_json(const Diagnostic& d) {
    const char* severity = d.severity == Severity::kError     ? "error"
                           : d.severity == Severity::kWarning ? "warning"
                                                              : "hint";
    return {{"severity", severity}, {"file", d.file},       {"line", d.line}, {"column", d.column},
            {"key", d.key},         {"message", d.message}, {"hint", d.hint}};
}

json::object to_json(const std::string& backup, const BackupReport& report) {
    json::array ticks;
    for (const auto& [partition, tick] : report.ticks) {
        ticks.push_back(json::object{{"partition", partition}, {"tick", tick}});
    }
    return {
        {"directory", backup}, {"files", report.files}, {"bytes", report.bytes}, {"ticks", std::move(ticks)}};
}

unsigned http_status(const Error& error) {
    switch (error.code) {
        case ErrorCode::kNotFound:
            return 404;
        case ErrorCode::kForbidden:
            return 403;
        case ErrorCode::kAlreadyExists:
        case ErrorCode::kConflict:
        case ErrorCode::kRefused:
        case ErrorCode::kStaleFence:
            return 409;
        case ErrorCode::kInvalidArgument:
        case ErrorCode::kLimit:
        case ErrorCode::kUnsupported:
            return 422;
        case ErrorCode::kStopped:
            return 503;
        default:
            return error.error_class == ErrorClass::kUsage ? 400 : 500;
    }
}

Error error_of(const json::value& answer) {
    Error error{ErrorClass::kEnvironment, ErrorCode::kInternal, "the daemon's answer cannot be read", ""};
    const auto* object = answer.if_object();
    const auto* inner = object == nullptr ? nullptr : object->if_contains("error");
    if (inner == nullptr || !inner->is_object()) {
        return error;
    }
    const auto text = [&](const char* key) {
        const auto* value = inner->as_object().if_contains(key);
        return value != nullptr && value->is_string() ? std::string(value->as_string()) : std::string();
    };
    error.message = text("message");
    error.hint = text("hint");
    for (unsigned code = 1; code <= 18; ++code) {
        if (to_string(static_cast<ErrorCode>(code)) == text("code")) {
            error.code = static_cast<ErrorCode>(code);
        }
    }
    error.error_class = ErrorClass::kUsage;
    return error;
}

}  // namespace host
