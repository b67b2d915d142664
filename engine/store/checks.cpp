#include "engine/store/checks.hpp"

#include <algorithm>

#include "engine/store/tick_record.hpp"

namespace slipway::store {
namespace {

Result<void> check_id(const RunId& run) {
    if (!is_valid_id(run.str())) {
        return usage_error(ErrorCode::kInvalidArgument, "not a valid run id: '" + run.str() + "'");
    }
    return {};
}

Result<void> check_epoch(std::uint32_t partition, std::uint64_t epoch, std::uint64_t owner) {
    if (epoch != owner) {
        return usage_error(ErrorCode::kConflict,
                           "partition " + std::to_string(partition) + " belongs to epoch " +
                               std::to_string(owner) + ", not to epoch " + std::to_string(epoch),
                           "another owner opened the partition; open it again");
    }
    return {};
}

}  // namespace

Result<void> check_commit(const Commit& commit, const PartitionHead& head) {
    SLIPWAY_CHECK(check_epoch(commit.partition, commit.epoch, head.epoch));
    if (commit.expected_tick != head.last_tick) {
        return usage_error(ErrorCode::kConflict, "partition " + std::to_string(commit.partition) +
                                                     " stands at tick " + std::to_string(head.last_tick) +
                                                     ", the commit expects " +
                                                     std::to_string(commit.expected_tick));
    }
    for (const auto& slice : commit.runs) {
        SLIPWAY_CHECK(check_id(slice.run));
    }
    if (encoded_tick_size(commit) > kTickBytesMax) {
        return usage_error(ErrorCode::kLimit,
                           "the tick is larger than " + std::to_string(kTickBytesMax) + " bytes",
                           "put large payloads into blobs");
    }
    return {};
}

Result<void> check_fold(const Fold& fold, const PartitionHead& head) {
    SLIPWAY_CHECK(check_epoch(fold.partition, fold.epoch, head.epoch));
    if (fold.through_tick > head.last_tick) {
        return usage_error(ErrorCode::kInvalidArgument,
                           "cannot fold through tick " + std::to_string(fold.through_tick) +
                               ": the last tick is " + std::to_string(head.last_tick));
    }
    for (const auto& checkpoint : fold.checkpoints) {
        SLIPWAY_CHECK(check_id(checkpoint.run));
        if (checkpoint.tick > head.last_tick) {
            return usage_error(ErrorCode::kInvalidArgument, "the checkpoint of run '" + checkpoint.run.str() +
                                                                "' lies ahead of the last tick");
        }
    }
    for (const auto* blocks : {&fold.history, &fold.renewed_history}) {
        for (const auto& block : *blocks) {
            SLIPWAY_CHECK(check_id(block.run));
            if (block.first_seq == 0 || block.first_seq > block.last_seq) {
                return usage_error(ErrorCode::kInvalidArgument,
                                   "a history block of run '" + block.run.str() + "' has no valid range");
            }
        }
    }
    for (const auto* runs : {&fold.erase, &fold.quarantine, &fold.release}) {
        for (const auto& run : *runs) {
            SLIPWAY_CHECK(check_id(run));
        }
    }
    return {};
}

std::uint64_t next_tick(const PartitionHead& head, std::uint64_t tick) {
    ++tick;
    for (const auto& hole : head.holes) {
        if (tick >= hole.first && tick <= hole.last) {
            tick = hole.last + 1;
        }
    }
    return tick;
}

void forget_holes(PartitionHead& head) {
    std::erase_if(head.holes, [&](const Hole& hole) { return hole.last <= head.folded_through; });
}

Error not_opened(std::uint32_t partition) {
    return usage_error(ErrorCode::kRefused, "partition " + std::to_string(partition) + " is not open",
                       "call open_partition first");
}

Error no_partition(std::uint32_t partition) {
    return usage_error(ErrorCode::kNotFound, "partition " + std::to_string(partition) + " was never opened");
}

Error closed_error() {
    return usage_error(ErrorCode::kStopped, "the store is closed");
}

}  // namespace slipway::store
