// Events <-> the bytes of a run's slice of a tick (and of a history block: slices one after the other).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/codec/context.hpp"
#include "slipway/event.hpp"

namespace slipway::codec {

/// Events in order, seq growing by one. kKey: something is sensitive and there is no sealer.
Result<std::string> encode_slice(const RunId& run, const std::vector<Event>& events,
                                 const EncodeContext& context);
/// Reads one slice, or several that stand one after the other. kCorrupt or kUnsupportedFormat, naming run and
/// byte; kKey.
Result<std::vector<Event>> decode_slice(const RunId& run, std::string_view bytes,
                                        const DecodeContext& context);

}  // namespace slipway::codec
