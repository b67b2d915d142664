// Small values that several records share.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "engine/codec/payload.hpp"
#include "slipway/run.hpp"

namespace slipway::codec {

/// An enumerator counted from 1 (or `first`) to `last`; anything else fails the reader.
template <class E>
E read_enum(PackReader& pack, E last, std::uint8_t first = 1) {
    const std::uint8_t value = pack.u8();
    if (value < first || value > static_cast<std::uint8_t>(last)) {
        pack.fail();
        return static_cast<E>(first);
    }
    return static_cast<E>(value);
}
template <class E>
void write_enum(PackWriter& pack, E value) {
    pack.u8(static_cast<std::uint8_t>(value));
}

void write_labels(PackWriter& pack, const std::map<std::string, std::string>& labels);
std::map<std::string, std::string> read_labels(PackReader& pack);
void write_principal(PackWriter& pack, const Principal& who);
Principal read_principal(PackReader& pack);
void write_failure(PackWriter& pack, const StepFailure& failure);
StepFailure read_failure(PackReader& pack);
std::string read_text(PackReader& pack);
/// A run's "approve all", and behind it tenant and priority where one is set.
void write_share(PackWriter& pack, bool approve_all, const std::string& tenant, std::int32_t priority);
void read_share(PackReader& pack, bool& approve_all, std::string& tenant, std::int32_t& priority);
void write_claims(PackWriter& pack, const std::vector<Claim>& claims);
std::vector<Claim> read_claims(PackReader& pack);
/// A varint that fits 32 bits.
std::uint32_t read_u32(PackReader& pack);
/// A signed varint that does.
std::int32_t read_i32(PackReader& pack);
/// Indices, and kNoStep as 0.
void write_step(PackWriter& pack, StepIndex step);
StepIndex read_step(PackReader& pack);

}  // namespace slipway::codec
