// A RocksDB store in a directory of its own, to be damaged.
#pragma once

#include <doctest/doctest.h>

#include "engine/store/rocksdb_store.hpp"
#include "tests/conformance/store/temporary_directory.hpp"

namespace slipway::store {

struct RocksDbRig {
    testing::TemporaryDirectory folder;
    rocksdb::Env* environment = nullptr;
    std::unique_ptr<Store> store;
    PartitionState state;

    std::string path() const { return folder.path() + "/store"; }
    std::string mark_path() const { return path() + "/high-water-0"; }
    RocksDbStoreOptions options() const {
        RocksDbStoreOptions options;
        options.directory = path();
        return options;
    }

    /// Opens the store and partition 0.
    Result<void> open() {
        store.reset();
        SLIPWAY_TRY(store, open_rocksdb_store_on(options(), environment));
        SLIPWAY_TRY(state, store->open_partition(0));
        return {};
    }
    Result<void> commit(std::vector<RunSlice> runs) {
        Commit commit;
        commit.expected_tick = state.last_tick;
        commit.epoch = state.epoch;
        commit.runs = std::move(runs);
        auto done = store->commit(commit);
        state.last_tick += done ? 1 : 0;
        return done;
    }
    /// Ticks 1 to `count`, tick n touching run "run-n" and run "all".
    void fill(int count) {
        REQUIRE(open());
        for (int i = 1; i <= count; ++i) {
            REQUIRE(commit({{RunId{"run-" + std::to_string(i)}, "one"}, {RunId{"all"}, "two"}}));
        }
    }
    /// Works on the database itself while the store is closed.
    template <class Work>
    void damage(Work&& work) {
        store.reset();
        auto directory = StoreDirectory::open(options(), environment);
        REQUIRE(directory);
        rocksdb::WriteBatch batch;
        work(*directory->db, batch);
        REQUIRE(directory->db->write(batch));
    }
};

}  // namespace slipway::store
