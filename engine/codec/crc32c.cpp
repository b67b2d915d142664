#include <array>
#include <cstring>

#include "engine/codec/pack.hpp"

#if defined(__x86_64__)
#include <nmmintrin.h>
#endif

namespace slipway::codec {
namespace {

constexpr std::uint32_t kPolynomial = 0x82f63b78U;  // reflected

constexpr std::array<std::uint32_t, 256> make_table() {
    std::array<std::uint32_t, 256> table{};
    for (std::uint32_t i = 0; i < 256; ++i) {
        std::uint32_t crc = i;
        for (int bit = 0; bit < 8; ++bit) {
            crc = (crc >> 1U) ^ ((crc & 1U) != 0 ? kPolynomial : 0U);
        }
        table[i] = crc;
    }
    return table;
}

constexpr auto kTable = make_table();

std::uint32_t crc_table(std::string_view data, std::uint32_t crc) {
    for (const char c : data) {
        crc = (crc >> 8U) ^ kTable[(crc ^ static_cast<unsigned char>(c)) & 0xffU];
    }
    return crc;
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) std::uint32_t crc_sse42(std::string_view data, std::uint32_t crc) {
    std::uint64_t wide = crc;
    while (data.size() >= 8) {
        std::uint64_t word = 0;
        std::memcpy(&word, data.data(), 8);
        wide = _mm_crc32_u64(wide, word);
        data.remove_prefix(8);
    }
    crc = static_cast<std::uint32_t>(wide);
    for (const char c : data) {
        crc = _mm_crc32_u8(crc, static_cast<unsigned char>(c));
    }
    return crc;
}
#endif

}  // namespace

std::uint32_t crc32c(std::string_view data, std::uint32_t seed) {
#if defined(__x86_64__)
    static const bool kHasSse42 = __builtin_cpu_supports("sse4.2") != 0;
    if (kHasSse42) {
        return ~crc_sse42(data, ~seed);
    }
#endif
    return ~crc_table(data, ~seed);
}

}  // namespace slipway::codec
