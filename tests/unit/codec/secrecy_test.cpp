// What is sensitive is never in the bytes (promise G8), and large payloads go into blobs.
#include <doctest/doctest.h>

#include <map>

#include "engine/codec/event_codec.hpp"
#include "engine/codec/run_codec.hpp"
#include "engine/codec/workflow_codec.hpp"
#include "tests/unit/codec/fixed_key.hpp"

using namespace slipway;
using namespace slipway::test;

namespace {

const RunId kRun("run");
const std::string kSecret = "hunter2-hunter2";

std::vector<Event> with_output(Payload payload) {
    return {{1, 0, StepSucceeded{0, std::move(payload)}}};
}

/// Blobs as a store would keep them.
struct Blobs {
    std::vector<Blob> collected;
    codec::DecodeContext reader(const Sealer* sealer) {
        return {sealer, [this](const Digest& digest) -> Result<std::string> {
                    for (const Blob& b : collected) {
                        if (b.digest == digest) {
                            return b.bytes;
                        }
                    }
                    return environment_error(ErrorCode::kCorrupt, "gone");
                }};
    }
};

}  // namespace

TEST_CASE("without a key nothing sensitive is stored, nor read") {
    const auto no = codec::encode_slice(kRun, with_output({kSecret, true}), {});
    REQUIRE_FALSE(no);
    CHECK(no.error().code == ErrorCode::kKey);
    core::RunState state;
    state.run = kRun;
    state.input = {kSecret, true};
    CHECK(codec::encode_run(state, {}).error().code == ErrorCode::kKey);
    const Sealer sealer = fixed_sealer();
    const auto bytes = codec::encode_slice(kRun, with_output({kSecret, true}), {&sealer, nullptr});
    REQUIRE(bytes);
    CHECK(codec::decode_slice(kRun, *bytes, {}).error().code == ErrorCode::kKey);
}

TEST_CASE("sensitive bytes are not in slice, checkpoint, workflow or blob") {
    const Sealer sealer = fixed_sealer();
    const auto hidden = [](const std::string& bytes) { return bytes.find("hunter2") == std::string::npos; };
    CHECK(hidden(*codec::encode_slice(kRun, with_output({kSecret, true}), {&sealer, nullptr})));
    core::RunState state;
    state.run = kRun;
    state.input = {kSecret, true};
    state.steps.resize(1);
    state.steps[0].fence = 1;
    state.steps[0].what = {kSecret, true};
    state.steps[0].evidence = {{"armed", {kSecret, true}}};
    state.steps[0].resolutions = {{WaitKind::kGate, "g", {kSecret, true}, Decision::kApprove}};
    CHECK(hidden(*codec::encode_run(state, {&sealer, nullptr})));
    WorkflowSpec spec;
    spec.name = "w";
    spec.steps.resize(1);
    spec.steps[0].id = StepId("a");
    spec.steps[0].kind = "k";
    spec.steps[0].input = {kSecret, true};
    CHECK(hidden(codec::encode_workflow(*Workflow::build(spec), {&sealer, nullptr})->bytes));
    CHECK(codec::encode_workflow(*Workflow::build(spec), {}).error().code == ErrorCode::kKey);
}

TEST_CASE("a sealed payload cannot be moved to another run or step") {
    const Sealer sealer = fixed_sealer();
    const auto bytes = codec::encode_slice(kRun, with_output({kSecret, true}), {&sealer, nullptr});
    REQUIRE(bytes);
    const auto moved = codec::decode_slice(RunId("other"), *bytes, {&sealer, {}});
    REQUIRE_FALSE(moved);
    CHECK(moved.error().code == ErrorCode::kCorrupt);
    std::string other_step = *bytes;
    other_step[5] = 2;
    CHECK_FALSE(codec::decode_slice(kRun, other_step, {&sealer, {}}).has_value());
}

TEST_CASE("payloads above 64 KiB go into blobs and come back, in clear or sealed") {
    const Sealer sealer = fixed_sealer();
    for (const bool sensitive : {false, true}) {
        Blobs blobs;
        const Payload large{std::string(codec::kInlineBytesMax + 1, 'x'), sensitive};
        const auto bytes = codec::encode_slice(kRun, with_output(large), {&sealer, &blobs.collected});
        REQUIRE(bytes);
        CHECK(bytes->size() < 100);
        REQUIRE(blobs.collected.size() == 1);
        CHECK(blobs.collected[0].digest == sha256(large.bytes));
        CHECK((blobs.collected[0].bytes.find("xxx") == std::string::npos) == sensitive);
        const auto back = codec::decode_slice(kRun, *bytes, blobs.reader(&sealer));
        REQUIRE(back);
        CHECK(*back == with_output(large));
        CHECK(codec::decode_slice(kRun, *bytes, {&sealer, {}}).error().code == ErrorCode::kCorrupt);
        blobs.collected[0].bytes.back() = 'y';
        CHECK(codec::decode_slice(kRun, *bytes, blobs.reader(&sealer)).error().code == ErrorCode::kCorrupt);
    }
    Blobs none;
    CHECK(codec::encode_slice(kRun, with_output({std::string(codec::kInlineBytesMax, 'x'), false}),
                              {&sealer, &none.collected}));
    CHECK(none.collected.empty());
}
