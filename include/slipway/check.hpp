// Looking into a store without an engine: does what the runs say hold together?
//
//   auto store = open_rocksdb_store_to_read({.directory = "state"});
//   auto check = check_runs(**store, nullptr);
//
// check_rocksdb_store (store.hpp) looks at the bytes below.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "slipway/secrets.hpp"
#include "slipway/store.hpp"

namespace slipway {

struct RunsCheck {
    std::uint64_t runs = 0;
    std::uint64_t unfinished = 0;
    std::uint64_t unopened = 0;  ///< not looked into: quarantined, or sealed with a key that is not here
    std::uint64_t places_held = 0;
    std::uint64_t places_awaited = 0;
    std::uint64_t blobs = 0;
    std::optional<std::uint64_t> blobs_unreferenced;  ///< none: something could not be read
    std::vector<StoreFinding> findings;               ///< at most 1,000
};

/// Rebuilds every run from its checkpoint and the journal, as an open would, and looks whether its counters
/// hold, whether each unfinished step has exactly one waker, whether places and running steps belong
/// together, whether the list of runs agrees, and whether the blobs that they refer to are there. Writes
/// nothing and takes the store from nobody; one that was opened to read is enough. While an engine writes to
/// it, half of a change may be found. `keys` may be null. Errors: what the store answers; kCorrupt when
/// admission does not decode.
Result<RunsCheck> check_runs(Store& store, std::shared_ptr<KeyProvider> keys);

}  // namespace slipway
