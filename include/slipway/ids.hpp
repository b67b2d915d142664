// Strong identifiers, digests and time as every other header uses them.
//
//   slipway::RunId run{"acme-provision-1"};
//   slipway::Digest d = slipway::sha256("bytes");   d.hex() == "…64 hex digits…"
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace slipway {

/// Milliseconds since the Unix epoch, UTC. Wall time: it may jump; the engine copes.
using TimeMs = std::int64_t;
/// A length of time in milliseconds. 0 means "none" wherever a field is optional.
using DurationMs = std::int64_t;

/// A name that cannot be mixed up with another kind of name.
template <class Tag>
class StrongId {
public:
    StrongId() = default;
    explicit StrongId(std::string value) : value_(std::move(value)) {}
    explicit StrongId(std::string_view value) : value_(value) {}
    explicit StrongId(const char* value) : value_(value) {}

    const std::string& str() const { return value_; }
    bool empty() const { return value_.empty(); }

    friend bool operator==(const StrongId&, const StrongId&) = default;
    friend auto operator<=>(const StrongId&, const StrongId&) = default;

private:
    std::string value_;
};

/// Chosen by the caller; 1-200 characters of [A-Za-z0-9._:/-]. Starting the same id twice is safe.
using RunId = StrongId<struct RunIdTag>;
/// Unique within a workflow; same characters.
using StepId = StrongId<struct StepIdTag>;

/// True when `text` may be used as a RunId or StepId.
bool is_valid_id(std::string_view text);

/// Dense index of a step in its workflow.
using StepIndex = std::uint32_t;
inline constexpr StepIndex kNoStep = 0xffffffffU;

/// Position of an event in a run's history: 1, 2, 3, … without a gap.
using EventSeq = std::uint64_t;

/// Fencing token of an attempt. Grows over all rounds of a step and never restarts; 0 means "no attempt yet".
using Fence = std::uint64_t;

/// A SHA-256 digest.
struct Digest {
    std::array<std::uint8_t, 32> bytes{};

    bool is_zero() const { return *this == Digest{}; }
    /// 64 lower-case hex digits.
    std::string hex() const;
    /// Reads what hex() wrote; a zero digest when `text` is anything else.
    static Digest from_hex(std::string_view text);

    friend bool operator==(const Digest&, const Digest&) = default;
    friend auto operator<=>(const Digest&, const Digest&) = default;
};

/// SHA-256 of `data`. Implemented in engine/codec.
Digest sha256(std::string_view data);

/// Bytes that the engine stores and hands on without looking inside. Lifecycle and steps use JSON text
/// (UTF-8).
struct Payload {
    std::string bytes;
    /// Encrypted wherever it rests, and never shown in history or logs.
    bool sensitive = false;

    friend bool operator==(const Payload&, const Payload&) = default;
};

}  // namespace slipway

template <class Tag>
struct std::hash<slipway::StrongId<Tag>> {
    std::size_t operator()(const slipway::StrongId<Tag>& id) const noexcept {
        return std::hash<std::string>{}(id.str());
    }
};
template <>
struct std::hash<slipway::Digest> {
    std::size_t operator()(const slipway::Digest& d) const noexcept {
        std::size_t h = 0;
        for (std::size_t i = 0; i < sizeof h; ++i) {
            h = (h << 8U) | d.bytes[i];
        }
        return h;
    }
};
