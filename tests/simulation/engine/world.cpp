#include "tests/simulation/engine/world.hpp"

#include <algorithm>

#include "tests/simulation/engine/operator.hpp"

namespace slipway::simulation {
namespace {

class Played final : public Executor {
public:
    Played(World& world, std::string kind) : world_(world), kind_(std::move(kind)) {}
    ExecutorTraits traits() const override {
        ExecutorTraits traits;
        traits.kind = kind_;
        traits.cancel_grace_ms = 2'000;
        traits.force_grace_ms = 1'000;
        traits.reconcile_timeout_ms = 5'000;
        return traits;
    }
    void start(std::shared_ptr<AttemptContext> context) override { world_.start(context); }
    void reconcile(std::shared_ptr<AttemptContext> context, std::vector<Evidence> evidence) override {
        world_.reconcile(context, !evidence.empty());
    }
    void attach(std::shared_ptr<AttemptContext> context, std::vector<Evidence>) override {
        world_.attach(context);
    }
    void cancel(const AttemptInfo& attempt, CancelMode) override { world_.cancel(attempt); }

private:
    World& world_;
    std::string kind_;
};

StepFailure failure_of(FailureClass why) {
    StepFailure failure;
    failure.failure_class = why;
    failure.message = "as the dice say";
    return failure;
}

}  // namespace

std::vector<std::shared_ptr<Executor>> World::executors() {
    return {std::make_shared<Played>(*this, "plain"), std::make_shared<Played>(*this, "witness"),
            std::make_shared<Played>(*this, "fan")};
}

void World::later(DurationMs delay, std::function<void()> body) {
    due_.emplace(clock_.now_ms() + delay, std::move(body));
}

bool World::happen() {
    bool any = false;
    while (!due_.empty() && due_.begin()->first <= clock_.now_ms()) {
        const auto body = std::move(due_.begin()->second);
        due_.erase(due_.begin());
        body();
        any = true;
    }
    return any;
}

std::optional<TimeMs> World::next() const {
    return due_.empty() ? std::nullopt : std::optional<TimeMs>(due_.begin()->first);
}

void World::check_effects() const {
    for (const auto& [key, times] : effects_) {
        if (times > 1) {
            throw Violation("G4: an effect with a witness happened " + std::to_string(times) + " times");
        }
    }
}

Outcome World::success(const AttemptContext& context, const std::string& more) {
    return Succeeded{{"fence " + std::to_string(context.info().fence) + ";" + more, false}};
}

Outcome World::outcome(const AttemptContext& context) {
    return !calm_ && dice_.chance(faults_.odd_executor)
               ? odd_outcome(context)
               : success(context, std::string(dice_.below(200), 'o'));
}

Outcome World::odd_outcome(const AttemptContext& context) {
    switch (dice_.below(8)) {
        case 0:
            return Failed{failure_of(FailureClass::kPermanent)};
        case 1:
        case 2:
            return Failed{failure_of(FailureClass::kTransient)};
        case 3:
            return InDoubt{"nobody knows", {}};
        case 4:
            return Redo{"what was prepared is stale"};
        case 5: {
            WaitFor wait;
            wait.delay_ms = dice_.between(1, 5'000);
            return wait;
        }
        default:
            return success(context, std::string(dice_.chance(100) ? 70'000 : 10, 'x'));
    }
}

void World::start(const Context& context) {
    const auto& info = context->info();
    oracle_.acts(info.run, info.step, info.fence);
    live_[{info.run, info.step}] = context;
    if (info.kind == "witness") {
        start_witness(context);
    } else if (info.kind == "fan") {
        start_fan(context);
    } else if (calm_ || !dice_.chance(faults_.odd_executor)) {
        later(dice_.below(500), [this, context] { context->finish(outcome(*context)); });
    } else {
        start_oddly(context);
    }
}

// Armed first, then the effect, then the report; a crash may come between any two.
void World::start_witness(const Context& context) {
    context->record({"armed", {}}, [this, context](const Result<void>& armed) {
        if (!armed) {
            return;
        }
        later(dice_.below(300), [this, context] {
            ++effects_[context->info().idempotency_key];
            later(dice_.below(300), [context] { context->finish(success(*context)); });
        });
    });
}

// Child runs first, their results then. What it asks for differs from attempt to attempt.
void World::start_fan(const Context& context) {
    later(dice_.below(500), [this, context] {
        const auto& ended = context->info().resolutions;
        const bool back = !ended.empty() && ended.back().kind == WaitKind::kChildRuns;
        context->finish(back ? outcome(*context) : ask_children(*context));
    });
}

Outcome World::ask_children(const AttemptContext& context) {
    WaitFor wait;
    wait.kind = WaitKind::kChildRuns;
    wait.join.mode = static_cast<JoinMode>(dice_.between(1, 3));
    wait.join.failures_max = dice_.below(2);
    wait.join.at_once_max = dice_.below(3);
    const auto& id = context.info().run.str();
    const bool deep = std::count(id.begin(), id.end(), '/') > 2;
    const auto count = dice_.below(4);
    for (std::uint32_t i = 0; i < count; ++i) {
        auto workflow = some_workflow(dice_, !deep);
        const auto result = workflow.step(0).id;
        wait.children.push_back({"c" + std::to_string(i),
                                 std::move(workflow),
                                 {std::string(dice_.chance(100) ? 70'000 : 3, 'i'), false},
                                 {},
                                 result});
    }
    return wait;
}

void World::start_oddly(const Context& context) {
    switch (dice_.below(8)) {
        case 0:
            throw std::runtime_error("as the dice say");
        case 1:
            context->finish(outcome(*context));
            return;
        case 2:  // twice, and differently
            later(dice_.below(500), [this, context] {
                context->finish(outcome(*context));
                context->finish(success(*context, "second"));
            });
            return;
        case 3:  // never; without a deadline that would be nobody's fault
            if (context->info().deadline_ms == 0) {
                later(dice_.below(500), [this, context] { context->finish(outcome(*context)); });
            }
            return;
        case 4:  // long after everybody has given up
            later(dice_.between(5'000, 60'000), [this, context] { context->finish(outcome(*context)); });
            return;
        case 5:
            context->run_blocking([this, context] { context->finish(outcome(*context)); });
            return;
        case 6: {
            const auto digest = context->put_blob({"blob " + std::to_string(dice_.below(50)), false});
            later(dice_.below(2'000), [context, digest] {
                context->finish(digest ? success(*context, "blob " + digest->hex())
                                       : Outcome(Failed{failure_of(FailureClass::kTransient)}));
            });
            return;
        }
        default:
            context->record({"half", {std::string(dice_.below(100), 'e'), false}},
                            [this, context](const Result<void>& recorded) {
                                if (recorded) {
                                    later(dice_.below(2'000),
                                          [this, context] { context->finish(outcome(*context)); });
                                }
                            });
    }
}

void World::reconcile(const Context& context, bool has_evidence) {
    const auto& info = context->info();
    live_[{info.run, info.step}] = context;
    if (info.kind == "witness") {
        const bool happened = effects_.contains(info.idempotency_key);
        if (happened && !has_evidence) {
            throw Violation("G4: an effect without its evidence");
        }
        context->reconciled(happened ? Verdict(Finished{success(*context)}) : Verdict(NotStarted{}));
        return;
    }
    const auto way = calm_ || !dice_.chance(faults_.odd_executor) ? 9 : dice_.below(8);
    if (way == 0) {
        throw std::runtime_error("as the dice say");
    }
    later(dice_.below(1'000), [this, context, way] {
        switch (way) {
            case 1:
                return;  // does not answer
            case 2:
                context->reconciled(StillRunning{});
                return;
            case 3:
                context->reconciled(Finished{outcome(*context)});
                return;
            case 4:
                context->reconciled(InDoubt{"nobody knows", {}});
                return;
            case 5:
                context->reconciled(Partial{"half of it"});
                return;
            default:
                context->reconciled(NotStarted{});
        }
    });
}

void World::attach(const Context& context) {
    later(dice_.below(2'000), [this, context] { context->finish(outcome(*context)); });
}

void World::cancel(const AttemptInfo& attempt) {
    const auto context = live_[{attempt.run, attempt.step}].lock();
    if (context == nullptr || attempt.kind == "witness" || (!calm_ && dice_.chance(faults_.odd_executor))) {
        return;  // it goes on
    }
    later(dice_.below(1'000), [context] { context->finish(Failed{failure_of(FailureClass::kCancelled)}); });
}

}  // namespace slipway::simulation
