// What every store refuses, in the same words.
#pragma once

#include <cstdint>

#include "slipway/store.hpp"

namespace slipway::store {

/// A range of ticks that an operator gave up: the journal goes on behind it.
struct Hole {
    std::uint64_t first = 0;
    std::uint64_t last = 0;
};

/// Where a partition stands, as its owner knows it.
struct PartitionHead {
    std::uint64_t epoch = 0;
    std::uint64_t last_tick = 0;
    std::uint64_t folded_through = 0;
    std::vector<Hole> holes;  ///< ascending, all behind folded_through
};

Result<void> check_commit(const Commit& commit, const PartitionHead& head);
Result<void> check_fold(const Fold& fold, const PartitionHead& head);

/// The tick that has to follow `tick` in the journal.
std::uint64_t next_tick(const PartitionHead& head, std::uint64_t tick);

/// Drops the holes that the fold has passed.
void forget_holes(PartitionHead& head);

Error not_opened(std::uint32_t partition);
Error no_partition(std::uint32_t partition);
Error closed_error();

}  // namespace slipway::store
