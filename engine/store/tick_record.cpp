#include "engine/store/tick_record.hpp"

#include <algorithm>

#include "engine/codec/pack.hpp"

namespace slipway::store {
namespace {

constexpr std::uint32_t kMagic = 0x4b545753U;  // "SWTK"
constexpr std::uint16_t kVersion = 1;
constexpr std::size_t kHeaderBytes = 40;
constexpr std::size_t kEntryBytes = 1 + 4 + 4;  // and the run's id

/// Header and directory; the views point into the record.
struct Head {
    std::string_view directory;
    std::string_view admission;
    std::string_view slices;
    std::uint32_t run_count = 0;
};

std::size_t directory_size(const Commit& commit) {
    std::size_t size = 0;
    for (const auto& slice : commit.runs) {
        size += kEntryBytes + slice.run.str().size();
    }
    return size;
}

char* put_u32(char* at, std::uint32_t value) {
    for (unsigned shift = 0; shift < 32; shift += 8) {
        *at++ = static_cast<char>(value >> shift);
    }
    return at;
}

/// Straight into place: with thousands of runs in a tick, growing the string field by field shows.
char* put_entry(char* at, const RunSlice& slice) {
    const std::string& run = slice.run.str();
    *at++ = static_cast<char>(run.size());
    at = std::copy(run.begin(), run.end(), at);
    at = put_u32(at, static_cast<std::uint32_t>(slice.bytes.size()));
    return put_u32(at, codec::crc32c(slice.bytes));
}

Error damaged(std::uint64_t tick, const char* what) {
    return environment_error(ErrorCode::kCorrupt, "journal tick " + std::to_string(tick) + ": " + what,
                             "slipway store repair shows what would be lost");
}

Result<Head> read_head(std::string_view bytes, std::uint64_t expected_tick) {
    codec::PackReader in(bytes);
    const std::uint32_t magic = in.u32();
    const std::uint16_t version = in.u16();
    const std::uint16_t reserved = in.u16();
    const std::uint64_t tick = in.u64();
    in.u64();  // epoch: for people who look into a damaged store
    Head head;
    head.run_count = in.u32();
    const std::uint32_t directory_bytes = in.u32();
    const std::uint32_t admission_bytes = in.u32();
    const std::uint32_t admission_crc = in.u32();
    head.directory = in.raw(directory_bytes);
    const std::uint32_t head_crc = in.u32();
    if (!in.ok() || magic != kMagic || version != kVersion || reserved != 0) {
        return damaged(expected_tick, "the record has no valid header");
    }
    if (codec::crc32c(bytes.substr(0, kHeaderBytes + directory_bytes)) != head_crc) {
        return damaged(expected_tick, "the directory does not match its checksum");
    }
    if (tick != expected_tick) {
        return damaged(expected_tick, "the record is that of another tick");
    }
    head.admission = in.raw(admission_bytes);
    if (!in.ok() || codec::crc32c(head.admission) != admission_crc) {
        return damaged(expected_tick, "the admission slice does not match its checksum");
    }
    head.slices = bytes.substr(in.position());
    return head;
}

}  // namespace

std::size_t encoded_tick_size(const Commit& commit) {
    std::size_t size = kHeaderBytes + directory_size(commit) + 4 + commit.admission.size();
    for (const auto& slice : commit.runs) {
        size += slice.bytes.size();
    }
    return size;
}

void encode_tick(const Commit& commit, std::string& out) {
    const std::size_t begin = out.size();
    const std::size_t directory_bytes = directory_size(commit);
    codec::PackWriter w(out);
    w.u32(kMagic);
    w.u16(kVersion);
    w.u16(0);
    w.u64(commit.expected_tick + 1);
    w.u64(commit.epoch);
    w.u32(static_cast<std::uint32_t>(commit.runs.size()));
    w.u32(static_cast<std::uint32_t>(directory_bytes));
    w.u32(static_cast<std::uint32_t>(commit.admission.size()));
    w.u32(codec::crc32c(commit.admission));
    out.resize(begin + kHeaderBytes + directory_bytes);
    char* at = out.data() + begin + kHeaderBytes;
    for (const auto& slice : commit.runs) {
        at = put_entry(at, slice);
    }
    w.u32(codec::crc32c(std::string_view(out).substr(begin)));
    w.raw(commit.admission);
    for (const auto& slice : commit.runs) {
        w.raw(slice.bytes);
    }
}

Result<TickRecord> decode_tick(std::string_view bytes, std::uint64_t expected_tick) {
    SLIPWAY_TRY(const Head head, read_head(bytes, expected_tick));
    TickRecord record;
    record.tick = expected_tick;
    record.admission = std::string(head.admission);
    record.runs.reserve(head.directory.size() / kEntryBytes);
    codec::PackReader directory(head.directory);
    codec::PackReader slices(head.slices);
    for (std::uint32_t i = 0; i < head.run_count && directory.ok(); ++i) {
        RunId run{directory.raw(directory.u8())};
        const std::uint32_t length = directory.u32();
        const std::uint32_t crc = directory.u32();
        const std::string_view slice = slices.raw(length);
        if (!directory.ok() || !is_valid_id(run.str())) {
            directory.fail();
        } else if (!slices.ok() || codec::crc32c(slice) != crc) {
            record.bad_runs.push_back(std::move(run));
        } else {
            record.runs.push_back({std::move(run), std::string(slice)});
        }
    }
    if (!directory.at_end()) {
        return damaged(expected_tick, "the directory does not decode");
    }
    if (slices.ok() && !slices.at_end()) {
        return damaged(expected_tick, "the record is longer than its directory says");
    }
    return record;
}

Result<void> check_tick(std::string_view bytes, std::uint64_t expected_tick) {
    if (auto head = read_head(bytes, expected_tick); !head) {
        return std::move(head).error();
    }
    return {};
}

}  // namespace slipway::store
