// CRC-32 as gzip and zip want it.
#pragma once

#include <cstdint>
#include <string_view>

namespace slipway::artifact {

/// Of `bytes` behind what gave `before` (0 at the beginning).
std::uint32_t crc32(std::uint32_t before, std::string_view bytes);

}  // namespace slipway::artifact
