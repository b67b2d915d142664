#include "engine/codec/workflow_codec.hpp"

#include <algorithm>

#include "engine/codec/pack.hpp"
#include "engine/core/workflow_body.hpp"

namespace slipway {

Result<Workflow> Workflow::build(WorkflowSpec spec, const WorkflowLimits& limits) {
    SLIPWAY_TRY(auto body, core::make_body(std::move(spec), limits));
    body->digest = sha256(codec::encode_spec(body->spec));
    return Workflow(std::shared_ptr<const Body>(std::move(body)));
}

namespace codec {

Result<Blob> encode_workflow(const Workflow& workflow, const EncodeContext& context) {
    const auto& steps = workflow.spec().steps;
    const bool sensitive =
        std::any_of(steps.begin(), steps.end(), [](const StepSpec& s) { return s.input.sensitive; });
    return make_blob(Payload{encode_spec(workflow.spec()), sensitive}, context);
}

Result<Workflow> decode_workflow(const Digest& digest, std::string_view stored,
                                 const DecodeContext& context) {
    SLIPWAY_TRY(const Payload content, open_blob(digest, stored, context));
    SLIPWAY_TRY(WorkflowSpec spec, decode_spec(content.bytes));
    constexpr auto kAny = static_cast<std::size_t>(-1);
    auto built = Workflow::build(std::move(spec),
                                 WorkflowLimits{kAny, kAny, kAny, 0xffffffffU});  // checked when it was made
    if (!built) {
        return environment_error(ErrorCode::kCorrupt,
                                 "workflow " + digest.hex() + ": " + built.error().message);
    }
    if (built->digest() != digest) {
        return environment_error(ErrorCode::kCorrupt,
                                 "workflow " + digest.hex() + ": its bytes are not the canonical ones");
    }
    return built;
}

std::string idempotency_key(const RunId& run, const StepId& step, std::uint32_t round, bool undo) {
    std::string text;
    PackWriter pack(text);
    pack.blob(undo ? "slipway.idempotency.undo.1" : "slipway.idempotency.1");
    pack.blob(run.str());
    pack.blob(step.str());
    pack.u32(round);
    return sha256(text).hex();
}

}  // namespace codec
}  // namespace slipway
