#include "tests/crash/engine/load.hpp"

#include <chrono>
#include <cstdio>
#include <thread>

namespace slipway::crash {
namespace {

const Principal kOperator{"load", {}};

void note_start(const World& world, const AttemptInfo& info) {
    world.effects.append("start " + info.run.str() + " " + info.step.str() + " " +
                         std::to_string(info.round) + " " + std::to_string(info.fence));
}

class Witness final : public Executor {
public:
    explicit Witness(World& world) : world_(world) {
        for (const auto& line : world.effects.lines()) {
            if (line.starts_with("effect ")) {
                before_.insert(line.substr(7));
            }
        }
    }
    ExecutorTraits traits() const override {
        ExecutorTraits traits;
        traits.kind = "witness";
        return traits;
    }
    void start(std::shared_ptr<AttemptContext> context) override {
        note_start(world_, context->info());
        context->record({"armed", {}}, [this, context](const Result<void>& armed) {
            if (armed) {
                world_.effects.append("effect " + context->info().idempotency_key);
                context->finish(Succeeded{{"done", false}});
            }
        });
    }
    void reconcile(std::shared_ptr<AttemptContext> context, std::vector<Evidence> evidence) override {
        const bool happened = before_.contains(context->info().idempotency_key);
        if (happened && evidence.empty()) {
            context->reconciled(InDoubt{"an effect without evidence: it acted too early", {}});
        } else if (happened) {
            context->reconciled(Finished{Succeeded{{"done", false}}});
        } else {
            context->reconciled(NotStarted{});
        }
    }

private:
    World& world_;
    std::set<std::string> before_;  ///< effects of earlier processes
};

class Plain final : public BlockingExecutor {
public:
    explicit Plain(World& world) : world_(world) {}
    ExecutorTraits traits() const override {
        ExecutorTraits traits;
        traits.kind = "plain";
        return traits;
    }
    Outcome run(AttemptContext& context) override {
        note_start(world_, context.info());
        if (const auto dir = context.scratch_dir()) {
            static_cast<void>(Ledger(*dir + "/note"));
        }
        static_cast<void>(context.record_and_wait({"half way", {"x", false}}));
        return Succeeded{{std::string(100, 'p'), false}};
    }
    Verdict check(AttemptContext&, const std::vector<Evidence>&) override { return NotStarted{}; }

private:
    World& world_;
};

/// "flaky" fails its first attempt; "late" reports twice, the second time with another output.
class Odd final : public Executor {
public:
    Odd(World& world, std::string kind) : world_(world), kind_(std::move(kind)) {}
    ExecutorTraits traits() const override {
        ExecutorTraits traits;
        traits.kind = kind_;
        return traits;
    }
    void start(std::shared_ptr<AttemptContext> context) override {
        note_start(world_, context->info());
        if (kind_ == "flaky" && context->info().attempt == 1) {
            StepFailure failure;
            failure.failure_class = FailureClass::kTransient;
            context->finish(Failed{failure});
            return;
        }
        context->finish(Succeeded{{"first", false}});
        context->finish(Succeeded{{"late", false}});
        context->record({"late", {}}, [this](const Result<void>& recorded) {
            if (recorded) {
                world_.effects.append("accepted a late report");
            }
        });
    }
    void reconcile(std::shared_ptr<AttemptContext> context, std::vector<Evidence>) override {
        context->reconciled(NotStarted{});
    }

private:
    World& world_;
    std::string kind_;
};

/// Notes outside who has the lock that its input names, from the first step to the last of a section.
class Locker final : public Executor {
public:
    explicit Locker(World& world) : world_(world) {}
    ExecutorTraits traits() const override {
        ExecutorTraits traits;
        traits.kind = "locker";
        traits.resource_class = "locker";
        return traits;
    }
    void start(std::shared_ptr<AttemptContext> context) override {
        const auto& info = context->info();
        note_start(world_, info);
        world_.effects.append((info.step == StepId{"lock"} ? "own " : "disown ") + info.input.bytes + " " +
                              info.run.str());
        context->finish(Succeeded{});
    }
    void reconcile(std::shared_ptr<AttemptContext> context, std::vector<Evidence>) override {
        context->reconciled(NotStarted{});
    }

private:
    World& world_;
};

StepSpec step(const std::string& id, const char* kind, const std::vector<std::string>& after) {
    StepSpec spec;
    spec.id = StepId{id};
    spec.kind = kind;
    spec.retry.attempts_max = 50;
    spec.retry.initial_ms = 1;
    spec.retry.delay_max_ms = 5;
    for (const auto& dependency : after) {
        spec.depends_on.push_back({StepId{dependency}, DependencyKind::kData});
    }
    return spec;
}

WorkflowSpec chain_of(int length) {
    WorkflowSpec spec;
    spec.name = "chain";
    for (int i = 0; i < length; ++i) {
        const char* kind = i % 3 == 0 ? "witness" : (i % 3 == 1 ? "flaky" : "late");
        spec.steps.push_back(i == 0 ? step("s0", kind, {})
                                    : step("s" + std::to_string(i), kind, {"s" + std::to_string(i - 1)}));
    }
    return spec;
}

WorkflowSpec fan_of(int width) {
    WorkflowSpec spec;
    spec.name = "fan";
    std::vector<std::string> all;
    for (int i = 0; i < width; ++i) {
        all.push_back("s" + std::to_string(i));
        spec.steps.push_back(step(all.back(), i % 2 == 0 ? "plain" : "witness", {}));
    }
    spec.steps.push_back(step("join", "witness", all));
    return spec;
}

WorkflowSpec waits() {
    WorkflowSpec spec;
    spec.name = "waits";
    auto timer = step("timer", "timer", {"plan"});
    timer.type = StepType::kTimer;
    timer.timer_delay_ms = 2;
    auto gate = step("gate", "gate", {"plan"});
    gate.type = StepType::kGate;
    spec.steps = {step("plan", "plain", {}), timer, gate, step("apply", "witness", {"gate", "timer"})};
    return spec;
}

/// Holds the component over an open gate, and a place of the rollout until it ends.
WorkflowSpec locked(const std::string& component) {
    WorkflowSpec spec;
    spec.name = "locked";
    auto gate = step("gate", "gate", {"lock"});
    gate.type = StepType::kGate;
    spec.steps = {step("lock", "locker", {}), gate, step("unlock", "locker", {"gate"})};
    for (auto& s : spec.steps) {
        s.section = "change";
        if (s.type == StepType::kExecutor) {
            s.input.bytes = component;
            s.claims = {{component, 1, ClaimScope::kSection}, {"rollout", 1, ClaimScope::kRun}};
        }
    }
    return spec;
}

}  // namespace

Workflow workflow_of(int number) {
    static const std::vector<Workflow> kAll = {
        *Workflow::build(chain_of(7)), *Workflow::build(locked("component/a")), *Workflow::build(fan_of(6)),
        *Workflow::build(locked("component/b")), *Workflow::build(waits())};
    return kAll[static_cast<std::size_t>(number) % kAll.size()];
}

Result<std::unique_ptr<Engine>> open_engine(World& world, bool small_limits) {
    RocksDbStoreOptions store;
    store.directory = world.store;
    SLIPWAY_TRY(auto opened, open_rocksdb_store(store));
    EngineOptions options;
    options.store = std::move(opened);
    options.executors = {std::make_shared<Witness>(world), std::make_shared<Plain>(world),
                         std::make_shared<Odd>(world, "flaky"), std::make_shared<Odd>(world, "late"),
                         std::make_shared<Locker>(world)};
    options.limits = {{"rollout", 3}, {"class/locker", 2}};
    options.live_attempts_max = small_limits ? 8 : 64;
    options.memory_bytes_max = small_limits ? 1 : options.memory_bytes_max;  // whatever waits is let go
    options.pool_threads = 2;
    options.scratch_directory = world.scratch;
    return Engine::open(std::move(options));
}

bool answer_gates(Engine& engine, World& world) {
    RunQuery query;
    query.unfinished_only = true;
    const auto runs = engine.list(query);
    if (!runs) {
        return false;
    }
    for (const auto& run : *runs) {
        const auto view = run.gates_open > 0 ? engine.view(run.run) : Result<RunView>(RunView{});
        if (!view) {
            return false;
        }
        for (const auto& s : view->steps) {
            if (!s.gate) {
                continue;
            }
            GateAnswer answer;
            answer.step = s.id;
            answer.round = s.gate->round;
            answer.shown = s.gate->shown;
            if (engine.act(run.run, AnswerGate{answer}, kOperator)) {
                world.acknowledged.append("gate " + run.run.str());
            }
        }
    }
    return true;
}

void run_until_killed(World& world, int generation) {
    auto engine = open_engine(world);
    if (!engine) {
        std::fprintf(stderr, "open: %s\n", engine.error().message.c_str());
        ::_exit(3);
    }
    for (int n = 0;; ++n) {
        StartRequest request;
        request.run = RunId{std::to_string(generation) + "-" + std::to_string(n)};
        request.workflow = workflow_of(n);
        request.approve_all = n % 2 == 0;
        if (!(*engine)->start(request, kOperator)) {
            ::_exit(4);
        }
        world.acknowledged.append("run " + request.run.str());
        if (n % 4 == 3 && !answer_gates(**engine, world)) {
            ::_exit(5);
        }
        RunQuery query;
        query.unfinished_only = true;
        query.limit = 24;
        while ((*engine)->list(query).value_or(std::vector<RunSummary>{}).size() >= 24) {
            answer_gates(**engine, world);
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
    }
}

}  // namespace slipway::crash
