#include "tests/conformance/store/run_cases.hpp"
#include "tests/conformance/store/temporary_directory.hpp"

namespace slipway::testing {
namespace {

struct RocksDbFixture : StoreFixture {
    TemporaryDirectory directory;
    Result<std::unique_ptr<Store>> open() override {
        RocksDbStoreOptions options;
        options.directory = directory.path() + "/store";
        return open_rocksdb_store(options);
    }
};

TEST_CASE("the RocksDB store keeps every promise of a store") {
    run_conformance<RocksDbFixture>();
}

}  // namespace
}  // namespace slipway::testing
