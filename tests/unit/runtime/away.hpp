// A parent, its child runs, and an engine that keeps nothing in memory which it may let go.
#pragma once

#include <doctest/doctest.h>

#include <thread>

#include "engine/store/memory_image.hpp"
#include "slipway/check.hpp"
#include "tests/unit/runtime/kit.hpp"

namespace slipway::testkit {

using Context = std::shared_ptr<AttemptContext>;

/// A gate, and a step behind it.
inline WorkflowSpec gated() {
    auto spec = chain(2);
    spec.steps[0].type = StepType::kGate;
    spec.steps[0].kind = "gate";
    return spec;
}

inline void until(const std::function<bool()>& holds) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(kPatience);
    while (!holds() && std::chrono::steady_clock::now() < end) {
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    REQUIRE(holds());
}

/// "p" waits for its child runs, each of which waits for an answer; the engine keeps nothing that it may let
/// go.
struct Away {
    Bench bench;
    SpyStore* store = nullptr;
    std::vector<std::string> keys{"x", "y"};
    WorkflowSpec parent = chain(1);
    WorkflowSpec child = gated();
    Join join;
    std::string output = "made";
    std::size_t finished_runs_max = 1000;
    std::uint32_t live_attempts_max = 64;

    Away() {
        bench.executor->on_start = [this](const Context& c) { begin(c); };
    }
    void open() {
        auto options = bench.options();
        auto spy = std::make_unique<SpyStore>(make_memory_store(bench.image));
        store = spy.get();
        options.store = std::move(spy);
        options.memory_bytes_max = 0;
        options.live_attempts_max = live_attempts_max;
        options.retention.finished_runs_max = finished_runs_max;
        options.retention.finished_age_max_ms = 0;
        bench.open(std::move(options));
    }
    void begin(const Context& c) {
        if (c->info().run != RunId("p")) {
            c->finish(Succeeded{{output, false}});
            return;
        }
        std::string text;
        for (const auto& resolution : c->info().resolutions) {
            for (const auto& one : resolution.children) {
                text += one.key + ":" + std::string(to_string(one.status)) + ":" + one.output.bytes + ";";
            }
        }
        if (!c->info().resolutions.empty()) {
            c->finish(Succeeded{{text, false}});
            return;
        }
        WaitFor wait;
        wait.kind = WaitKind::kChildRuns;
        wait.join = join;
        for (const auto& key : keys) {
            wait.children.push_back({key, build(child), {"in " + key, false}, {}, StepId("s1")});
        }
        c->finish(std::move(wait));
    }
    void start() {
        REQUIRE(engine().start(request("p", build(parent)), me()));
        until([&] { return engine().view(child_of(keys[0])).has_value(); });
    }
    void crash() {
        bench.image = clone_memory_image(*bench.image);
        bench.engine.reset();
        open();
    }
    Engine& engine() { return *bench.engine; }
    static RunId child_of(const std::string& key) { return RunId("p/s0/1/" + key); }
    bool is_away(const RunId& run) {
        const auto before = store->loads.load();
        REQUIRE(engine().view(run));
        return store->loads.load() != before;
    }
    /// Brings so much in that whatever may go has to.
    void send_away(const std::vector<RunId>& runs) {
        until([&] {
            const auto name = "filler" + std::to_string(++fillers_);
            REQUIRE(engine().start(request(name, build(gated()), std::string(60'000, 'f')), me()));
            return std::all_of(runs.begin(), runs.end(), [&](const RunId& run) { return is_away(run); });
        });
    }
    void send_all_away() {
        std::vector<RunId> all{RunId("p")};
        for (const auto& key : keys) {
            all.push_back(child_of(key));
        }
        send_away(all);
    }
    OperatorAct approval(const RunId& run) {
        const auto gate = view_of(engine(), run.str(), "s0").gate;
        REQUIRE(gate);
        GateAnswer answer;
        answer.step = StepId{"s0"};
        answer.round = gate->round;
        answer.shown = gate->shown;
        return AnswerGate{answer};
    }
    Result<void> answer(const RunId& run) { return engine().act(run, approval(run), me()); }
    RunStatus end_of(const RunId& run) { return *engine().wait(run, kPatience); }
    RunStatus status(const RunId& run) { return engine().view(run)->summary.status; }
    std::string result() { return view_of(engine(), "p", "s0").output.bytes; }
    bool is_sound() {
        const auto copy = make_memory_store(clone_memory_image(*bench.image));
        const auto check = check_runs(*copy, nullptr);
        return check && check->findings.empty() && bench.recorder->alarms().empty();
    }

private:
    int fillers_ = 0;
};

/// The checkpoint of a run that is not in memory.
inline void damage(Away& a, const RunId& run) {
    const std::lock_guard lock(a.bench.image->mutex);
    auto& state = a.bench.image->contents.runs.at(run).state;
    state.resize(state.size() / 2);
}

}  // namespace slipway::testkit
