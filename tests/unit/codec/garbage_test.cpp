// Decoders never crash and never believe damaged bytes: an error of environment that names the place.
#include <doctest/doctest.h>

#include "engine/codec/admission_codec.hpp"
#include "engine/codec/event_codec.hpp"
#include "engine/codec/run_codec.hpp"
#include "engine/codec/workflow_codec.hpp"
#include "tests/unit/codec/fixed_key.hpp"
#include "tests/unit/codec/random_values.hpp"

using namespace slipway;
using namespace slipway::test;

namespace {

const RunId kRun("run");

struct Format {
    const char* name;
    std::string bytes;
    std::function<std::optional<Error>(std::string_view)> decode;
};

template <class T>
std::optional<Error> error_of(const Result<T>& result) {
    return result ? std::nullopt : std::optional<Error>(result.error());
}

std::vector<Format> formats(std::uint64_t seed) {
    static const Sealer sealer = fixed_sealer();
    RandomValues random(seed);
    std::vector<Event> events;
    for (std::size_t i = 0; i < std::variant_size_v<EventBody>; ++i) {
        events.push_back({1 + i, 0, random.event(i)});
    }
    const core::TicketKey key{RunId("r"), 7};
    return {
        {"slice", *codec::encode_slice(kRun, events, {&sealer, nullptr}),
         [](std::string_view b) {
             return error_of(codec::decode_slice(kRun, b, {&sealer, {}}));
         }},
        {"run", *codec::encode_run(random.run_state(4), {&sealer, nullptr}),
         [](std::string_view b) {
             return error_of(codec::decode_run(kRun, b, {&sealer, {}}));
         }},
        {"spec", codec::encode_spec(random.spec(4)),
         [](std::string_view b) { return error_of(codec::decode_spec(b)); }},
        {"summary", codec::encode_summary(random.summary()),
         [](std::string_view b) { return error_of(codec::decode_summary(b)); }},
        {"admission events",
         codec::encode_admission_events({core::TicketQueued{key}, core::LimitSet{9},
                                         core::TicketQueued{key, std::make_shared<core::Wish>(random.wish())},
                                         core::TicketGranted{key, 7}, core::LimitSet{9, "a"},
                                         core::TicketReturned{{RunId("r"), 7, ClaimScope::kRun}}}),
         [](std::string_view b) { return error_of(codec::decode_admission_events(b)); }},
        {"admission", codec::encode_admission(random.admission()),
         [](std::string_view b) { return error_of(codec::decode_admission(b)); }},
    };
}

}  // namespace

TEST_CASE("every cut of every format is refused") {
    for (const Format& f : formats(1)) {
        for (std::size_t n = 1; n < f.bytes.size(); ++n) {
            CAPTURE(f.name);
            CAPTURE(n);
            const auto no = f.decode(std::string_view(f.bytes).substr(0, n));
            REQUIRE(no);
            CHECK(no->error_class == ErrorClass::kEnvironment);
            CHECK_FALSE(no->message.empty());
        }
        CHECK(f.decode(f.bytes + '\x01'));
    }
}

TEST_CASE("a newer format version is refused as such") {
    for (Format& f : formats(2)) {
        CAPTURE(f.name);
        f.bytes[0] = 99;
        const auto no = f.decode(f.bytes);
        REQUIRE(no);
        CHECK(no->code == ErrorCode::kUnsupportedFormat);
        f.bytes[0] = 0;
        CHECK(f.decode(f.bytes));
    }
}

TEST_CASE("changed bytes either decode or are refused, whatever they are") {
    std::mt19937_64 random(7);
    std::size_t refused = 0;
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
        for (const Format& f : formats(seed)) {
            for (int i = 0; i < 300; ++i) {
                std::string bytes = f.bytes;
                for (std::uint64_t n = 1 + random() % 3; n != 0; --n) {
                    bytes[random() % bytes.size()] = static_cast<char>(random());
                }
                refused += f.decode(bytes) ? 1 : 0;
            }
        }
    }
    CHECK(refused > 1000);
}

TEST_CASE("a count beyond what the bytes could hold does not allocate") {
    std::string bytes;
    bytes.push_back(1);
    bytes.push_back(1);
    for (int i = 0; i < 8; ++i) {
        bytes.push_back(static_cast<char>(0xff));
    }
    bytes.push_back(1);
    CHECK(codec::decode_slice(kRun, bytes, {}).error().code == ErrorCode::kCorrupt);
}
