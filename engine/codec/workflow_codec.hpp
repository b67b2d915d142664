// Workflows <-> bytes. The canonical bytes are what the digest covers.
#pragma once

#include <string>
#include <string_view>

#include "engine/codec/context.hpp"
#include "slipway/workflow.hpp"

namespace slipway::codec {

/// Equal specifications give equal bytes.
std::string encode_spec(const WorkflowSpec& spec);
Result<WorkflowSpec> decode_spec(std::string_view bytes);

/// A workflow as the store keeps it, under its digest; sealed as a whole when a step's input is sensitive.
Result<Blob> encode_workflow(const Workflow& workflow, const EncodeContext& context);
/// Builds it again and checks that it has the digest. kCorrupt, kUnsupportedFormat, kKey.
Result<Workflow> decode_workflow(const Digest& digest, std::string_view stored, const DecodeContext& context);

/// H(run, step, round) in hex: the same for all attempts of a round, another for every other.
std::string idempotency_key(const RunId& run, const StepId& step, std::uint32_t round, bool undo = false);

}  // namespace slipway::codec
