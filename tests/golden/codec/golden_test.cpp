// Bytes that version 1 wrote: they decode, and what is written today is the same. A change of a format needs
// a new version and a new folder.
#include <doctest/doctest.h>

#include <fstream>
#include <sstream>

#include "engine/codec/admission_codec.hpp"
#include "engine/codec/event_codec.hpp"
#include "engine/codec/run_codec.hpp"
#include "engine/codec/workflow_codec.hpp"

using namespace slipway;

namespace {

const RunId kRun("run");

std::string golden(const std::string& name) {
    std::ifstream file("tests/golden/codec/v1/" + name, std::ios::binary);
    REQUIRE_MESSAGE(file.good(), name);
    std::stringstream bytes;
    bytes << file.rdbuf();
    return bytes.str();
}

}  // namespace

TEST_CASE("version 1: a slice with one of every event") {
    const std::string bytes = golden("slice_all");
    const auto events = codec::decode_slice(kRun, bytes, {});
    REQUIRE(events);
    CHECK(events->size() == 27);
    CHECK(event_name(events->front().body) == "run_started");
    CHECK(event_name(events->back().body) == "executor_not_found");
    CHECK(events->front().at_ms == 1000);
    CHECK(*codec::encode_slice(kRun, *events, {}) == bytes);
}

TEST_CASE("version 1: events of a run that is unwound") {
    const std::string bytes = golden("slice_undo");
    const auto events = codec::decode_slice(kRun, bytes, {});
    REQUIRE(events);
    REQUIRE(events->size() == 8);
    CHECK(event_name(events->front().body) == "run_undo_asked");
    CHECK(event_name(events->back().body) == "undo_left");
    CHECK(std::get<UndoStarted>((*events)[4].body) == UndoStarted{3, 2, 9, 60'000});
    CHECK(*codec::encode_slice(kRun, *events, {}) == bytes);
}

TEST_CASE("version 2: a slice with operators' notes") {
    const std::string bytes = golden("slice_notes");
    const auto events = codec::decode_slice(kRun, bytes, {});
    REQUIRE(events);
    REQUIRE(events->size() == 5);
    CHECK(std::get<StepRetried>((*events)[0].body) == StepRetried{3, {"ana", {"ops"}}, "mended"});
    CHECK(std::get<RunPaused>((*events)[1].body) == RunPaused{{"ben", {}}, "lunch"});
    CHECK(std::get<RunPaused>((*events)[2].body) == RunPaused{{"ben", {}}, ""});
    CHECK(std::get<RunResumed>((*events)[3].body).note == "back");
    CHECK(std::get<ApproveAllSet>((*events)[4].body) == ApproveAllSet{true, {"ana", {}}, "a demo"});
    CHECK(*codec::encode_slice(kRun, *events, {}) == bytes);
}

TEST_CASE("version 2 of a checkpoint: a run that is unwound") {
    const auto run = codec::decode_run(kRun, golden("run_undo"), {});
    REQUIRE(run);
    REQUIRE(run->steps.size() == 2);
    CHECK(run->unwind == core::UnwindState{true, true, 1, 0});
    CHECK(run->steps[0].undo.phase == UndoPhase::kBackingOff);
    CHECK(run->steps[1].undo.why == "left by ana");
    CHECK(*codec::encode_run(*run, {}) == golden("run_undo"));
}

TEST_CASE("version 1: events of child runs") {
    const std::string bytes = golden("slice_children");
    const auto events = codec::decode_slice(kRun, bytes, {});
    REQUIRE(events);
    REQUIRE(events->size() == 5);
    CHECK(event_name(events->front().body) == "children_asked");
    CHECK(std::get<ChildOf>((*events)[4].body) == ChildOf{RunId("parent"), 4, 1, 7, 2});
    CHECK(*codec::encode_slice(kRun, *events, {}) == bytes);
}

TEST_CASE("version 2 of a checkpoint and of an index entry: child runs") {
    const auto run = codec::decode_run(kRun, golden("run_children"), {});
    REQUIRE(run);
    CHECK(run->parent == core::Parentage{RunId("parent"), 4, 1, 7, 2});
    REQUIRE(run->steps[0].children.list.size() == 2);
    CHECK(run->steps[0].children.list[1].spec.key == "y");
    CHECK(run->steps[0].resolutions[0].children[0].output.bytes == "made");
    CHECK(*codec::encode_run(*run, {}) == golden("run_children"));
    const auto summary = codec::decode_summary(golden("summary_child"));
    REQUIRE(summary);
    CHECK(summary->parent == RunId("parent"));
    CHECK(codec::encode_summary(*summary) == golden("summary_child"));
}

TEST_CASE("version 1: checkpoint, workflow, index entry") {
    const auto run = codec::decode_run(kRun, golden("run"), {});
    REQUIRE(run);
    CHECK(run->steps.size() == 3);
    CHECK(*codec::encode_run(*run, {}) == golden("run"));
    const auto spec = codec::decode_spec(golden("spec"));
    REQUIRE(spec);
    CHECK(codec::encode_spec(*spec) == golden("spec"));
    const auto summary = codec::decode_summary(golden("summary"));
    REQUIRE(summary);
    CHECK(codec::encode_summary(*summary) == golden("summary"));
}

TEST_CASE("version 1: admission") {
    const auto state = codec::decode_admission(golden("admission"));
    REQUIRE(state);
    CHECK(codec::encode_admission(*state) == golden("admission"));
    const auto events = codec::decode_admission_events(golden("admission_events"));
    REQUIRE(events);
    CHECK(events->size() == 4);
    CHECK(codec::encode_admission_events(*events) == golden("admission_events"));
}

TEST_CASE("version 2: a workflow with claims") {
    const auto spec = codec::decode_spec(golden("spec_claims"));
    REQUIRE(spec);
    REQUIRE(spec->steps.size() == 3);
    CHECK(spec->steps[0].claims[1] == Claim{"rollout/autumn", 2, ClaimScope::kRun});
    CHECK(spec->steps[1].claims.empty());
    CHECK(spec->steps[2].claims.at(0) == Claim{"class/terraform", 3, ClaimScope::kStep});
    CHECK(codec::encode_spec(*spec) == golden("spec_claims"));
}

TEST_CASE("version 2: admission with names, and its events, which lead there") {
    const auto state = codec::decode_admission(golden("admission_names"));
    REQUIRE(state);
    CHECK(codec::encode_admission(*state) == golden("admission_names"));
    CHECK(state->limits.at("component/web").used == 1);
    CHECK(state->limits.at("rollout/autumn").used == 2);
    CHECK_FALSE(core::check_invariants(*state));
    const auto events = codec::decode_admission_events(golden("admission_events_names"));
    REQUIRE(events);
    CHECK(codec::encode_admission_events(*events) == golden("admission_events_names"));
    core::AdmissionState folded;
    for (const auto& event : *events) {
        REQUIRE(core::apply(folded, event));
    }
    CHECK_FALSE(core::check_invariants(folded));
}

TEST_CASE("version 1: a run with tenant and priority") {
    const auto events = codec::decode_slice(kRun, golden("slice_tenant"), {});
    REQUIRE(events);
    const auto& started = std::get<RunStarted>(events->at(0).body);
    CHECK(started.tenant == "acme");
    CHECK(started.priority == -7);
    CHECK(started.approve_all);
    CHECK(started.successor_of == RunId("before"));
    CHECK(*codec::encode_slice(kRun, *events, {}) == golden("slice_tenant"));
}
