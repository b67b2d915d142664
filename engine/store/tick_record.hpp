// One tick of the engine as one journal record: header, directory, admission slice, slices of the runs.
// Layout: FORMAT.md.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "slipway/store.hpp"

namespace slipway::store {

/// The largest record: a commit beyond it is refused (kLimit).
inline constexpr std::size_t kTickBytesMax = 512U << 20U;

/// Appends the record of tick `commit.expected_tick + 1`.
void encode_tick(const Commit& commit, std::string& out);

/// How many bytes encode_tick will append.
std::size_t encoded_tick_size(const Commit& commit);

/// kCorrupt, naming the tick, when header, directory or admission slice are damaged or the record is another
/// tick's. A slice that fails its checksum, or that the record is too short for, puts its run into `bad_runs`
/// and leaves the others.
Result<TickRecord> decode_tick(std::string_view bytes, std::uint64_t expected_tick);

/// As decode_tick, without looking at the slices: what an open checks.
Result<void> check_tick(std::string_view bytes, std::uint64_t expected_tick);

}  // namespace slipway::store
