#include "engine/codec/fields.hpp"
#include "engine/codec/run_codec.hpp"

namespace slipway::codec {
namespace {

constexpr std::uint8_t kSummaryVersion = 2;  // 1: of a run without a parent

}  // namespace

std::string encode_summary(const RunSummary& summary) {
    std::string bytes;
    PackWriter pack(bytes);
    pack.u8(summary.parent.empty() ? 1 : kSummaryVersion);
    pack.blob(summary.run.str());
    pack.blob(summary.workflow);
    write_digest(pack, summary.workflow_digest);
    write_enum(pack, summary.status);
    pack.blob(summary.reason);
    write_labels(pack, summary.labels);
    pack.signed_varint(summary.started_ms);
    pack.signed_varint(summary.finished_ms);
    pack.varint(summary.steps_total);
    pack.varint(summary.steps_done);
    pack.varint(summary.gates_open);
    pack.boolean(summary.quarantined);
    if (!summary.parent.empty()) {
        pack.blob(summary.parent.str());
    }
    return bytes;
}

Result<RunSummary> decode_summary(std::string_view bytes) {
    PackReader pack(bytes);
    const std::uint8_t version = pack.u8();
    if (pack.ok() && version > kSummaryVersion) {
        return environment_error(
            ErrorCode::kUnsupportedFormat,
            "index entry: format version " + std::to_string(version) + " is newer than this program");
    }
    RunSummary summary;
    summary.run = RunId(read_text(pack));
    summary.workflow = read_text(pack);
    summary.workflow_digest = read_digest(pack);
    summary.status = read_enum(pack, RunStatus::kUnwound);
    summary.reason = read_text(pack);
    summary.labels = read_labels(pack);
    summary.started_ms = pack.signed_varint();
    summary.finished_ms = pack.signed_varint();
    summary.steps_total = read_u32(pack);
    summary.steps_done = read_u32(pack);
    summary.gates_open = read_u32(pack);
    summary.quarantined = pack.boolean();
    if (version > 1) {
        summary.parent = RunId(read_text(pack));
        if (summary.parent.empty()) {
            pack.fail();
        }
    }
    if (!pack.at_end() || version == 0) {
        return environment_error(ErrorCode::kCorrupt, "index entry: the bytes do not decode at " +
                                                          std::to_string(pack.position()));
    }
    return summary;
}

}  // namespace slipway::codec
