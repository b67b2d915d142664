#include <type_traits>

#include "engine/codec/event_write.hpp"

namespace slipway::codec {
namespace {

void fields(RecordWriter& out, const RunStarted& e) {
    out.pack.blob(e.run.str());
    write_digest(out.pack, e.workflow);
    out.payload(e.input, kNoStep, "input");
    write_labels(out.pack, e.labels);
    write_principal(out.pack, e.by);
    out.pack.signed_varint(e.deadline_ms);
    write_share(out.pack, e.approve_all, e.tenant, e.priority);
    out.pack.blob(e.successor_of.str());
}
void fields(RecordWriter& out, const StepReady& e) {
    write_step(out.pack, e.step);
}
void fields(RecordWriter& out, const AttemptStarted& e) {
    write_step(out.pack, e.step);
    out.pack.varint(e.round);
    out.pack.varint(e.attempt);
    out.pack.varint(e.fence);
    out.payload(e.input, e.step, "input");
    out.pack.signed_varint(e.deadline_ms);
}
void fields(RecordWriter& out, const EvidenceRecorded& e) {
    write_step(out.pack, e.step);
    out.pack.varint(e.fence);
    write_evidence(out, e.evidence, e.step);
}
void fields(RecordWriter& out, const StepSucceeded& e) {
    write_step(out.pack, e.step);
    out.payload(e.output, e.step, "output");
}
void fields(RecordWriter& out, const StepBackingOff& e) {
    write_step(out.pack, e.step);
    write_failure(out.pack, e.failure);
    out.pack.signed_varint(e.due_ms);
}
void fields(RecordWriter& out, const StepFailed& e) {
    write_step(out.pack, e.step);
    write_failure(out.pack, e.failure);
}
void fields(RecordWriter& out, const StepWaiting& e) {
    write_step(out.pack, e.step);
    write_enum(out.pack, e.kind);
    out.pack.blob(e.name);
    write_digest(out.pack, e.shown);
    out.payload(e.what, e.step, "what");
    out.pack.signed_varint(e.due_ms);
    out.pack.signed_varint(e.expires_ms);
}
void fields(RecordWriter& out, const WaitResolved& e) {
    write_step(out.pack, e.step);
    write_resolution(out, e.resolution, e.step);
}
void fields(RecordWriter& out, const GateDecided& e) {
    write_step(out.pack, e.step);
    out.pack.varint(e.round);
    write_digest(out.pack, e.shown);
    write_enum(out.pack, e.decision);
    write_principal(out.pack, e.by);
    out.pack.blob(e.role);
    out.pack.blob(e.note);
}
void fields(RecordWriter& out, const StepSkipped& e) {
    write_step(out.pack, e.step);
    write_enum(out.pack, e.mode);
    write_principal(out.pack, e.by);
    out.pack.blob(e.reason);
}
void fields(RecordWriter& out, const StepCancelled& e) {
    write_step(out.pack, e.step);
    write_enum(out.pack, e.reason);
}
void fields(RecordWriter& out, const StepInDoubt& e) {
    write_step(out.pack, e.step);
    out.pack.blob(e.reason);
}
void fields(RecordWriter& out, const CancelAsked& e) {
    write_step(out.pack, e.step);
    out.pack.varint(e.fence);
    write_enum(out.pack, e.reason);
    out.pack.boolean(e.force);
    out.pack.signed_varint(e.due_ms);
}
void fields(RecordWriter& out, const StepSettled& e) {
    write_step(out.pack, e.step);
    out.pack.boolean(e.succeeded);
    write_principal(out.pack, e.by);
    out.pack.blob(e.note);
}
void fields(RecordWriter& out, const StepRetried& e) {
    write_step(out.pack, e.step);
    write_principal(out.pack, e.by);
}
void fields(RecordWriter& out, const RedoAsked& e) {
    write_step(out.pack, e.step);
    out.pack.blob(e.why);
    write_principal(out.pack, e.by);
    out.pack.boolean(e.automatic);
}
void fields(RecordWriter& out, const RoundOpened& e) {
    out.pack.varint(e.steps.size());
    for (const StepIndex step : e.steps) {
        write_step(out.pack, step);
    }
    out.pack.blob(e.why);
}
void fields(RecordWriter& out, const RunPaused& e) {
    write_principal(out.pack, e.by);
}
void fields(RecordWriter& out, const RunResumed& e) {
    write_principal(out.pack, e.by);
}
void fields(RecordWriter& out, const RunBlocked& e) {
    out.pack.blob(e.reason);
}
void fields(RecordWriter&, const RunUnblocked&) {}
void fields(RecordWriter& out, const RunCancelAsked& e) {
    write_principal(out.pack, e.by);
    out.pack.boolean(e.stop);
    out.pack.blob(e.note);
}
void fields(RecordWriter& out, const RunFinished& e) {
    write_enum(out.pack, e.status);
    out.pack.blob(e.reason);
}
void fields(RecordWriter& out, const ApproveAllSet& e) {
    out.pack.boolean(e.on);
    write_principal(out.pack, e.by);
}
void fields(RecordWriter& out, const AttemptVoided& e) {
    write_step(out.pack, e.step);
    out.pack.varint(e.fence);
    out.pack.blob(e.why);
}
void fields(RecordWriter& out, const ExecutorNotFound& e) {
    write_step(out.pack, e.step);
}

void fields(RecordWriter& out, const RunUndoAsked& e) {
    write_principal(out.pack, e.by);
    out.pack.blob(e.note);
}
void fields(RecordWriter&, const UnwindBegan&) {}
void fields(RecordWriter& out, const UndoPassed& e) {
    write_step(out.pack, e.step);
}
void fields(RecordWriter& out, const UndoReady& e) {
    write_step(out.pack, e.step);
}
void fields(RecordWriter& out, const UndoStarted& e) {
    write_step(out.pack, e.step);
    out.pack.varint(e.attempt);
    out.pack.varint(e.fence);
    out.pack.signed_varint(e.deadline_ms);
}
void fields(RecordWriter& out, const UndoBackingOff& e) {
    write_step(out.pack, e.step);
    write_failure(out.pack, e.failure);
    out.pack.signed_varint(e.due_ms);
}
void fields(RecordWriter& out, const StepUndone& e) {
    write_step(out.pack, e.step);
}
void fields(RecordWriter& out, const UndoLeft& e) {
    write_step(out.pack, e.step);
    write_principal(out.pack, e.by);
    out.pack.blob(e.note);
}

void fields(RecordWriter& out, const ChildrenAsked& e) {
    write_step(out.pack, e.step);
    write_join(out.pack, e.join);
    out.pack.varint(e.children.size());
    for (const ChildSpec& child : e.children) {
        write_child(out, child, e.step);
    }
}
void fields(RecordWriter& out, const ChildrenStarted& e) {
    write_step(out.pack, e.step);
    out.pack.varint(e.count);
}
void fields(RecordWriter& out, const ChildEnded& e) {
    write_step(out.pack, e.step);
    out.pack.varint(e.child);
    write_enum(out.pack, e.status);
    out.pack.blob(e.reason);
    out.payload(e.output, e.step, "child");
}
void fields(RecordWriter& out, const ChildrenCancelAsked& e) {
    write_step(out.pack, e.step);
    write_enum(out.pack, e.reason);
}
void fields(RecordWriter& out, const ChildOf& e) {
    out.pack.blob(e.parent.str());
    write_step(out.pack, e.parent_step);
    out.pack.varint(e.round);
    out.pack.varint(e.child);
    out.pack.varint(e.depth);
}

}  // namespace

// The number is the place in the variant, from 1: new events are only ever added at its end.
std::uint8_t event_number(const EventBody& body) {
    return static_cast<std::uint8_t>(body.index() + 1);
}

void write_body(RecordWriter& out, const EventBody& body) {
    std::visit([&](const auto& event) { fields(out, event); }, body);
}

namespace {

template <class Text, class Body>
Text* note_behind(Body& body) {
    return std::visit(
        [](auto& event) -> Text* {
            using E = std::remove_cvref_t<decltype(event)>;
            if constexpr (std::is_same_v<E, StepRetried> || std::is_same_v<E, RunPaused> ||
                          std::is_same_v<E, RunResumed> || std::is_same_v<E, ApproveAllSet>) {
                return &event.note;
            }
            return nullptr;
        },
        body);
}

}  // namespace

const std::string* trailing_note(const EventBody& body) {
    return note_behind<const std::string>(body);
}

std::string* trailing_note(EventBody& body) {
    return note_behind<std::string>(body);
}

void write_evidence(RecordWriter& out, const Evidence& evidence, StepIndex step) {
    out.pack.blob(evidence.kind);
    out.payload(evidence.data, step, "evidence");
}

void write_join(PackWriter& pack, const Join& join) {
    write_enum(pack, join.mode);
    pack.varint(join.failures_max);
    pack.varint(join.at_once_max);
}

void write_child(RecordWriter& out, const ChildSpec& child, StepIndex step) {
    out.pack.blob(child.key);
    out.pack.blob(child.run.str());
    write_digest(out.pack, child.workflow);
    out.payload(child.input, step, "child");
    write_labels(out.pack, child.labels);
    out.pack.blob(child.result.str());
}

void write_resolution(RecordWriter& out, const Resolution& resolution, StepIndex step) {
    write_enum(out.pack, resolution.kind);
    out.pack.blob(resolution.name);
    out.payload(resolution.payload, step, "resolution");
    write_enum(out.pack, resolution.decision);
}

}  // namespace slipway::codec
