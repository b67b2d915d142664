// The simulated executors: one class, a kind and a behaviour each.
#include "slipway/steps/simulate.hpp"

#include "steps/simulate/behaviour.hpp"
#include "steps/simulate/delay_line.hpp"
#include "steps/simulate/script.hpp"

namespace slipway::steps {
namespace {

using simulate::Behaviour;
using simulate::DelayLine;
using simulate::World;

struct Stage {
    SimulationScript script;
    Result<std::shared_ptr<World>> world;
    DelayLine line;
};

std::string name_of(const AttemptInfo& info) {
    return info.run.str() + "\n" + info.step.str() + "\n" + std::to_string(info.fence);
}

Outcome failed_outcome(const SimulationRule& rule) {
    StepFailure failure;
    failure.failure_class = simulate::failure_class(rule.failure_class);
    failure.message = rule.message.empty() ? "the simulation script says so" : rule.message;
    if (rule.in_doubt) {
        return InDoubt{failure.message, {}};
    }
    return Failed{failure};
}

class Simulated final : public Executor {
public:
    Simulated(std::string kind, Behaviour behaviour, std::shared_ptr<Stage> stage)
        : kind_(std::move(kind)), behaviour_(behaviour), stage_(std::move(stage)) {}

    ExecutorTraits traits() const override {
        ExecutorTraits traits;
        traits.kind = kind_;
        return traits;
    }

    void start(std::shared_ptr<AttemptContext> context) override {
        const AttemptInfo& info = context->info();
        const SimulationRule rule = simulate::rule_for(stage_->script, info.step.str(), info.kind);
        const std::weak_ptr<Stage> stage = stage_;
        const Behaviour behaviour = behaviour_;
        stage_->line.after(rule.delay_ms, name_of(info), [stage, behaviour, context, rule](bool cancelled) {
            if (const auto alive = stage.lock()) {
                context->finish(cancelled ? cancelled_outcome()
                                          : outcome(*alive, behaviour, context->info(), rule));
            }
        });
    }

    void reconcile(std::shared_ptr<AttemptContext> context, std::vector<Evidence>) override {
        if (!stage_->world) {
            context->reconciled(InDoubt{stage_->world.error().message, {}});
            return;
        }
        const auto done = (*stage_->world)->done(context->info().idempotency_key);
        if (done) {
            context->reconciled(Finished{Succeeded{simulate::to_payload(*done)}});
        } else {
            context->reconciled(NotStarted{});
        }
    }

    void cancel(const AttemptInfo& attempt, CancelMode) override { stage_->line.cancel(name_of(attempt)); }

private:
    static Outcome cancelled_outcome() {
        return Failed{{.failure_class = FailureClass::kCancelled, .message = "cancelled", .detail = {}}};
    }

    static Outcome outcome(Stage& stage, Behaviour behaviour, const AttemptInfo& info,
                           const SimulationRule& rule) {
        if (!stage.world) {
            return Failed{{.failure_class = FailureClass::kPermanent,
                           .message = stage.world.error().message,
                           .detail = {}}};
        }
        const std::uint32_t failing = rule.in_doubt ? std::max(1U, rule.fail_attempts) : rule.fail_attempts;
        const bool fails = info.fence <= failing;
        if (fails && !rule.fail_after_effect) {
            return failed_outcome(rule);
        }
        Outcome done = simulate::behave(behaviour, info, rule, **stage.world);
        return fails && std::holds_alternative<Succeeded>(done) ? failed_outcome(rule) : done;
    }

    std::string kind_;
    Behaviour behaviour_;
    std::shared_ptr<Stage> stage_;
};

struct Kind {
    const char* name;
    Behaviour behaviour;
};
constexpr Kind kKinds[] = {
    {"terraform.plan", Behaviour::kPlan}, {"terraform.apply", Behaviour::kApply},
    {"helm.plan", Behaviour::kPlan},      {"helm.apply", Behaviour::kApply},
    {"manifest.plan", Behaviour::kPlan},  {"manifest.apply", Behaviour::kApply},
    {"pulumi.plan", Behaviour::kPlan},    {"pulumi.apply", Behaviour::kApply},
    {"image.sync", Behaviour::kBring},    {"action", Behaviour::kAction},
};
constexpr Kind kLifecycleKinds[] = {
    {"preflight", Behaviour::kPreflight},
    {"outputs.save", Behaviour::kSave},
};

}  // namespace

std::vector<std::shared_ptr<Executor>> make_simulated_executors(const SimulationScript& script,
                                                                bool with_lifecycle) {
    auto world = World::open(script.witness_file);
    const std::shared_ptr<Stage> stage(new Stage{script, std::move(world), {}});
    std::vector<std::shared_ptr<Executor>> executors;
    for (const auto& kind : kKinds) {
        executors.push_back(std::make_shared<Simulated>(kind.name, kind.behaviour, stage));
    }
    if (with_lifecycle) {
        for (const auto& kind : kLifecycleKinds) {
            executors.push_back(std::make_shared<Simulated>(kind.name, kind.behaviour, stage));
        }
    }
    return executors;
}

}  // namespace slipway::steps
