// The engine's own figures, asked for and told.
#include <doctest/doctest.h>

#include <thread>

#include "tests/unit/runtime/kit.hpp"

namespace slipway::testkit {
namespace {

class Figures final : public Observer {
public:
    void on_metrics(const EngineMetrics& metrics) override {
        const std::lock_guard lock(mutex_);
        metrics_.push_back(metrics);
    }
    void on_note(std::string_view what, const std::map<std::string, std::string>& fields) override {
        const std::lock_guard lock(mutex_);
        notes_[std::string(what)] = fields;
    }
    std::vector<EngineMetrics> metrics() const {
        const std::lock_guard lock(mutex_);
        return metrics_;
    }
    std::map<std::string, std::map<std::string, std::string>> notes() const {
        const std::lock_guard lock(mutex_);
        return notes_;
    }

private:
    mutable std::mutex mutex_;
    std::vector<EngineMetrics> metrics_;
    std::map<std::string, std::map<std::string, std::string>> notes_;
};

TEST_CASE("latencies are told to a factor of two, and never above the longest") {
    Latencies found;
    CHECK(found.at_most_us(0.5) == 0);
    for (std::uint64_t us = 1; us <= 1000; ++us) {
        found.add(us);
    }
    CHECK(found.count == 1000);
    CHECK(found.max_us == 1000);
    CHECK(found.total_us == 500'500);
    CHECK(found.at_most_us(0.5) >= 500);
    CHECK(found.at_most_us(0.5) <= 1000);
    CHECK(found.at_most_us(1.0) == 1000);
    found.add(std::uint64_t{1} << 60U);
    CHECK(found.at_most_us(1.0) == found.max_us);
    Latencies nothing;
    nothing.add(0);
    CHECK(nothing.at_most_us(1.0) == 0);
}

TEST_CASE("the figures count what happened, and tell what waits and for how long") {
    Bench b;
    b.executor->on_start = [&](const auto& c) { b.executor->hold(c); };
    auto options = b.options();
    options.live_attempts_max = 1;
    b.open(std::move(options));
    REQUIRE(b.engine->start(request("one", build(chain(1))), me()));
    REQUIRE(b.engine->start(request("two", build(chain(1))), me()));
    b.advance(5000);
    auto now = *b.engine->metrics();
    CHECK(now.runs_unfinished == 2);
    CHECK(now.runs_in_memory == 2);
    CHECK(now.attempts_live == 1);
    CHECK(now.tickets_waiting == 1);
    CHECK(now.oldest_ticket_ms == 5000);
    CHECK(now.events.at("run_started") == 2);
    CHECK(now.events.at("attempt_started") == 1);
    CHECK(now.place.count == 1);
    CHECK(now.commit.count == now.ticks);
    CHECK(now.store.commits >= now.ticks);
    while (b.executor->held().empty()) {
        std::this_thread::yield();
    }
    b.executor->held()[0]->finish(Succeeded{});
    REQUIRE(b.engine->wait(RunId{"one"}, kPatience));
    now = *b.engine->metrics();
    CHECK(now.tickets_waiting == 0);
    CHECK(now.oldest_ticket_ms == 0);
    CHECK(now.place.count == 2);
    CHECK(now.place.max_us == 5'000'000);
    CHECK(now.events.at("run_finished") == 1);
}

TEST_CASE("observers hear the figures as often as they were promised, and notes of what the engine does") {
    const auto figures = std::make_shared<Figures>();
    Bench b;
    auto options = b.options();
    options.observers = {figures};
    options.metrics_every_ms = 5;
    b.open(std::move(options));
    REQUIRE(b.engine->start(request("r", build(chain(2))), me()));
    REQUIRE(b.engine->wait(RunId{"r"}, kPatience));
    while (figures->metrics().size() < 3) {
        std::this_thread::yield();
    }
    REQUIRE(b.engine->stop(StopMode::kGraceful));
    b.engine.reset();
    CHECK(figures->metrics().back().events.at("run_finished") == 1);
    const auto notes = figures->notes();
    CHECK(notes.at("opened").at("runs") == "0");
    CHECK(notes.at("stopping").at("graceful") == "1");
    CHECK(notes.at("folded").at("runs") == "1");
}

TEST_CASE("nobody who did not ask hears figures") {
    const auto figures = std::make_shared<Figures>();
    Bench b;
    auto options = b.options();
    options.observers = {figures};
    b.open(std::move(options));
    REQUIRE(b.engine->start(request("r", build(chain(2))), me()));
    REQUIRE(b.engine->wait(RunId{"r"}, kPatience));
    REQUIRE(b.engine->stop(StopMode::kGraceful));
    b.engine.reset();
    CHECK(figures->metrics().empty());
}

}  // namespace
}  // namespace slipway::testkit
