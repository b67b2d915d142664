#include <doctest/doctest.h>

#include "engine/store/tick_record.hpp"

namespace slipway::store {
namespace {

Commit sample() {
    Commit commit;
    commit.expected_tick = 6;
    commit.epoch = 3;
    commit.admission = "admission";
    commit.runs = {{RunId{"run-a"}, "first slice"}, {RunId{"b"}, ""}, {RunId{"run-a"}, "second slice"}};
    return commit;
}

std::string encoded(const Commit& commit) {
    std::string bytes;
    encode_tick(commit, bytes);
    CHECK(bytes.size() == encoded_tick_size(commit));
    return bytes;
}

std::size_t slice_bytes(const Commit& commit) {
    std::size_t size = 0;
    for (const auto& slice : commit.runs) {
        size += slice.bytes.size();
    }
    return size;
}

TEST_CASE("a tick comes back as it was") {
    const Commit commit = sample();
    const auto record = decode_tick(encoded(commit), 7);
    REQUIRE(record);
    CHECK(record->tick == 7);
    CHECK(record->admission == commit.admission);
    CHECK(record->bad_runs.empty());
    REQUIRE(record->runs.size() == commit.runs.size());
    for (std::size_t i = 0; i < commit.runs.size(); ++i) {
        CHECK(record->runs[i].run == commit.runs[i].run);
        CHECK(record->runs[i].bytes == commit.runs[i].bytes);
    }
}

TEST_CASE("an empty tick is forty-four bytes") {
    CHECK(encoded(Commit{}).size() == 44);
    CHECK(decode_tick(encoded(Commit{}), 1));
}

TEST_CASE("the worked example of FORMAT.md is what is written") {
    Commit commit;
    commit.expected_tick = 4;
    commit.epoch = 2;
    commit.runs = {{RunId{"r1"}, "hi"}};
    const std::string bytes = encoded(commit);
    constexpr std::string_view kExpected(
        "\x53\x57\x54\x4b\x01\x00\x00\x00\x05\x00\x00\x00\x00\x00\x00\x00"
        "\x02\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x0b\x00\x00\x00"
        "\x00\x00\x00\x00\x00\x00\x00\x00\x02\x72\x31\x02\x00\x00\x00\xc2"
        "\xd9\x9d\xf5\x86\xb5\xd3\xba\x68\x69",
        57);
    CHECK(bytes == kExpected);
}

TEST_CASE("every flipped bit is found, in the head for the tick and in a slice for its run") {
    const Commit commit = sample();
    const std::string bytes = encoded(commit);
    const std::size_t head = bytes.size() - slice_bytes(commit);
    for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
        std::string damaged = bytes;
        damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
        const auto record = decode_tick(damaged, 7);
        CHECK(check_tick(damaged, 7).has_value() == record.has_value());
        if (bit / 8 >= head) {
            REQUIRE(record);
            CHECK(record->bad_runs == std::vector<RunId>{RunId{"run-a"}});
            CHECK(record->runs.size() == 2);
        } else {
            REQUIRE(!record);
            CHECK(record.error().code == ErrorCode::kCorrupt);
            CHECK(record.error().message.find("tick 7") != std::string::npos);
        }
    }
}

TEST_CASE("a record that was cut costs only the runs behind the cut, or the tick") {
    const Commit commit = sample();
    const std::string bytes = encoded(commit);
    const std::size_t head = bytes.size() - slice_bytes(commit);
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        const auto record = decode_tick(bytes.substr(0, size), 7);
        CHECK(record.has_value() == (size >= head));
        if (record) {
            CHECK(record->bad_runs.size() == (size < head + 11 ? 3 : 1));
        }
    }
    CHECK(!decode_tick(bytes + "x", 7));
}

TEST_CASE("the record of another tick is refused") {
    const std::string bytes = encoded(sample());
    for (const std::uint64_t tick : {0U, 6U, 8U}) {
        CHECK(!decode_tick(bytes, tick));
        CHECK(!check_tick(bytes, tick));
    }
}

}  // namespace
}  // namespace slipway::store
