#include "slipway/testing/faulty_store.hpp"
#include "tests/conformance/store/run_cases.hpp"

namespace slipway::testing {
namespace {

struct MemoryFixture : StoreFixture {
    std::shared_ptr<MemoryImage> image = make_memory_image();
    Result<std::unique_ptr<Store>> open() override { return make_memory_store(image); }
};

struct FaultlessFixture : StoreFixture {
    std::shared_ptr<MemoryImage> image = make_memory_image();
    Result<std::unique_ptr<Store>> open() override {
        return std::unique_ptr<Store>(std::make_unique<FaultyStore>(make_memory_store(image)));
    }
};

TEST_CASE("the memory store keeps every promise of a store") {
    run_conformance<MemoryFixture>();
}

TEST_CASE("the faulty store without a fault keeps every promise of a store") {
    run_conformance<FaultlessFixture>();
}

// A suite that cannot fail proves nothing: each of these stores breaks one promise.
struct Forgetful : StoreFixture {
    Result<std::unique_ptr<Store>> open() override { return make_memory_store(); }
};

struct Unmoved : StoreFixture {  // one epoch for everybody
    std::shared_ptr<MemoryImage> image = make_memory_image();
    Result<std::unique_ptr<Store>> open() override { return make_memory_store(clone_memory_image(*image)); }
};

template <class Fixture>
std::size_t failing_cases() {
    std::size_t failing = 0;
    for (const auto& one : store_conformance_cases()) {
        Fixture fixture;
        StoreCheck check(fixture);
        one.run(check);
        failing += check.failures().empty() ? 0U : 1U;
    }
    return failing;
}

TEST_CASE("the conformance suite finds a store that forgets") {
    CHECK(failing_cases<Forgetful>() >= 10);
}
TEST_CASE("the conformance suite finds a store whose epoch stands still") {
    CHECK(failing_cases<Unmoved>() >= 10);
}
TEST_CASE("the conformance suite has its cases") {
    CHECK(store_conformance_cases().size() == 37);
}

}  // namespace
}  // namespace slipway::testing
