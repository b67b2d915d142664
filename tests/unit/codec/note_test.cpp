// Notes of operators behind an event's fields: version 2 of a slice, and nothing else of it.
#include <doctest/doctest.h>

#include "engine/codec/event_codec.hpp"

using namespace slipway;

namespace {

const RunId kRun("run");
const Principal kAna{"ana", {}};

std::string bytes_of(const EventBody& body) {
    return *codec::encode_slice(kRun, {{1, 1000, body}}, {});
}

bool is_damage(const std::string& bytes) {
    const auto read = codec::decode_slice(kRun, bytes, {});
    return !read && read.error().code == ErrorCode::kCorrupt;
}

}  // namespace

TEST_CASE("a slice without notes is version 1, byte for byte; one with a note is version 2 and comes back") {
    const std::vector<std::pair<EventBody, EventBody>> pairs{
        {StepRetried{3, kAna}, StepRetried{3, kAna, "mended"}},
        {RunPaused{kAna}, RunPaused{kAna, "lunch"}},
        {RunResumed{kAna}, RunResumed{kAna, "back"}},
        {ApproveAllSet{true, kAna}, ApproveAllSet{true, kAna, "a demo"}}};
    for (const auto& [bare, noted] : pairs) {
        CHECK(bytes_of(bare)[0] == 1);
        CHECK(bytes_of(noted)[0] == 2);
        const auto back = codec::decode_slice(kRun, bytes_of(noted), {});
        REQUIRE(back);
        CHECK(back->at(0).body == noted);
    }
}

TEST_CASE("a note where none belongs, in version 1, or an empty one is damage") {
    const std::string noted = bytes_of(RunPaused{kAna, "x"});
    std::string old = noted;
    old[0] = 1;
    CHECK(is_damage(old));
    std::string empty = noted.substr(0, noted.size() - 2) + '\0';
    CHECK(is_damage(empty));
    CHECK(is_damage(noted.substr(0, noted.size() - 2)));
    std::string finished = bytes_of(RunBlocked{"why"}) + "\x01x";
    finished[0] = 2;
    const auto number = finished.find('\x15');
    REQUIRE(number != std::string::npos);
    finished[number] = static_cast<char>(0x95);
    CHECK(is_damage(finished));
}
