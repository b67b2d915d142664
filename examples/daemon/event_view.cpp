// Events as JSON: what was decided, and of every operator's act who did it, in which roles, and why.
#include <boost/json.hpp>

#include "json_view.hpp"

namespace host {

using namespace slipway;

namespace {

/// The same three names for every act, whatever the event calls them.
void put_who(json::object& out, const Principal& by, const std::string& note) {
    if (by.name.empty()) {
        return;  // the engine itself
    }
    out["by"] = by.name;
    if (!by.roles.empty()) {
        out["roles"] = json::array(by.roles.begin(), by.roles.end());
    }
    if (!note.empty()) {
        out["note"] = note;
    }
}

void put(json::object& out, const RunStarted& e) {
    put_who(out, e.by, {});
    out["approve_all"] = e.approve_all;
}
void put(json::object& out, const AttemptStarted& e) {
    out["round"] = e.round;
    out["attempt"] = e.attempt;
    out["fence"] = e.fence;
}
void put(json::object& out, const UndoStarted& e) {
    out["attempt"] = e.attempt;
    out["fence"] = e.fence;
}
void put(json::object& out, const StepFailed& e) {
    out["failure"] = to_json(e.failure);
}
void put(json::object& out, const StepBackingOff& e) {
    out["failure"] = to_json(e.failure);
    out["due_ms"] = e.due_ms;
}
void put(json::object& out, const UndoBackingOff& e) {
    out["failure"] = to_json(e.failure);
    out["due_ms"] = e.due_ms;
}
void put(json::object& out, const GateDecided& e) {
    put_who(out, e.by, e.note);
    out["round"] = e.round;
    out["decision"] = to_string(e.decision);
    out["shown"] = e.shown.hex();
    if (!e.role.empty()) {
        out["role"] = e.role;
    }
}
void put(json::object& out, const EvidenceRecorded& e) {
    out["evidence"] = e.evidence.kind;
}
void put(json::object& out, const StepInDoubt& e) {
    out["reason"] = e.reason;
}
void put(json::object& out, const StepSkipped& e) {
    put_who(out, e.by, e.reason);
    out["reason"] = e.reason;
    out["dependents"] = e.mode == SkipMode::kSkip ? "skipped" : "go on";
}
void put(json::object& out, const StepSettled& e) {
    put_who(out, e.by, e.note);
    out["verdict"] = e.succeeded ? "succeeded" : "failed";
}
void put(json::object& out, const RedoAsked& e) {
    put_who(out, e.by, e.why);
    out["why"] = e.why;
    out["automatic"] = e.automatic;
}
void put(json::object& out, const RoundOpened& e) {
    out["why"] = e.why;
    out["steps"] = e.steps.size();
}
void put(json::object& out, const RunBlocked& e) {
    out["reason"] = e.reason;
}
void put(json::object& out, const RunCancelAsked& e) {
    put_who(out, e.by, e.note);
    out["stop"] = e.stop;
}
void put(json::object& out, const RunFinished& e) {
    out["status"] = to_string(e.status);
    out["reason"] = e.reason;
}
void put(json::object& out, const ApproveAllSet& e) {
    put_who(out, e.by, e.note);
    out["on"] = e.on;
}
void put(json::object& out, const AttemptVoided& e) {
    out["why"] = e.why;
}

template <class E>
concept HasView = requires(json::object& out, const E& event) {
    put(out, event);
};

/// Events without a view of their own tell who caused them, where somebody did.
template <class E>
void put_event(json::object& out, const E& event) {
    if constexpr (HasView<E>) {
        put(out, event);
    } else if constexpr (requires {
                             event.by;
                             event.note;
                         }) {
        put_who(out, event.by, event.note);
    }
}

}  // namespace

json::object to_json(const Event& event, const Workflow& workflow) {
    json::object out{{"seq", event.seq}, {"at_ms", event.at_ms}, {"event", event_name(event.body)}};
    const auto step = event_step(event.body);
    if (!workflow.empty() && step < workflow.size()) {
        out["step"] = workflow.step(step).id.str();
        out["title"] = workflow.step(step).title;
    }
    std::visit([&](const auto& body) { put_event(out, body); }, event.body);
    return out;
}

}  // namespace host
