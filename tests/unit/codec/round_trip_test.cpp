// decode(encode(x)) == x for every stored type; and what must not decode says so with its place.
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

std::vector<Event> one_of_each(RandomValues& random) {
    std::vector<Event> events;
    const EventSeq first = 1 + random.wide() / 2;
    for (std::size_t i = 0; i < std::variant_size_v<EventBody>; ++i) {
        events.push_back({first + i, static_cast<TimeMs>(random.wide() / 4), random.event(i)});
    }
    return events;
}

}  // namespace

TEST_CASE("every event comes back as it was, sensitive payloads too") {
    const Sealer sealer = fixed_sealer();
    for (std::uint64_t seed = 1; seed <= 200; ++seed) {
        CAPTURE(seed);
        RandomValues random(seed);
        const std::vector<Event> events = one_of_each(random);
        const auto bytes = codec::encode_slice(kRun, events, {&sealer, nullptr});
        REQUIRE(bytes);
        const auto back = codec::decode_slice(kRun, *bytes, {&sealer, {}});
        REQUIRE_MESSAGE(back.has_value(), (back ? std::string() : back.error().message));
        CHECK(*back == events);
    }
}

TEST_CASE("the numbers of the events are fixed") {
    // As FORMAT.md has them. A new event gets the next number; these never change.
    const std::map<std::string_view, int> numbers{
        {"run_started", 1},       {"step_ready", 2},        {"attempt_started", 3},
        {"evidence_recorded", 4}, {"step_succeeded", 5},    {"step_backing_off", 6},
        {"step_failed", 7},       {"step_waiting", 8},      {"wait_resolved", 9},
        {"gate_decided", 10},     {"step_skipped", 11},     {"step_cancelled", 12},
        {"step_in_doubt", 13},    {"cancel_asked", 14},     {"step_settled", 15},
        {"step_retried", 16},     {"redo_asked", 17},       {"round_opened", 18},
        {"run_paused", 19},       {"run_resumed", 20},      {"run_blocked", 21},
        {"run_unblocked", 22},    {"run_cancel_asked", 23}, {"run_finished", 24},
        {"approve_all_set", 25},  {"attempt_voided", 26},   {"executor_not_found", 27},
        {"run_undo_asked", 28},   {"unwind_began", 29},     {"undo_passed", 30},
        {"undo_ready", 31},       {"undo_started", 32},     {"undo_backing_off", 33},
        {"step_undone", 34},      {"undo_left", 35},        {"children_asked", 36},
        {"children_started", 37}, {"child_ended", 38},      {"children_cancel_asked", 39},
        {"child_of", 40}};
    CHECK(numbers.size() == std::variant_size_v<EventBody>);
    const Sealer sealer = fixed_sealer();
    RandomValues random(3);
    for (std::size_t i = 0; i < std::variant_size_v<EventBody>; ++i) {
        const Event event{1, 0, random.event(i)};
        const auto bytes = codec::encode_slice(kRun, {event}, {&sealer, nullptr});
        REQUIRE(bytes);
        CHECK(((*bytes)[4] & 0x7F) == numbers.at(event_name(event.body)));
    }
}

TEST_CASE("slices that stand one after the other are one history") {
    RandomValues random(5);
    const std::vector<Event> a{{1, 10, StepReady{1}}, {2, 11, StepReady{2}}};
    const std::vector<Event> b{{3, 5, RunUnblocked{}}};
    const auto both = *codec::encode_slice(kRun, a, {}) + *codec::encode_slice(kRun, b, {});
    const auto back = codec::decode_slice(kRun, both, {});
    REQUIRE(back);
    REQUIRE(back->size() == 3);
    CHECK((*back)[2] == b[0]);
    CHECK(codec::encode_slice(kRun, {}, {})->empty());
    CHECK(codec::decode_slice(kRun, {}, {})->empty());
}

TEST_CASE("checkpoints of runs come back as they were") {
    const Sealer sealer = fixed_sealer();
    for (std::uint64_t seed = 1; seed <= 200; ++seed) {
        CAPTURE(seed);
        RandomValues random(seed);
        const core::RunState state = random.run_state(1 + random.number(8));
        const auto bytes = codec::encode_run(state, {&sealer, nullptr});
        REQUIRE(bytes);
        const auto back = codec::decode_run(kRun, *bytes, {&sealer, {}});
        REQUIRE_MESSAGE(back.has_value(), (back ? std::string() : back.error().message));
        CHECK(*back == state);
        const auto other = codec::decode_run(RunId("other"), *bytes, {&sealer, {}});
        CHECK_FALSE(other.has_value());
    }
}

TEST_CASE("specifications, index entries and admission come back as they were") {
    for (std::uint64_t seed = 1; seed <= 200; ++seed) {
        CAPTURE(seed);
        RandomValues random(seed);
        const WorkflowSpec spec = random.spec(1 + random.number(8));
        const auto spec_back = codec::decode_spec(codec::encode_spec(spec));
        REQUIRE(spec_back);
        CHECK(*spec_back == spec);
        const RunSummary summary = random.summary();
        const auto summary_back = codec::decode_summary(codec::encode_summary(summary));
        REQUIRE(summary_back);
        CHECK(codec::encode_summary(*summary_back) == codec::encode_summary(summary));
        CHECK(summary_back->labels == summary.labels);
        const core::AdmissionState admission = random.admission();
        const auto admission_back = codec::decode_admission(codec::encode_admission(admission));
        REQUIRE(admission_back);
        CHECK(*admission_back == admission);
    }
}

TEST_CASE("admission's events come back as they were; none are no bytes") {
    const core::TicketKey key{RunId("r"), 7};
    const std::vector<core::AdmissionEvent> events{core::LimitSet{3}, core::TicketQueued{key},
                                                   core::TicketGranted{key}, core::TicketReturned{key}};
    RandomValues random(5);
    auto all = events;
    for (int i = 0; i < 50; ++i) {
        all.emplace_back(core::TicketQueued{key, std::make_shared<core::Wish>(random.wish())});
        all.emplace_back(core::TicketGranted{key, 1 + i});
        all.emplace_back(core::TicketReturned{{RunId("r"), 3, ClaimScope::kSection}});
        all.emplace_back(core::LimitSet{2, "install/" + std::to_string(i)});
    }
    const auto all_back = codec::decode_admission_events(codec::encode_admission_events(all));
    REQUIRE(all_back);
    CHECK(*all_back == all);
    const auto back = codec::decode_admission_events(codec::encode_admission_events(events));
    REQUIRE(back);
    CHECK(*back == events);
    CHECK(codec::encode_admission_events({}).empty());
    CHECK(codec::decode_admission_events({})->empty());
    CHECK(codec::decode_admission({})->capacity == 0);
}

TEST_CASE("a workflow comes back under its digest, and under no other") {
    const Sealer sealer = fixed_sealer();
    for (std::uint64_t seed = 1; seed <= 50; ++seed) {
        RandomValues random(seed);
        const auto workflow = Workflow::build(random.spec(5));
        REQUIRE_MESSAGE(workflow.has_value(), (workflow ? std::string() : workflow.error().message));
        const auto blob = codec::encode_workflow(*workflow, {&sealer, nullptr});
        REQUIRE(blob);
        CHECK(blob->digest == workflow->digest());
        const auto back = codec::decode_workflow(blob->digest, blob->bytes, {&sealer, {}});
        REQUIRE(back);
        CHECK(back->spec() == workflow->spec());
        CHECK_FALSE(codec::decode_workflow(sha256("other"), blob->bytes, {&sealer, {}}).has_value());
    }
}

TEST_CASE("the idempotency key is that of run, step and round, and runs together nowhere") {
    const std::string key = codec::idempotency_key(RunId("a"), StepId("bc"), 1);
    CHECK(key.size() == 64);
    CHECK(key == codec::idempotency_key(RunId("a"), StepId("bc"), 1));
    CHECK(key != codec::idempotency_key(RunId("ab"), StepId("c"), 1));
    CHECK(key != codec::idempotency_key(RunId("a"), StepId("bc"), 2));
    CHECK(key != codec::idempotency_key(RunId("a"), StepId("bc"), 1, true));
    // Fixed for ever: executors hand it to services that remember it.
    CHECK(codec::idempotency_key(RunId("run"), StepId("step"), 1).substr(0, 16) == "ee499712917a6e45");
}
