// What is damaged is set aside and kept; what only cannot be read now is neither.
#include <doctest/doctest.h>

#include <filesystem>

#include "engine/store/memory_image.hpp"
#include "tests/unit/runtime/kit.hpp"

namespace slipway::testkit {
namespace {

void hold_all(Bench& b) {
    b.executor->on_start = [&b](const std::shared_ptr<AttemptContext>& c) { b.executor->hold(c); };
}

StartRequest sensitive(const std::string& run, WorkflowSpec spec) {
    auto r = request(run, build(std::move(spec)), "a secret");
    r.input.sensitive = true;
    return r;
}

EngineOptions with_store(Bench& b, const std::shared_ptr<SpyStore>& store) {
    auto options = b.options();
    options.store = store;
    return options;
}

TEST_CASE("an open without the key quarantines nothing, and the next one with it goes on") {
    Bench b;
    hold_all(b);
    auto options = b.options();
    options.keys = std::make_shared<OneKey>();
    b.open(std::move(options));
    REQUIRE(b.engine->start(sensitive("tail", chain(1)), me()));
    b.engine.reset();
    b.executor->on_start = nullptr;
    const auto refused = Engine::open(b.options());
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().code == ErrorCode::kKey);
    CHECK(refused.error().message.find("tail") != std::string::npos);
    options = b.options();
    options.keys = std::make_shared<OneKey>();
    b.open(std::move(options));
    CHECK(*b.engine->wait(RunId{"tail"}, kPatience) == RunStatus::kSucceeded);
    CHECK(b.image->contents.partitions.at(0).quarantined.empty());
}

TEST_CASE("a checkpoint that the disk does not give back quarantines nothing at open") {
    Bench b;
    hold_all(b);
    b.open();
    REQUIRE(b.engine->start(request("r", build(chain(1))), me()));
    b.reopen();
    b.engine.reset();
    const auto store = std::make_shared<SpyStore>(make_memory_store(b.image));
    store->unreadable = true;
    const auto refused = Engine::open(with_store(b, store));
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().code == ErrorCode::kIo);
    CHECK(b.image->contents.partitions.at(0).quarantined.empty());
    b.executor->on_start = nullptr;
    b.open();
    CHECK(*b.engine->wait(RunId{"r"}, kPatience) == RunStatus::kSucceeded);
}

WorkflowSpec pausing() {
    auto spec = chain(1);
    spec.name = "pausing";
    auto pause = step("pause");
    pause.type = StepType::kTimer;
    pause.kind = "timer";
    pause.timer_delay_ms = 60'000;
    spec.steps = {pause, step("after", {"pause"})};
    return spec;
}

TEST_CASE("a parked run that cannot be read for now refuses the act, and its timer is not lost") {
    Bench b;
    b.open();
    REQUIRE(b.engine->start(request("r", build(pausing())), me()));
    REQUIRE(b.engine->stop(StopMode::kGraceful));
    const auto store = std::make_shared<SpyStore>(make_memory_store(b.image));
    b.open(with_store(b, store));
    store->unreadable = true;
    const auto act = b.engine->act(RunId{"r"}, PauseRun{}, me());
    REQUIRE_FALSE(act.has_value());
    CHECK(act.error().code == ErrorCode::kIo);
    b.advance(60'000);
    store->unreadable = false;
    auto ended = b.engine->wait(RunId{"r"}, 0);
    for (int i = 0; i < 1000 && !ended; ++i) {
        b.advance(60'000);
        ended = b.engine->wait(RunId{"r"}, 20);
    }
    REQUIRE(ended.has_value());
    CHECK(*ended == RunStatus::kSucceeded);
    CHECK(b.image->contents.partitions.at(0).quarantined.empty());
}

TEST_CASE("slices behind the damage are kept in the run's history when the journal is folded") {
    Bench b;
    b.executor->on_start = [&](const std::shared_ptr<AttemptContext>& c) {
        c->record({"pid", {"number 42", false}}, [](const Result<void>&) {});
    };
    b.open();
    REQUIRE(b.engine->start(request("bad", build(chain(1))), me()));
    static_cast<void>(b.engine->list({}));
    b.engine.reset();
    damage_slice(*b.image, "bad");
    b.open();
    REQUIRE(b.engine->stop(StopMode::kGraceful));
    CHECK(b.image->contents.partitions.at(0).journal.empty());
    std::string kept;
    for (const auto& [key, block] : b.image->contents.history) {
        kept += key.first.str() == "bad" ? block.bytes : std::string{};
    }
    CHECK(kept.find("number 42") != std::string::npos);
    b.open();
    CHECK(b.engine->history(RunId{"bad"}).has_value());
    CHECK(b.engine->release_quarantined(RunId{"bad"}, me()).has_value());
}

TEST_CASE("a quarantined run leaves the queue for places") {
    Bench b;
    hold_all(b);
    auto options = b.options();
    options.live_attempts_max = 1;
    b.open(std::move(options));
    REQUIRE(b.engine->start(request("first", build(chain(1))), me()));
    REQUIRE(b.engine->start(request("bad", build(fan(3))), me()));
    REQUIRE(b.engine->start(request("good", build(chain(1))), me()));
    b.engine.reset();
    damage_slice(*b.image, "bad");
    b.executor->on_start = nullptr;
    options = b.options();
    options.live_attempts_max = 1;
    b.open(std::move(options));
    CHECK(*b.engine->wait(RunId{"first"}, kPatience) == RunStatus::kSucceeded);
    CHECK(*b.engine->wait(RunId{"good"}, kPatience) == RunStatus::kSucceeded);
}

TEST_CASE("no open sweeps the directory of a quarantined run's attempt") {
    const auto root = std::filesystem::temp_directory_path() / "slipway-quarantine-test";
    std::filesystem::remove_all(root);
    Bench b;
    std::string directory;
    b.executor->on_start = [&](const std::shared_ptr<AttemptContext>& c) { directory = *c->scratch_dir(); };
    auto options = b.options();
    options.scratch_directory = root.string();
    b.open(std::move(options));
    REQUIRE(b.engine->start(request("bad", build(chain(1))), me()));
    static_cast<void>(b.engine->list({}));
    b.engine.reset();
    damage_slice(*b.image, "bad");
    std::filesystem::create_directories(root / "gone-1-x");
    for (int i = 0; i < 2; ++i) {
        options = b.options();
        options.scratch_directory = root.string();
        b.open(std::move(options));
        REQUIRE(b.engine->stop(StopMode::kGraceful));
        CHECK(std::filesystem::exists(directory));
        CHECK_FALSE(std::filesystem::exists(root / "gone-1-x"));
    }
    std::filesystem::remove_all(root);
}

}  // namespace
}  // namespace slipway::testkit
