#include "engine/store/blob_marks.hpp"

#include <algorithm>
#include <cstring>

#include "engine/codec/event_codec.hpp"
#include "engine/codec/pack.hpp"
#include "engine/codec/run_codec.hpp"

namespace slipway::store {
namespace {

constexpr unsigned kPrefixBits = 20;
constexpr std::size_t kDigestBytes = 32;
constexpr std::size_t kHexDigits = 2 * kDigestBytes;

std::size_t prefix_of(const unsigned char* at) {
    return (static_cast<std::size_t>(at[0]) << 12U) | (static_cast<std::size_t>(at[1]) << 4U) |
           (static_cast<std::size_t>(at[2]) >> 4U);
}

int hex_value(char c) {
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

Digest digest_at(const unsigned char* at) {
    Digest digest;
    std::memcpy(digest.bytes.data(), at, kDigestBytes);
    return digest;
}

Digest digest_of_hex(const char* at) {
    Digest digest;
    for (std::size_t i = 0; i < kDigestBytes; ++i) {
        digest.bytes[i] = static_cast<std::uint8_t>((hex_value(at[2 * i]) << 4U) | hex_value(at[2 * i + 1]));
    }
    return digest;
}

Result<void> open_parts(std::string_view bytes, const std::vector<codec::SealedPart>& parts,
                        const Sealer* sealer, BlobMarks& marks) {
    for (const auto& part : parts) {
        if (sealer == nullptr) {
            return environment_error(ErrorCode::kKey, part.place + " is sealed, and there is no key");
        }
        codec::PackReader in(bytes.substr(part.at, part.size));
        SLIPWAY_TRY(const auto plain, sealer->open(in.blob(), part.place));
        marks.scan(plain);
    }
    return {};
}

}  // namespace

BlobMarks::BlobMarks(std::vector<Digest> candidates, const Sealer* sealer)
    : candidates_(std::move(candidates)),
      marked_(candidates_.size(), false),
      prefixes_(std::size_t{1} << kPrefixBits, false),
      sealer_(sealer) {
    for (const auto& digest : candidates_) {
        prefixes_[prefix_of(digest.bytes.data())] = true;
    }
}

bool BlobMarks::may_begin(const unsigned char* at) const {
    return prefixes_[prefix_of(at)];
}

void BlobMarks::mark(const Digest& digest) {
    const auto at = std::lower_bound(candidates_.begin(), candidates_.end(), digest);
    if (at == candidates_.end() || *at != digest) {
        return;
    }
    const auto index = static_cast<std::size_t>(at - candidates_.begin());
    if (!marked_[index]) {
        marked_[index] = true;
        fresh_.push_back(digest);
    }
}

void BlobMarks::scan(std::string_view bytes) {
    if (candidates_.empty() || bytes.size() < kDigestBytes) {
        return;
    }
    const auto* data = reinterpret_cast<const unsigned char*>(bytes.data());
    for (std::size_t i = 0; i + kDigestBytes <= bytes.size(); ++i) {
        if (may_begin(data + i)) {
            mark(digest_at(data + i));
        }
    }
    scan_hex(bytes);
}

void BlobMarks::scan_hex(std::string_view bytes) {
    std::size_t digits = 0;  // in a row, up to here
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        digits = hex_value(bytes[i]) >= 0 ? digits + 1 : 0;
        if (digits >= kHexDigits) {
            mark(digest_of_hex(bytes.data() + (i + 1 - kHexDigits)));
        }
    }
}

Result<void> BlobMarks::scan_slices(const RunId& run, std::string_view bytes) {
    scan(bytes);
    std::vector<codec::SealedPart> parts;
    SLIPWAY_CHECK(codec::decode_slice(run, bytes, {sealer_, nullptr, &parts}));
    return open_parts(bytes, parts, sealer_, *this);
}

Result<void> BlobMarks::scan_run(const RunId& run, std::string_view bytes) {
    scan(bytes);
    std::vector<codec::SealedPart> parts;
    SLIPWAY_CHECK(codec::decode_run(run, bytes, {sealer_, nullptr, &parts}));
    return open_parts(bytes, parts, sealer_, *this);
}

Result<void> BlobMarks::scan_blob(const Digest& digest, std::string_view stored) {
    scan(stored);
    codec::DecodeContext context;
    context.sealer = sealer_;
    SLIPWAY_TRY(const auto content, codec::open_blob(digest, stored, context));
    if (content.sensitive) {
        scan(content.bytes);
    }
    return {};
}

std::vector<Digest> BlobMarks::take_fresh() {
    return std::exchange(fresh_, {});
}

bool BlobMarks::knows(const Digest& digest) const {
    return std::binary_search(candidates_.begin(), candidates_.end(), digest);
}

std::vector<Digest> BlobMarks::unmarked(std::optional<Digest> after, std::size_t limit) const {
    std::vector<Digest> found;
    const auto begin =
        after ? std::upper_bound(candidates_.begin(), candidates_.end(), *after) : candidates_.begin();
    for (auto at = begin; at != candidates_.end() && found.size() < limit; ++at) {
        if (!marked_[static_cast<std::size_t>(at - candidates_.begin())]) {
            found.push_back(*at);
        }
    }
    return found;
}

Result<std::vector<Digest>> references_of_slices(const RunId& run, std::string_view bytes) {
    std::vector<codec::SealedPart> parts;
    std::vector<Digest> found;
    SLIPWAY_TRY(const auto events, codec::decode_slice(run, bytes, {nullptr, nullptr, &parts, &found}));
    for (const auto& event : events) {
        if (const auto* started = std::get_if<RunStarted>(&event.body)) {
            found.push_back(started->workflow);
        }
    }
    return found;
}

Result<std::vector<Digest>> references_of_run(const RunId& run, std::string_view bytes) {
    std::vector<codec::SealedPart> parts;
    std::vector<Digest> found;
    SLIPWAY_TRY(const auto state, codec::decode_run(run, bytes, {nullptr, nullptr, &parts, &found}));
    found.push_back(state.workflow);
    return found;
}

}  // namespace slipway::store
