// Sealing anew what rests, after the key has changed: the sealed parts are exchanged, everything else stays
// byte by byte.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/codec/context.hpp"

namespace slipway::codec {

/// Each gives the bytes with all of it sealed by the current key; nullopt when they are so already. Errors:
/// kKey, naming the key that is missing; kCorrupt; kUnsupportedFormat.
Result<std::optional<std::string>> reseal_slices(const RunId& run, std::string_view bytes,
                                                 const Sealer& sealer);
Result<std::optional<std::string>> reseal_run(const RunId& run, std::string_view bytes, const Sealer& sealer);
Result<std::optional<std::string>> reseal_blob(const Digest& digest, std::string_view stored,
                                               const Sealer& sealer);

}  // namespace slipway::codec
