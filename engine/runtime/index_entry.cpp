#include "engine/runtime/index_entry.hpp"

#include "engine/codec/pack.hpp"
#include "engine/codec/run_codec.hpp"

namespace slipway::runtime {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::uint8_t kParked = 1;
constexpr std::uint8_t kStuck = 2;

}  // namespace

std::string encode_index(const IndexEntry& entry) {
    std::string bytes;
    codec::PackWriter out(bytes);
    out.u8(kVersion);
    out.u8(static_cast<std::uint8_t>((entry.parked ? kParked : 0U) | (entry.stuck ? kStuck : 0U)));
    out.signed_varint(entry.wake_ms);
    out.blob(codec::encode_summary(entry.summary));
    return bytes;
}

Result<IndexEntry> decode_index(std::string_view bytes) {
    codec::PackReader in(bytes);
    if (in.u8() != kVersion && in.ok()) {
        return environment_error(ErrorCode::kUnsupportedFormat, "an index entry of a newer version");
    }
    IndexEntry entry;
    const auto flags = in.u8();
    entry.parked = (flags & kParked) != 0;
    entry.stuck = (flags & kStuck) != 0;
    entry.wake_ms = in.signed_varint();
    const auto summary = in.blob();
    if (!in.at_end() || flags > (kParked | kStuck)) {
        return environment_error(ErrorCode::kCorrupt, "an index entry does not decode");
    }
    SLIPWAY_TRY(entry.summary, codec::decode_summary(summary));
    return entry;
}

}  // namespace slipway::runtime
