// Zip with stored entries. Without the 64-bit extension, which not every reader of module packages knows.
#include "engine/artifact/writers.hpp"

namespace slipway::artifact {
namespace {

constexpr std::uint64_t k32Bits = 0xffffffffU;
constexpr std::uint64_t kEntriesMax = 65'535;
constexpr std::uint32_t kUtf8 = 1U << 11U;
constexpr std::uint32_t kVersionNeeded = 20;
constexpr std::uint32_t kMadeByUnix = (3U << 8U) | kVersionNeeded;
constexpr std::uint32_t kDate = (0U << 9U) | (1U << 5U) | 1U;  // 1980-01-01, at 00:00
constexpr std::uint32_t kRegularFile = 0100000;

void u16(std::string& out, std::uint64_t value) {
    out.push_back(static_cast<char>(value & 0xffU));
    out.push_back(static_cast<char>((value >> 8U) & 0xffU));
}

void u32(std::string& out, std::uint64_t value) {
    u16(out, value & 0xffffU);
    u16(out, (value >> 16U) & 0xffffU);
}

/// From "version needed" to "length of the extra field": the same in both headers.
void common(std::string& out, const EntryHead& head, std::uint32_t checksum) {
    u16(out, kVersionNeeded);
    u16(out, kUtf8);
    u16(out, 0);  // stored
    u16(out, 0);
    u16(out, kDate);
    u32(out, checksum);
    u32(out, head.size);
    u32(out, head.size);
    u16(out, head.path.size());
    u16(out, 0);
}

}  // namespace

Result<void> ZipWriter::put(std::string_view bytes) {
    sha_.add(bytes);
    written_ += bytes.size();
    return sink_(bytes);
}

Result<void> ZipWriter::begin(const EntryHead& head, std::uint32_t checksum) {
    if (head.size > k32Bits || written_ > k32Bits || count_ + 1 > kEntriesMax) {
        return usage_error(ErrorCode::kLimit,
                           "a module package holds at most 4 GiB and 65535 files: '" + head.path + "'");
    }
    std::string local;
    u32(local, 0x04034b50U);
    common(local, head, checksum);
    local += head.path;

    u32(directory_, 0x02014b50U);
    u16(directory_, kMadeByUnix);
    common(directory_, head, checksum);
    u16(directory_, 0);  // comment
    u16(directory_, 0);  // disk
    u16(directory_, 0);  // internal attributes
    u32(directory_, std::uint64_t{kRegularFile | (head.program ? 0755U : 0644U)} << 16U);
    u32(directory_, written_);
    directory_ += head.path;
    ++count_;
    return put(local);
}

Result<void> ZipWriter::content(std::string_view bytes) {
    return put(bytes);
}

Result<Digest> ZipWriter::finish() {
    const auto from = written_;
    if (from + directory_.size() > k32Bits) {
        return usage_error(ErrorCode::kLimit, "a module package holds at most 4 GiB");
    }
    SLIPWAY_CHECK(put(directory_));
    std::string end;
    u32(end, 0x06054b50U);
    u16(end, 0);
    u16(end, 0);
    u16(end, count_);
    u16(end, count_);
    u32(end, directory_.size());
    u32(end, from);
    u16(end, 0);
    SLIPWAY_CHECK(put(end));
    return sha_.finish();
}

}  // namespace slipway::artifact
