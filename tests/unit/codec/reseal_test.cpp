// After the key has changed, what rests is sealed anew and nothing else of it changes.
#include "engine/codec/reseal.hpp"

#include <doctest/doctest.h>

#include <map>

#include "engine/codec/event_codec.hpp"
#include "engine/codec/run_codec.hpp"
#include "tests/unit/codec/random_values.hpp"

using namespace slipway;
using namespace slipway::test;

namespace {

const RunId kRun("run");

/// Keys that come and go.
class Ring final : public KeyProvider {
public:
    std::map<std::string, Key, std::less<>> keys;
    std::string now;

    void add(const std::string& id) {
        Key key{id, {}};
        key.bytes.fill(static_cast<std::uint8_t>(id.back()));
        keys[id] = key;
        now = id;
    }
    Result<Key> current() override { return keys.at(now); }
    Result<Key> find(std::string_view id) override {
        const auto found = keys.find(id);
        if (found == keys.end()) {
            return environment_error(ErrorCode::kKey, "the key " + std::string(id) + " is gone");
        }
        return found->second;
    }
};

struct Rig {
    std::shared_ptr<Ring> ring = std::make_shared<Ring>();
    Sealer sealer{ring};
    Rig() { ring->add("key-1"); }
};

std::vector<Event> sensitive_events() {
    return {{1, 5, StepSucceeded{0, {"in clear", false}}},
            {2, 6, StepSucceeded{1, {"canary-one", true}}},
            {3, 7, EvidenceRecorded{2, 9, {"armed", {std::string(300, 's'), true}}}}};
}

}  // namespace

TEST_CASE("a slice sealed with an old key opens with the new one alone, and its events are the same") {
    Rig rig;
    const auto bytes = codec::encode_slice(kRun, sensitive_events(), {&rig.sealer, nullptr});
    REQUIRE(bytes);
    CHECK(!*codec::reseal_slices(kRun, *bytes, rig.sealer));
    rig.ring->add("a-longer-name-of-key-2");
    const auto fresh = codec::reseal_slices(kRun, *bytes, rig.sealer);
    REQUIRE(fresh);
    REQUIRE(fresh->has_value());
    rig.ring->keys.erase("key-1");
    const auto back = codec::decode_slice(kRun, **fresh, {&rig.sealer, nullptr});
    REQUIRE(back);
    CHECK(*back == sensitive_events());
    CHECK(!*codec::reseal_slices(kRun, **fresh, rig.sealer));
    const auto lost = codec::reseal_slices(kRun, *bytes, rig.sealer);
    REQUIRE(!lost);
    CHECK(lost.error().code == ErrorCode::kKey);
    CHECK(lost.error().message.find("key-1") != std::string::npos);
}

TEST_CASE("a block of several slices, of which one has the new key already") {
    Rig rig;
    const auto old = *codec::encode_slice(kRun, sensitive_events(), {&rig.sealer, nullptr});
    rig.ring->add("key-2");
    auto later = sensitive_events();
    for (auto& event : later) {
        event.seq += 3;
    }
    const auto fresh = *codec::encode_slice(kRun, later, {&rig.sealer, nullptr});
    const auto block = codec::reseal_slices(kRun, old + fresh, rig.sealer);
    REQUIRE(block);
    REQUIRE(block->has_value());
    CHECK(std::string_view(**block).ends_with(fresh));
    CHECK(codec::decode_slice(kRun, **block, {&rig.sealer, nullptr})->size() == 6);
}

TEST_CASE("a checkpoint and a blob are sealed anew, what is in clear stays as it is") {
    Rig rig;
    core::RunState state;
    state.run = kRun;
    state.input = {"canary-input", true};
    state.steps.resize(3);
    state.steps[1].fence = 1;
    state.steps[1].output = {"canary-output", true};
    const auto checkpoint = *codec::encode_run(state, {&rig.sealer, nullptr});
    const auto blob = *codec::make_blob({"canary-blob", true}, {&rig.sealer, nullptr});
    const auto clear = *codec::make_blob({"no canary", false}, {&rig.sealer, nullptr});
    rig.ring->add("key-2");
    const auto fresh = codec::reseal_run(kRun, checkpoint, rig.sealer);
    const auto fresh_blob = codec::reseal_blob(blob.digest, blob.bytes, rig.sealer);
    rig.ring->keys.erase("key-1");
    REQUIRE((fresh && *fresh && fresh_blob && *fresh_blob));
    CHECK(*codec::decode_run(kRun, **fresh, {&rig.sealer, nullptr}) == state);
    CHECK(codec::open_blob(blob.digest, **fresh_blob, {&rig.sealer, nullptr})->bytes == "canary-blob");
    CHECK(!*codec::reseal_blob(clear.digest, clear.bytes, rig.sealer));
    CHECK(!*codec::reseal_blob(clear.digest, "", rig.sealer));
    CHECK_FALSE(codec::reseal_run(kRun, checkpoint.substr(0, 40), rig.sealer).has_value());
}

TEST_CASE("whatever a run holds, sealing anew changes nothing of it") {
    Rig rig;
    for (std::uint64_t seed = 0; seed < 150; ++seed) {
        rig.ring->add("key-1");
        RandomValues random(seed);
        auto state = random.run_state(4);
        state.run = kRun;
        const std::vector<Event> events{{1, 0, random.event(random.number(std::variant_size_v<EventBody>))}};
        const auto checkpoint = codec::encode_run(state, {&rig.sealer, nullptr});
        const auto slice = codec::encode_slice(kRun, events, {&rig.sealer, nullptr});
        REQUIRE((checkpoint && slice));
        rig.ring->add("key-2");
        const auto fresh_checkpoint = codec::reseal_run(kRun, *checkpoint, rig.sealer);
        const auto fresh_slice = codec::reseal_slices(kRun, *slice, rig.sealer);
        REQUIRE((fresh_checkpoint && fresh_slice));
        rig.ring->keys.erase("key-1");
        CHECK(*codec::decode_run(kRun, fresh_checkpoint->value_or(*checkpoint), {&rig.sealer, nullptr}) ==
              state);
        CHECK(*codec::decode_slice(kRun, fresh_slice->value_or(*slice), {&rig.sealer, nullptr}) == events);
    }
}
