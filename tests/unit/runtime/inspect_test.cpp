// Runs as they stood, runs beside each other, and searches.
#include "slipway/inspect.hpp"

#include <doctest/doctest.h>

#include "tests/unit/runtime/kit.hpp"

namespace slipway::testkit {
namespace {

void finish_all(Bench& b, const std::vector<std::string>& runs, const Workflow& workflow) {
    for (const auto& run : runs) {
        REQUIRE(b.engine->start(request(run, workflow), me()));
        REQUIRE(b.engine->wait(RunId{run}, kPatience));
    }
}

std::vector<std::string> ids(Engine& engine, const RunQuery& query) {
    std::vector<std::string> found;
    const auto listed = engine.list(query);
    REQUIRE(listed);
    for (const auto& one : *listed) {
        found.push_back(one.run.str());
    }
    return found;
}

TEST_CASE("a run is shown as it stood after each event of its history, and at the end as it is") {
    for (const bool folded : {false, true}) {
        Bench b;
        b.open();
        finish_all(b, {"r"}, build(chain(3)));
        if (folded) {
            b.reopen();
        }
        const auto now = *b.engine->view(RunId{"r"});
        const auto events = *b.engine->history(RunId{"r"});
        REQUIRE(events.size() == now.seq);
        std::uint32_t done = 0;
        for (const auto& event : events) {
            const auto then = view_at(*b.engine, RunId{"r"}, event.seq);
            REQUIRE(then);
            done += std::holds_alternative<StepSucceeded>(event.body) ? 1U : 0U;
            CHECK(then->seq == event.seq);
            CHECK(then->summary.steps_done == done);
            CHECK(then->workflow.digest() == now.workflow.digest());
        }
        CHECK(compare(now, *view_at(*b.engine, RunId{"r"}, now.seq)).empty());
        const auto first = *view_at(*b.engine, RunId{"r"}, 1);
        CHECK(first.summary.status == RunStatus::kRunning);
        CHECK(first.steps[2].status == StepStatus::kPending);
        CHECK(first.steps[0].output.bytes.empty());
        CHECK(!view_at(*b.engine, RunId{"r"}, now.seq + 1));
        CHECK(view_at(*b.engine, RunId{"r"}, 0).error().code == ErrorCode::kNotFound);
        CHECK(view_at(*b.engine, RunId{"nobody"}, 1).error().code == ErrorCode::kNotFound);
    }
}

TEST_CASE("a run with secrets can be shown as it stood, without them") {
    Bench b;
    auto options = b.options();
    options.keys = std::make_shared<OneKey>();
    b.executor->on_start = [](const auto& c) { c->finish(Succeeded{{"hunter2", true}}); };
    b.open(std::move(options));
    auto spec = chain(2);
    spec.steps[0].input = {"hunter2", true};
    finish_all(b, {"r"}, build(spec));
    const auto now = *b.engine->view(RunId{"r"});
    const auto then = view_at(*b.engine, RunId{"r"}, now.seq - 1);
    REQUIRE(then);
    for (const auto& step : then->steps) {
        CHECK(step.output.bytes.empty());
    }
}

TEST_CASE("two runs beside each other: only what differs is named, and where") {
    Bench b;
    b.executor->on_start = [](const auto& c) {
        const bool odd = c->info().run == RunId{"odd"} && c->info().step == StepId{"s1"};
        if (odd) {
            c->finish(Failed{{FailureClass::kPermanent, "no such region", "", 0, false}});
        } else {
            c->finish(Succeeded{{"out", false}});
        }
    };
    b.open();
    auto spec = chain(2);
    spec.steps[1].on_failure = FailurePolicy::kStop;
    finish_all(b, {"one", "two", "odd"}, build(spec));
    const auto one = *b.engine->view(RunId{"one"});
    CHECK(compare(one, *b.engine->view(RunId{"two"})).empty());
    const auto found = compare(one, *b.engine->view(RunId{"odd"}));
    const auto has = [&](const Difference& wanted) {
        return std::find(found.begin(), found.end(), wanted) != found.end();
    };
    CHECK(has({StepId{}, "status", "succeeded", "failed"}));
    CHECK(has({StepId{"s1"}, "status", "succeeded", "failed"}));
    CHECK(has({StepId{"s1"}, "output", "out", ""}));
    CHECK(has({StepId{"s1"}, "failure", "", "permanent: no such region"}));
    CHECK(found.size() == 4);
    auto longer = chain(3);
    longer.steps[0].title = "first";
    finish_all(b, {"longer"}, build(longer));
    std::vector<std::string> aspects;
    for (const auto& one_of : compare(one, *b.engine->view(RunId{"longer"}))) {
        aspects.push_back(one_of.step.str() + ":" + one_of.aspect);
    }
    CHECK(aspects == std::vector<std::string>{":workflow", "s0:definition", "s1:definition", "s2:step"});
}

TEST_CASE("runs are found by label, status, workflow and time, page by page") {
    Bench b;
    b.open();
    auto other = chain(1);
    other.name = "other";
    for (int i = 0; i < 6; ++i) {
        auto wanted = request("r" + std::to_string(i), i % 2 == 0 ? build(chain(1)) : build(other));
        wanted.labels = {{"team", i < 3 ? "blue" : "red"}};
        REQUIRE(b.engine->start(wanted, me()));
        REQUIRE(b.engine->wait(wanted.run, kPatience));
        b.advance(1000);
        if (i == 2) {
            b.reopen();
        }
    }
    auto& engine = *b.engine;
    const auto third = engine.view(RunId{"r2"})->summary.started_ms;
    RunQuery query;
    query.workflow = "other";
    CHECK(ids(engine, query) == std::vector<std::string>{"r1", "r3", "r5"});
    query.labels = {{"team", "red"}};
    CHECK(ids(engine, query) == std::vector<std::string>{"r3", "r5"});
    query = {};
    query.started_from_ms = third;
    query.started_until_ms = third + 2000;
    CHECK(ids(engine, query) == std::vector<std::string>{"r2", "r3"});
    query = {};
    query.finished_until_ms = third;
    CHECK(ids(engine, query) == std::vector<std::string>{"r0", "r1"});
    query.limit = 1;
    query.after = RunId{"r0"};
    CHECK(ids(engine, query) == std::vector<std::string>{"r1"});
    query.after = RunId{"r1"};
    CHECK(ids(engine, query).empty());
    query.limit = 0;
    CHECK(ids(engine, query).empty());
}

TEST_CASE("a search through many runs finds each once, in order, folded or not") {
    Bench b;
    b.open();
    constexpr int kMany = 1300;
    const auto workflow = build(chain(1));
    for (int i = 0; i < kMany; ++i) {
        REQUIRE(b.engine->start(request("r" + std::to_string(i), workflow), me()));
        if (i == kMany / 2) {
            b.reopen();
        }
    }
    RunQuery query;
    query.limit = 2 * kMany;
    const auto found = ids(*b.engine, query);
    CHECK(found.size() == kMany);
    CHECK(std::is_sorted(found.begin(), found.end()));
    CHECK(std::adjacent_find(found.begin(), found.end()) == found.end());
    query.labels = {{"nobody", "has"}};
    CHECK(ids(*b.engine, query).empty());
}

}  // namespace
}  // namespace slipway::testkit
