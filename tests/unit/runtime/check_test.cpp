// Looking into a store without an engine: what is sound is called so, and each kind of damage is named.
#include "slipway/check.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "engine/codec/admission_codec.hpp"
#include "engine/codec/run_codec.hpp"
#include "engine/runtime/index_entry.hpp"
#include "engine/store/memory_image.hpp"
#include "tests/unit/runtime/kit.hpp"

namespace slipway::testkit {
namespace {

void hold_all(Bench& b) {
    b.executor->on_start = [&b](const std::shared_ptr<AttemptContext>& c) { b.executor->hold(c); };
}

/// Looks at a copy, as a memory store counts its owners.
RunsCheck checked(const Bench& b, std::shared_ptr<KeyProvider> keys = nullptr) {
    const auto store = make_memory_store(clone_memory_image(*b.image));
    const auto check = check_runs(*store, std::move(keys));
    REQUIRE_MESSAGE(check.has_value(), (check ? "" : check.error().message));
    return *check;
}

std::string all(const RunsCheck& check) {
    std::string text;
    for (const auto& one : check.findings) {
        text += one.run.str() + ": " + one.what + "\n";
    }
    return text;
}

bool finds(const RunsCheck& check, const std::string& text) {
    return all(check).find(text) != std::string::npos;
}

/// A run that is done, one with a step at work and one behind a pause, all folded, and one more in the
/// journal only.
void fill(Bench& b) {
    b.open();
    REQUIRE(b.engine->start(request("done", build(chain(2))), me()));
    REQUIRE(*b.engine->wait(RunId{"done"}, kPatience) == RunStatus::kSucceeded);
    hold_all(b);
    REQUIRE(b.engine->start(request("busy", build(chain(3))), me()));
    REQUIRE(b.engine->stop(StopMode::kGraceful));
    REQUIRE(b.image->contents.runs.contains(RunId{"busy"}));
    b.reopen();
    REQUIRE(b.engine->start(request("fresh", build(fan(3))), me()));
    b.crash();
    REQUIRE(b.engine->stop(StopMode::kImmediate));
}

TEST_CASE("a check finds nothing in a store that was left in the middle of its work") {
    Bench b;
    fill(b);
    const auto check = checked(b);
    CHECK_MESSAGE(check.findings.empty(), all(check));
    CHECK(check.runs == 3);
    CHECK(check.unfinished == 2);
    CHECK(check.unopened == 0);
    CHECK(check.places_held >= 2);
}

TEST_CASE("a check after every tick of a run finds nothing, folded or not") {
    Bench b;
    b.open();
    REQUIRE(b.engine->start(request("r", build(chain(4))), me()));
    for (int i = 0; i < 20; ++i) {
        const auto check = checked(b);
        CHECK_MESSAGE(check.findings.empty(), all(check));
    }
    REQUIRE(*b.engine->wait(RunId{"r"}, kPatience) == RunStatus::kSucceeded);
    CHECK(checked(b).findings.empty());
}

TEST_CASE("a check names a step without a waker and a counter that is off") {
    Bench b;
    fill(b);
    auto& stored = b.image->contents.runs.at(RunId{"busy"});
    auto state = *codec::decode_run(RunId{"busy"}, stored.state, {});
    state.steps[1].unmet = 0;
    stored.state = *codec::encode_run(state, {});
    CHECK_MESSAGE(finds(checked(b), "busy: run \"busy\": step \"s1\""), all(checked(b)));
}

TEST_CASE("a check names a running step without a place, and a place of nobody") {
    Bench b;
    hold_all(b);
    b.open();
    REQUIRE(b.engine->start(request("busy", build(chain(3))), me()));
    REQUIRE(b.engine->stop(StopMode::kGraceful));
    auto& partition = b.image->contents.partitions.at(0);
    REQUIRE(partition.journal.empty());
    auto admission = *codec::decode_admission(partition.admission);
    REQUIRE(admission.holders.contains({RunId{"busy"}, 0}));
    admission.holders.erase({RunId{"busy"}, 0});
    admission.holders.emplace(core::TicketKey{RunId{"ghost"}, 0}, 1);
    partition.admission = codec::encode_admission(admission);
    const auto check = checked(b);
    CHECK_MESSAGE(finds(check, "busy: step 0 runs without a place"), all(check));
    CHECK_MESSAGE(finds(check, "ghost: holds a place"), all(check));
}

TEST_CASE("a check names admission events that do not fit, and goes on with the runs") {
    Bench b;
    fill(b);
    const auto store = make_memory_store(b.image);
    const auto state = *store->open_partition(0);
    Commit commit;
    commit.expected_tick = state.last_tick;
    commit.epoch = state.epoch;
    commit.admission = codec::encode_admission_events({core::TicketReturned{{RunId{"ghost"}, 0}}});
    REQUIRE(store->commit(commit));
    const auto check = checked(b);
    CHECK_MESSAGE(finds(check, "gave back a place that it did not have"), all(check));
    CHECK(check.runs == 3);
    CHECK(check.findings.size() == 1);
}

TEST_CASE("a check names a list that says otherwise, a checkpoint of garbage and a workflow that is gone") {
    Bench b;
    fill(b);
    auto& runs = b.image->contents.runs;
    auto index = *runtime::decode_index(runs.at(RunId{"busy"}).summary);
    index.summary.status = RunStatus::kBlocked;
    runs.at(RunId{"busy"}).summary = runtime::encode_index(index);
    CHECK_MESSAGE(finds(checked(b), "busy: the list of runs says blocked"), all(checked(b)));
    runs.at(RunId{"busy"}).state = "garbage";
    const auto check = checked(b);
    CHECK(finds(check, "busy: "));
    CHECK(check.unopened == 1);
    b.image->contents.blobs.clear();
    CHECK(finds(checked(b), "done: blob"));
}

TEST_CASE("a check counts what it may not look into: sealed runs without the key, and quarantined ones") {
    Bench b;
    hold_all(b);
    auto options = b.options();
    options.keys = std::make_shared<OneKey>();
    b.open(std::move(options));
    auto sealed = request("sealed", build(chain(1)), "a secret");
    sealed.input.sensitive = true;
    REQUIRE(b.engine->start(std::move(sealed), me()));
    REQUIRE(b.engine->start(request("open", build(chain(1))), me()));
    b.engine.reset();
    auto check = checked(b);
    CHECK(check.unopened == 1);
    CHECK_MESSAGE(check.findings.empty(), all(check));
    CHECK(checked(b, std::make_shared<OneKey>()).unopened == 0);
    b.image->contents.partitions.at(0).quarantined.insert(RunId{"open"});
    check = checked(b);
    CHECK(check.unopened == 2);
    CHECK_MESSAGE(check.findings.empty(), all(check));
}

}  // namespace
}  // namespace slipway::testkit
