// Checkpoints: a run's state, and its index entry for `list`.
#pragma once

#include <string>
#include <string_view>

#include "engine/codec/context.hpp"
#include "engine/core/state.hpp"

namespace slipway::codec {

Result<std::string> encode_run(const core::RunState& state, const EncodeContext& context);
/// `run` is who the checkpoint should be of. kCorrupt, kUnsupportedFormat, kKey.
Result<core::RunState> decode_run(const RunId& run, std::string_view bytes, const DecodeContext& context);

std::string encode_summary(const RunSummary& summary);
Result<RunSummary> decode_summary(std::string_view bytes);

}  // namespace slipway::codec
