// Hex digits of key material.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace slipway::secrets {

std::string to_hex(const std::uint8_t* bytes, std::size_t size);
/// False unless `text` is exactly `size` bytes in lower-case hex.
bool from_hex(std::string_view text, std::uint8_t* bytes, std::size_t size);

}  // namespace slipway::secrets
