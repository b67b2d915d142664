#include <array>
#include <utility>

#include "engine/codec/event_write.hpp"

namespace slipway::codec {
namespace {

void fields(RecordReader& in, RunStarted& e) {
    e.run = RunId(read_text(in.pack));
    e.workflow = read_digest(in.pack);
    e.input = in.payload(kNoStep, "input");
    e.labels = read_labels(in.pack);
    e.by = read_principal(in.pack);
    e.deadline_ms = in.pack.signed_varint();
    read_share(in.pack, e.approve_all, e.tenant, e.priority);
    e.successor_of = RunId(read_text(in.pack));
}
void fields(RecordReader& in, StepReady& e) {
    e.step = read_step(in.pack);
}
void fields(RecordReader& in, AttemptStarted& e) {
    e.step = read_step(in.pack);
    e.round = read_u32(in.pack);
    e.attempt = read_u32(in.pack);
    e.fence = in.pack.varint();
    e.input = in.payload(e.step, "input");
    e.deadline_ms = in.pack.signed_varint();
}
void fields(RecordReader& in, EvidenceRecorded& e) {
    e.step = read_step(in.pack);
    e.fence = in.pack.varint();
    e.evidence = read_evidence(in, e.step);
}
void fields(RecordReader& in, StepSucceeded& e) {
    e.step = read_step(in.pack);
    e.output = in.payload(e.step, "output");
}
void fields(RecordReader& in, StepBackingOff& e) {
    e.step = read_step(in.pack);
    e.failure = read_failure(in.pack);
    e.due_ms = in.pack.signed_varint();
}
void fields(RecordReader& in, StepFailed& e) {
    e.step = read_step(in.pack);
    e.failure = read_failure(in.pack);
}
void fields(RecordReader& in, StepWaiting& e) {
    e.step = read_step(in.pack);
    e.kind = read_enum(in.pack, WaitKind::kChildRuns);
    e.name = read_text(in.pack);
    e.shown = read_digest(in.pack);
    e.what = in.payload(e.step, "what");
    e.due_ms = in.pack.signed_varint();
    e.expires_ms = in.pack.signed_varint();
}
void fields(RecordReader& in, WaitResolved& e) {
    e.step = read_step(in.pack);
    e.resolution = read_resolution(in, e.step);
}
void fields(RecordReader& in, GateDecided& e) {
    e.step = read_step(in.pack);
    e.round = read_u32(in.pack);
    e.shown = read_digest(in.pack);
    e.decision = read_enum(in.pack, Decision::kRevoke);
    e.by = read_principal(in.pack);
    e.role = read_text(in.pack);
    e.note = read_text(in.pack);
}
void fields(RecordReader& in, StepSkipped& e) {
    e.step = read_step(in.pack);
    e.mode = read_enum(in.pack, SkipMode::kSkip);
    e.by = read_principal(in.pack);
    e.reason = read_text(in.pack);
}
void fields(RecordReader& in, StepCancelled& e) {
    e.step = read_step(in.pack);
    e.reason = read_enum(in.pack, CancelReason::kJoined, 0);
}
void fields(RecordReader& in, StepInDoubt& e) {
    e.step = read_step(in.pack);
    e.reason = read_text(in.pack);
}
void fields(RecordReader& in, CancelAsked& e) {
    e.step = read_step(in.pack);
    e.fence = in.pack.varint();
    e.reason = read_enum(in.pack, CancelReason::kJoined, 0);
    e.force = in.pack.boolean();
    e.due_ms = in.pack.signed_varint();
}
void fields(RecordReader& in, StepSettled& e) {
    e.step = read_step(in.pack);
    e.succeeded = in.pack.boolean();
    e.by = read_principal(in.pack);
    e.note = read_text(in.pack);
}
void fields(RecordReader& in, StepRetried& e) {
    e.step = read_step(in.pack);
    e.by = read_principal(in.pack);
}
void fields(RecordReader& in, RedoAsked& e) {
    e.step = read_step(in.pack);
    e.why = read_text(in.pack);
    e.by = read_principal(in.pack);
    e.automatic = in.pack.boolean();
}
void fields(RecordReader& in, RoundOpened& e) {
    for (std::size_t n = in.pack.count(); n != 0 && in.ok(); --n) {
        e.steps.push_back(read_step(in.pack));
    }
    e.why = read_text(in.pack);
}
void fields(RecordReader& in, RunPaused& e) {
    e.by = read_principal(in.pack);
}
void fields(RecordReader& in, RunResumed& e) {
    e.by = read_principal(in.pack);
}
void fields(RecordReader& in, RunBlocked& e) {
    e.reason = read_text(in.pack);
}
void fields(RecordReader&, RunUnblocked&) {}
void fields(RecordReader& in, RunCancelAsked& e) {
    e.by = read_principal(in.pack);
    e.stop = in.pack.boolean();
    e.note = read_text(in.pack);
}
void fields(RecordReader& in, RunFinished& e) {
    e.status = read_enum(in.pack, RunStatus::kUnwound);
    e.reason = read_text(in.pack);
}
void fields(RecordReader& in, ApproveAllSet& e) {
    e.on = in.pack.boolean();
    e.by = read_principal(in.pack);
}
void fields(RecordReader& in, AttemptVoided& e) {
    e.step = read_step(in.pack);
    e.fence = in.pack.varint();
    e.why = read_text(in.pack);
}
void fields(RecordReader& in, ExecutorNotFound& e) {
    e.step = read_step(in.pack);
}

void fields(RecordReader& in, RunUndoAsked& e) {
    e.by = read_principal(in.pack);
    e.note = read_text(in.pack);
}
void fields(RecordReader&, UnwindBegan&) {}
void fields(RecordReader& in, UndoPassed& e) {
    e.step = read_step(in.pack);
}
void fields(RecordReader& in, UndoReady& e) {
    e.step = read_step(in.pack);
}
void fields(RecordReader& in, UndoStarted& e) {
    e.step = read_step(in.pack);
    e.attempt = read_u32(in.pack);
    e.fence = in.pack.varint();
    e.deadline_ms = in.pack.signed_varint();
}
void fields(RecordReader& in, UndoBackingOff& e) {
    e.step = read_step(in.pack);
    e.failure = read_failure(in.pack);
    e.due_ms = in.pack.signed_varint();
}
void fields(RecordReader& in, StepUndone& e) {
    e.step = read_step(in.pack);
}
void fields(RecordReader& in, UndoLeft& e) {
    e.step = read_step(in.pack);
    e.by = read_principal(in.pack);
    e.note = read_text(in.pack);
}

void fields(RecordReader& in, ChildrenAsked& e) {
    e.step = read_step(in.pack);
    e.join = read_join(in.pack);
    constexpr std::size_t kChildBytesMin = 38;
    for (std::size_t n = in.pack.count(kChildBytesMin); n != 0 && in.ok(); --n) {
        e.children.push_back(read_child(in, e.step));
    }
}
void fields(RecordReader& in, ChildrenStarted& e) {
    e.step = read_step(in.pack);
    e.count = read_u32(in.pack);
}
void fields(RecordReader& in, ChildEnded& e) {
    e.step = read_step(in.pack);
    e.child = read_u32(in.pack);
    e.status = read_enum(in.pack, RunStatus::kUnwound);
    e.reason = read_text(in.pack);
    e.output = in.payload(e.step, "child");
}
void fields(RecordReader& in, ChildrenCancelAsked& e) {
    e.step = read_step(in.pack);
    e.reason = read_enum(in.pack, CancelReason::kJoined, 0);
}
void fields(RecordReader& in, ChildOf& e) {
    e.parent = RunId(read_text(in.pack));
    e.parent_step = read_step(in.pack);
    e.round = read_u32(in.pack);
    e.child = read_u32(in.pack);
    e.depth = read_u32(in.pack);
}

template <std::size_t I>
EventBody read_alternative(RecordReader& in) {
    std::variant_alternative_t<I, EventBody> event;
    fields(in, event);
    return event;
}

using ReadFunction = EventBody (*)(RecordReader&);
template <std::size_t... I>
constexpr std::array<ReadFunction, sizeof...(I)> make_table(std::index_sequence<I...>) {
    return {&read_alternative<I>...};
}
constexpr auto kReaders = make_table(std::make_index_sequence<std::variant_size_v<EventBody>>());

}  // namespace

EventBody read_body(RecordReader& in, std::uint8_t number) {
    if (number == 0 || number > kReaders.size()) {
        in.pack.fail();
        return {};
    }
    return kReaders[number - 1](in);
}

Evidence read_evidence(RecordReader& in, StepIndex step) {
    Evidence evidence;
    evidence.kind = read_text(in.pack);
    evidence.data = in.payload(step, "evidence");
    return evidence;
}

Join read_join(PackReader& pack) {
    Join join;
    join.mode = read_enum(pack, JoinMode::kQuota);
    join.failures_max = read_u32(pack);
    join.at_once_max = read_u32(pack);
    return join;
}

ChildSpec read_child(RecordReader& in, StepIndex step) {
    ChildSpec child;
    child.key = read_text(in.pack);
    child.run = RunId(read_text(in.pack));
    child.workflow = read_digest(in.pack);
    child.input = in.payload(step, "child");
    child.labels = read_labels(in.pack);
    child.result = StepId(read_text(in.pack));
    return child;
}

Resolution read_resolution(RecordReader& in, StepIndex step) {
    Resolution resolution;
    resolution.kind = read_enum(in.pack, WaitKind::kChildRuns);
    resolution.name = read_text(in.pack);
    resolution.payload = in.payload(step, "resolution");
    resolution.decision = read_enum(in.pack, Decision::kRevoke);
    return resolution;
}

}  // namespace slipway::codec
