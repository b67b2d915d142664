// Checkpoints of runs. Counters are stored too: a decoded state is used as it stands.
#include "engine/codec/run_codec.hpp"

#include "engine/codec/run_extras.hpp"

namespace slipway::codec {
namespace {

constexpr std::uint8_t kRunVersion = 2;  // 1: nothing stands behind the steps

void write_cancel(PackWriter& pack, const core::CancelState& cancel) {
    write_enum(pack, cancel.reason);
    pack.boolean(cancel.forced);
    pack.signed_varint(cancel.due_ms);
}

core::CancelState read_cancel(PackReader& pack) {
    core::CancelState cancel;
    cancel.reason = read_enum(pack, CancelReason::kJoined, 0);
    cancel.forced = pack.boolean();
    cancel.due_ms = pack.signed_varint();
    return cancel;
}

void write_wait(RecordWriter& out, const core::StepState& s, StepIndex step) {
    out.pack.boolean(s.decided.has_value());
    write_enum(out.pack, s.decided.value_or(Decision::kApprove));
    write_enum(out.pack, s.wait_kind);
    out.pack.blob(s.wait_name);
    write_digest(out.pack, s.shown);
    out.payload(s.what, step, "what");
    out.pack.varint(s.evidence.size());
    for (const Evidence& evidence : s.evidence) {
        write_evidence(out, evidence, step);
    }
    out.pack.varint(s.resolutions.size());
    for (const Resolution& resolution : s.resolutions) {
        write_resolution(out, resolution, step);
    }
}

void read_wait(RecordReader& in, core::StepState& s, StepIndex step) {
    const bool decided = in.pack.boolean();
    const Decision decision = read_enum(in.pack, Decision::kRevoke);
    if (decided) {
        s.decided = decision;
    }
    s.wait_kind = read_enum(in.pack, WaitKind::kChildRuns);
    s.wait_name = read_text(in.pack);
    s.shown = read_digest(in.pack);
    s.what = in.payload(step, "what");
    for (std::size_t n = in.pack.count(3); n != 0 && in.ok(); --n) {
        s.evidence.push_back(read_evidence(in, step));
    }
    for (std::size_t n = in.pack.count(4); n != 0 && in.ok(); --n) {
        s.resolutions.push_back(read_resolution(in, step));
    }
}

/// Most steps of a parked run have not begun: one byte says so.
bool is_untouched(const core::StepState& s) {
    return s.status == StepStatus::kPending && s.round == 1 && s.fence == 0 && !s.held;
}

void write_step_state(RecordWriter& out, const core::StepState& s, StepIndex step) {
    write_enum(out.pack, s.status);
    out.pack.boolean(is_untouched(s));
    out.pack.varint(s.unmet);
    out.pack.signed_varint(s.since_ms);
    if (is_untouched(s)) {
        return;
    }
    out.pack.varint(s.round);
    out.pack.varint(s.attempt);
    out.pack.varint(s.failures);
    out.pack.varint(s.fence);
    out.pack.signed_varint(s.due_ms);
    out.pack.signed_varint(s.expires_ms);
    out.pack.signed_varint(s.attempt_deadline_ms);
    out.pack.signed_varint(s.step_deadline_ms);
    write_cancel(out.pack, s.cancel);
    out.payload(s.input, step, "input");
    out.payload(s.output, step, "output");
    write_failure(out.pack, s.failure);
    out.pack.blob(s.doubt);
    out.pack.boolean(s.held);
    out.pack.boolean(s.missing);
    write_enum(out.pack, s.skip_mode);
    write_wait(out, s, step);
}

core::StepState read_step_state(RecordReader& in, StepIndex step) {
    core::StepState s;
    s.status = read_enum(in.pack, StepStatus::kUndone);
    const bool untouched = in.pack.boolean();
    s.unmet = read_u32(in.pack);
    s.since_ms = in.pack.signed_varint();
    if (untouched) {
        if (s.status != StepStatus::kPending) {
            in.pack.fail();
        }
        return s;
    }
    s.round = read_u32(in.pack);
    s.attempt = read_u32(in.pack);
    s.failures = read_u32(in.pack);
    s.fence = in.pack.varint();
    s.due_ms = in.pack.signed_varint();
    s.expires_ms = in.pack.signed_varint();
    s.attempt_deadline_ms = in.pack.signed_varint();
    s.step_deadline_ms = in.pack.signed_varint();
    s.cancel = read_cancel(in.pack);
    s.input = in.payload(step, "input");
    s.output = in.payload(step, "output");
    s.failure = read_failure(in.pack);
    s.doubt = read_text(in.pack);
    s.held = in.pack.boolean();
    s.missing = in.pack.boolean();
    s.skip_mode = read_enum(in.pack, SkipMode::kSkip);
    read_wait(in, s, step);
    return s;
}

void write_head(RecordWriter& out, const core::RunState& s) {
    PackWriter& pack = out.pack;
    pack.blob(s.run.str());
    write_digest(pack, s.workflow);
    out.payload(s.input, kNoStep, "input");
    write_labels(pack, s.labels);
    write_principal(pack, s.started_by);
    pack.blob(s.successor_of.str());
    pack.varint(s.seq);
    write_enum(pack, s.status);
    pack.blob(s.reason);
    pack.boolean(s.paused);
    write_share(pack, s.approve_all, s.tenant, s.priority);
    write_principal(pack, s.approve_all_by);
    pack.boolean(s.cancel_asked);
    pack.boolean(s.stop_asked);
    write_principal(pack, s.cancel_by);
    pack.blob(s.cancel_note);
    pack.signed_varint(s.started_ms);
    pack.signed_varint(s.finished_ms);
    pack.signed_varint(s.since_ms);
    pack.signed_varint(s.deadline_ms);
    write_step(pack, s.redo_root);
    pack.blob(s.redo_why);
    pack.boolean(s.redo_automatic);
}

void read_head(RecordReader& in, core::RunState& s) {
    PackReader& pack = in.pack;
    s.run = RunId(read_text(pack));
    s.workflow = read_digest(pack);
    s.input = in.payload(kNoStep, "input");
    s.labels = read_labels(pack);
    s.started_by = read_principal(pack);
    s.successor_of = RunId(read_text(pack));
    s.seq = pack.varint();
    s.status = read_enum(pack, RunStatus::kUnwound);
    s.reason = read_text(pack);
    s.paused = pack.boolean();
    read_share(pack, s.approve_all, s.tenant, s.priority);
    s.approve_all_by = read_principal(pack);
    s.cancel_asked = pack.boolean();
    s.stop_asked = pack.boolean();
    s.cancel_by = read_principal(pack);
    s.cancel_note = read_text(pack);
    s.started_ms = pack.signed_varint();
    s.finished_ms = pack.signed_varint();
    s.since_ms = pack.signed_varint();
    s.deadline_ms = pack.signed_varint();
    s.redo_root = read_step(pack);
    s.redo_why = read_text(pack);
    s.redo_automatic = pack.boolean();
}

void write_counters(PackWriter& pack, const core::RunState& s) {
    for (const std::uint32_t count : s.counts) {
        pack.varint(count);
    }
    for (const std::uint32_t count : {s.blocking, s.missing, s.redo_live, s.redo_doubts, s.gates_open}) {
        pack.varint(count);
    }
    pack.varint(s.auto_rounds.size());
    for (const std::uint32_t rounds : s.auto_rounds) {
        pack.varint(rounds);
    }
}

void read_counters(PackReader& pack, core::RunState& s) {
    for (std::uint32_t& count : s.counts) {
        count = read_u32(pack);
    }
    for (std::uint32_t* count : {&s.blocking, &s.missing, &s.redo_live, &s.redo_doubts, &s.gates_open}) {
        *count = read_u32(pack);
    }
    for (std::size_t n = pack.count(); n != 0 && pack.ok(); --n) {
        s.auto_rounds.push_back(read_u32(pack));
    }
}

}  // namespace

Result<std::string> encode_run(const core::RunState& state, const EncodeContext& context) {
    std::string bytes;
    RecordWriter out(bytes, state.run, context);
    const bool plain = !has_extras(state);
    out.pack.u8(plain ? 1 : kRunVersion);
    write_head(out, state);
    write_counters(out.pack, state);
    out.pack.varint(state.steps.size());
    for (StepIndex i = 0; i < state.steps.size(); ++i) {
        write_step_state(out, state.steps[i], i);
    }
    if (!plain) {
        write_extras(out, state);
    }
    if (out.error()) {
        return *out.error();
    }
    return bytes;
}

Result<core::RunState> decode_run(const RunId& run, std::string_view bytes, const DecodeContext& context) {
    constexpr std::size_t kStepBytesMin = 4;
    const std::string place = "run \"" + run.str() + "\": checkpoint";
    RecordReader in(bytes, run, context);
    const std::uint8_t version = in.pack.u8();
    if (in.ok() && version > kRunVersion) {
        return environment_error(
            ErrorCode::kUnsupportedFormat,
            place + ": format version " + std::to_string(version) + " is newer than this program");
    }
    core::RunState state;
    read_head(in, state);
    read_counters(in.pack, state);
    const std::size_t count = in.pack.count(kStepBytesMin);
    for (std::size_t i = 0; i < count && in.ok(); ++i) {
        state.steps.push_back(read_step_state(in, static_cast<StepIndex>(i)));
    }
    if (version > 1) {
        read_extras(in, state);
    }
    if (!in.ok() || !in.pack.at_end() || version == 0) {
        return in.failure(place);
    }
    if (state.run != run) {
        return environment_error(ErrorCode::kCorrupt,
                                 place + ": it is that of run \"" + state.run.str() + "\"");
    }
    return state;
}

}  // namespace slipway::codec
