#include "engine/artifact/crc32.hpp"

#include <array>
#include <bit>
#include <cstring>

namespace slipway::artifact {
namespace {

constexpr std::size_t kLanes = 8;
using Tables = std::array<std::array<std::uint32_t, 256>, kLanes>;

constexpr Tables make_tables() {
    Tables tables{};
    for (std::uint32_t i = 0; i < 256; ++i) {
        std::uint32_t value = i;
        for (int bit = 0; bit < 8; ++bit) {
            value = (value & 1U) != 0 ? (value >> 1U) ^ 0xedb88320U : value >> 1U;
        }
        tables[0][i] = value;
    }
    for (std::size_t lane = 1; lane < kLanes; ++lane) {
        for (std::size_t i = 0; i < 256; ++i) {
            const std::uint32_t before = tables[lane - 1][i];
            tables[lane][i] = (before >> 8U) ^ tables[0][before & 0xffU];
        }
    }
    return tables;
}

constexpr Tables kTables = make_tables();

// Eight bytes at once: an archive is hashed and summed, and the sum should not be what it waits for.
static_assert(std::endian::native == std::endian::little);

}  // namespace

std::uint32_t crc32(std::uint32_t before, std::string_view bytes) {
    std::uint32_t crc = ~before;
    const char* at = bytes.data();
    std::size_t left = bytes.size();
    while (left >= kLanes) {
        std::uint64_t word = 0;
        std::memcpy(&word, at, sizeof word);
        word ^= crc;
        crc = kTables[7][word & 0xffU] ^ kTables[6][(word >> 8U) & 0xffU] ^
              kTables[5][(word >> 16U) & 0xffU] ^ kTables[4][(word >> 24U) & 0xffU] ^
              kTables[3][(word >> 32U) & 0xffU] ^ kTables[2][(word >> 40U) & 0xffU] ^
              kTables[1][(word >> 48U) & 0xffU] ^ kTables[0][word >> 56U];
        at += kLanes;
        left -= kLanes;
    }
    for (; left > 0; --left, ++at) {
        crc = (crc >> 8U) ^ kTables[0][(crc ^ static_cast<unsigned char>(*at)) & 0xffU];
    }
    return ~crc;
}

}  // namespace slipway::artifact
