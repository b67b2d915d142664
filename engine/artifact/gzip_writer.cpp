#include "engine/artifact/crc32.hpp"
#include "engine/artifact/writers.hpp"

namespace slipway::artifact {
namespace {

constexpr std::size_t kBlockMax = 65'535;
// No name, no time, "unknown" as the system that wrote it.
constexpr std::string_view kHeader{"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff", 10};

void append_u16(std::string& out, std::uint32_t value) {
    out.push_back(static_cast<char>(value & 0xffU));
    out.push_back(static_cast<char>((value >> 8U) & 0xffU));
}

void append_u32(std::string& out, std::uint32_t value) {
    append_u16(out, value & 0xffffU);
    append_u16(out, value >> 16U);
}

}  // namespace

Result<void> GzipWriter::block(std::string_view bytes, bool last) {
    std::string head;
    if (!begun_) {
        head = kHeader;
        begun_ = true;
    }
    const auto length = static_cast<std::uint32_t>(bytes.size());
    head.push_back(last ? '\1' : '\0');
    append_u16(head, length);
    append_u16(head, ~length & 0xffffU);
    SLIPWAY_CHECK(sink_(head));
    return sink_(bytes);
}

Result<void> GzipWriter::add(std::string_view bytes) {
    crc_ = crc32(crc_, bytes);
    size_ += bytes.size();
    // Blocks are cut where the content says, never where the caller's pieces end.
    while (pending_.size() + bytes.size() > kBlockMax) {
        if (pending_.empty()) {
            SLIPWAY_CHECK(block(bytes.substr(0, kBlockMax), false));
            bytes.remove_prefix(kBlockMax);
            continue;
        }
        const auto taken = kBlockMax - pending_.size();
        pending_ += bytes.substr(0, taken);
        bytes.remove_prefix(taken);
        SLIPWAY_CHECK(block(pending_, false));
        pending_.clear();
    }
    pending_ += bytes;
    return {};
}

Result<void> GzipWriter::finish() {
    SLIPWAY_CHECK(block(pending_, true));
    std::string tail;
    append_u32(tail, crc_);
    append_u32(tail, static_cast<std::uint32_t>(size_ & 0xffffffffU));
    return sink_(tail);
}

}  // namespace slipway::artifact
