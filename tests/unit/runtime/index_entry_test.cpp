// The index entry that lets a parked run stay in the store.
#include "engine/runtime/index_entry.hpp"

#include <doctest/doctest.h>

namespace slipway::runtime {
namespace {

IndexEntry example() {
    IndexEntry entry;
    entry.summary.run = RunId{"r"};
    entry.summary.workflow = "w";
    entry.summary.labels["install"] = "acme";
    entry.summary.steps_total = 3;
    entry.parked = true;
    entry.wake_ms = 1'700'000'000'123;
    return entry;
}

TEST_CASE("an index entry comes back as it was") {
    const auto back = decode_index(encode_index(example()));
    REQUIRE(back.has_value());
    CHECK(back->summary.run.str() == "r");
    CHECK(back->summary.labels.at("install") == "acme");
    CHECK(back->parked);
    CHECK_FALSE(back->stuck);
    CHECK(back->wake_ms == 1'700'000'000'123);
}

TEST_CASE("every shortened and every lengthened index entry is refused") {
    const auto bytes = encode_index(example());
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        CHECK_FALSE(decode_index(std::string_view(bytes).substr(0, size)));
    }
    CHECK_FALSE(decode_index(bytes + "x"));
}

TEST_CASE("an index entry with any byte changed never crashes, and a newer version says so") {
    auto bytes = encode_index(example());
    for (std::size_t at = 0; at < bytes.size(); ++at) {
        for (const int flip : {1, 0x80, 0xff}) {
            auto changed = bytes;
            changed[at] = static_cast<char>(changed[at] ^ flip);
            static_cast<void>(decode_index(changed));
        }
    }
    bytes[0] = 9;
    CHECK(decode_index(bytes).error().code == ErrorCode::kUnsupportedFormat);
}

}  // namespace
}  // namespace slipway::runtime
