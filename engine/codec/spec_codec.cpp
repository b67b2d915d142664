// The canonical bytes of a workflow's specification.
#include "engine/codec/fields.hpp"
#include "engine/codec/workflow_codec.hpp"

namespace slipway::codec {
namespace {

constexpr std::uint8_t kSpecVersion = 1;
constexpr std::uint8_t kExtendedVersion = 2;
constexpr std::uint8_t kClaimsExtension = 1;

void write_retry(PackWriter& pack, const RetryPolicy& retry) {
    pack.varint(retry.attempts_max);
    pack.signed_varint(retry.initial_ms);
    pack.varint(retry.multiplier_percent);
    pack.signed_varint(retry.delay_max_ms);
    pack.varint(retry.jitter_percent);
    pack.varint(retry.retry_on.size());
    for (const FailureClass c : retry.retry_on) {
        write_enum(pack, c);
    }
}

RetryPolicy read_retry(PackReader& pack) {
    RetryPolicy retry;
    retry.attempts_max = read_u32(pack);
    retry.initial_ms = pack.signed_varint();
    retry.multiplier_percent = read_u32(pack);
    retry.delay_max_ms = pack.signed_varint();
    retry.jitter_percent = read_u32(pack);
    retry.retry_on.clear();
    for (std::size_t n = pack.count(); n != 0 && pack.ok(); --n) {
        retry.retry_on.push_back(read_enum(pack, FailureClass::kPolicy));
    }
    return retry;
}

void write_gate(PackWriter& pack, const GateSpec& gate) {
    write_enum(pack, gate.kind);
    pack.varint(gate.roles.size());
    for (const std::string& role : gate.roles) {
        pack.blob(role);
    }
    pack.signed_varint(gate.expires_after_ms);
    pack.boolean(gate.pass_when_unchanged);
}

GateSpec read_gate(PackReader& pack) {
    GateSpec gate;
    gate.kind = read_enum(pack, GateKind::kCallback);
    for (std::size_t n = pack.count(); n != 0 && pack.ok(); --n) {
        gate.roles.push_back(read_text(pack));
    }
    gate.expires_after_ms = pack.signed_varint();
    gate.pass_when_unchanged = pack.boolean();
    return gate;
}

void write_step_spec(PackWriter& pack, const StepSpec& step) {
    pack.blob(step.id.str());
    write_enum(pack, step.type);
    pack.blob(step.kind);
    pack.varint(step.kind_version);
    pack.blob(step.section);
    pack.varint(step.depends_on.size());
    for (const Dependency& d : step.depends_on) {
        pack.blob(d.step.str());
        write_enum(pack, d.kind);
    }
    pack.blob(step.input.bytes);
    pack.boolean(step.input.sensitive);
    write_retry(pack, step.retry);
    write_enum(pack, step.retry_mode);
    pack.signed_varint(step.attempt_timeout_ms);
    pack.signed_varint(step.step_timeout_ms);
    write_enum(pack, step.on_failure);
    pack.boolean(step.skippable);
    pack.boolean(step.has_undo);
    write_gate(pack, step.gate);
    pack.signed_varint(step.timer_delay_ms);
    pack.blob(step.title);
    pack.blob(step.why);
    write_labels(pack, step.labels);
}

StepSpec read_step_spec(PackReader& pack) {
    StepSpec step;
    step.id = StepId(read_text(pack));
    step.type = read_enum(pack, StepType::kTimer);
    step.kind = read_text(pack);
    step.kind_version = read_u32(pack);
    step.section = read_text(pack);
    for (std::size_t n = pack.count(2); n != 0 && pack.ok(); --n) {
        StepId id(read_text(pack));
        step.depends_on.push_back({std::move(id), read_enum(pack, DependencyKind::kOrder)});
    }
    step.input.bytes = read_text(pack);
    step.input.sensitive = pack.boolean();
    step.retry = read_retry(pack);
    step.retry_mode = read_enum(pack, RetryMode::kNewRound);
    step.attempt_timeout_ms = pack.signed_varint();
    step.step_timeout_ms = pack.signed_varint();
    step.on_failure = read_enum(pack, FailurePolicy::kUndo);
    step.skippable = pack.boolean();
    step.has_undo = pack.boolean();
    step.gate = read_gate(pack);
    step.timer_delay_ms = pack.signed_varint();
    step.title = read_text(pack);
    step.why = read_text(pack);
    step.labels = read_labels(pack);
    return step;
}

std::string claims_extension(const WorkflowSpec& spec) {
    std::string claims;
    PackWriter inner(claims);
    for (std::size_t i = 0; i < spec.steps.size(); ++i) {
        if (!spec.steps[i].claims.empty()) {
            inner.varint(i);
            write_claims(inner, spec.steps[i].claims);
        }
    }
    return claims;
}

void read_claims_extension(PackReader& pack, WorkflowSpec& spec) {
    PackReader inner(pack.blob());
    std::uint64_t from = 0;
    do {
        const std::uint64_t step = inner.varint();
        auto claims = read_claims(inner);
        if (!inner.ok() || step < from || step >= spec.steps.size() || claims.empty()) {
            pack.fail();
            return;
        }
        spec.steps[step].claims = std::move(claims);
        from = step + 1;
    } while (!inner.at_end());
}

void read_extensions(PackReader& pack, WorkflowSpec& spec) {
    std::uint8_t last = 0;
    const std::size_t count = pack.count(2);
    if (count == 0) {
        pack.fail();
    }
    for (std::size_t i = 0; i < count && pack.ok(); ++i) {
        const std::uint8_t number = pack.u8();
        if (number <= last || number != kClaimsExtension) {
            pack.fail();
            return;
        }
        last = number;
        read_claims_extension(pack, spec);
    }
}

}  // namespace

// What was added to version 1 stands behind the steps as version 2: count, then for each number u8 and
// length-prefixed bytes, in order of number. It is written only where it is used, so that a workflow without
// it keeps its digest.
std::string encode_spec(const WorkflowSpec& spec) {
    const std::string claims = claims_extension(spec);
    std::string out;
    PackWriter pack(out);
    pack.u8(claims.empty() ? kSpecVersion : kExtendedVersion);
    pack.blob(spec.name);
    pack.blob(spec.resolver);
    pack.signed_varint(spec.run_timeout_ms);
    pack.varint(spec.rounds_max);
    write_labels(pack, spec.labels);
    pack.varint(spec.steps.size());
    for (const StepSpec& step : spec.steps) {
        write_step_spec(pack, step);
    }
    if (!claims.empty()) {
        pack.varint(1);
        pack.u8(kClaimsExtension);
        pack.blob(claims);
    }
    return out;
}

Result<WorkflowSpec> decode_spec(std::string_view bytes) {
    constexpr std::size_t kStepBytesMin = 30;
    PackReader pack(bytes);
    const std::uint8_t version = pack.u8();
    if (pack.ok() && version > kExtendedVersion) {
        return environment_error(
            ErrorCode::kUnsupportedFormat,
            "workflow: format version " + std::to_string(version) + " is newer than this program");
    }
    WorkflowSpec spec;
    spec.name = read_text(pack);
    spec.resolver = read_text(pack);
    spec.run_timeout_ms = pack.signed_varint();
    spec.rounds_max = read_u32(pack);
    spec.labels = read_labels(pack);
    const std::size_t count = pack.count(kStepBytesMin);
    for (std::size_t i = 0; i < count && pack.ok(); ++i) {
        spec.steps.push_back(read_step_spec(pack));
    }
    if (version == kExtendedVersion) {
        read_extensions(pack, spec);
    }
    if (!pack.at_end() || version == 0) {
        return environment_error(ErrorCode::kCorrupt,
                                 "workflow: the bytes do not decode at " + std::to_string(pack.position()));
    }
    return spec;
}

}  // namespace slipway::codec
