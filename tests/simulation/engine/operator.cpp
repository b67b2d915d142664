#include "tests/simulation/engine/operator.hpp"

namespace slipway::simulation {
namespace {

OperatorAct answer(const StepView& step, Dice& dice, bool calm) {
    AnswerGate act;
    act.answer.step = step.id;
    act.answer.round = step.gate->round;
    act.answer.shown = step.gate->shown;
    const auto way = calm ? 9 : dice.below(10);
    if (way == 0) {
        act.answer.shown = sha256("something else");  // refused
    } else if (way == 1) {
        act.answer.decision = Decision::kDeny;
    } else if (way == 2) {
        act.answer.decision = Decision::kRetryPlan;
    }
    return act;
}

OperatorAct settle(const StepView& step, bool succeeded) {
    SettleStep act;
    act.step = step.id;
    act.succeeded = succeeded;
    return act;
}

OperatorAct help_failed(const StepView& step, Dice& dice, bool calm) {
    if (calm && step.kind == "gate") {
        return RedoSection{step.id, "once more"};  // an approval that was denied is not passed over
    }
    switch (calm ? 1U + dice.below(2) : dice.below(4)) {
        case 0:
            return RetryStep{step.id};
        case 1:
            return SkipStep{step.id, SkipMode::kGoOn, {}};
        case 2:
            return settle(step, true);
        default:
            return RedoSection{step.id, "once more"};
    }
}

OperatorAct something(const RunView& view, Dice& dice) {
    const auto& step = view.steps[dice.below(static_cast<std::uint32_t>(view.steps.size()))];
    switch (dice.below(9)) {
        case 0:
        case 1:
            return PauseRun{};
        case 2:
            return ResumeRun{};
        case 3:
            return CancelRun{"why not"};
        case 4:
            return StopRun{"enough"};
        case 5:
            return RedoSection{step.id, "why not"};
        case 6:
            return SetApproveAll{dice.chance(500)};
        case 7:
            return settle(step, true);
        default:
            return RetryStep{step.id};
    }
}

}  // namespace

std::optional<OperatorAct> act_on(const RunView& view, Dice& dice, const Faults& faults, bool calm) {
    if (!calm && dice.chance(faults.odd_operator / 4)) {
        return something(view, dice);
    }
    if (view.summary.status == RunStatus::kPaused) {
        return ResumeRun{};
    }
    // A doubt first: until it is settled nothing of its closure can be done again.
    for (const auto& step : view.steps) {
        if (step.status == StepStatus::kInDoubt) {
            return settle(step, dice.chance(500));
        }
    }
    for (const auto& step : view.steps) {
        if (step.gate) {
            return answer(step, dice, calm);
        }
        if (step.status == StepStatus::kFailed) {
            return help_failed(step, dice, calm);
        }
    }
    if (calm && view.summary.status != RunStatus::kRunning) {
        return ResumeRun{};
    }
    return std::nullopt;
}

namespace {

StepSpec executor_step(const std::string& id, Dice& dice) {
    StepSpec step;
    step.id = StepId{id};
    step.kind = dice.chance(400) ? "witness" : "plain";
    step.retry.attempts_max = dice.between(1, 4);
    step.retry.initial_ms = dice.between(1, 2'000);
    step.on_failure = static_cast<FailurePolicy>(dice.between(1, 3));
    step.attempt_timeout_ms = dice.chance(500) ? dice.between(500, 5'000) : 0;
    step.step_timeout_ms = dice.chance(100) ? dice.between(5'000, 60'000) : 0;
    step.retry_mode = dice.chance(200) ? RetryMode::kNewRound : RetryMode::kSameRound;
    return step;
}

void depend(StepSpec& step, const StepId& on, Dice& dice) {
    step.depends_on.push_back({on, dice.chance(500) ? DependencyKind::kData : DependencyKind::kOrder});
}

/// plan -> gate -> apply of one section.
void add_section(WorkflowSpec& spec, const std::string& name, Dice& dice) {
    auto plan = executor_step(name + ".plan", dice);
    if (!spec.steps.empty()) {
        depend(plan, spec.steps.back().id, dice);
    }
    StepSpec gate;
    gate.id = StepId{name + ".gate"};
    gate.type = StepType::kGate;
    gate.kind = "gate";
    gate.depends_on = {{plan.id, DependencyKind::kData}};
    gate.gate.expires_after_ms = dice.chance(200) ? dice.between(1'000, 60'000) : 0;
    auto apply = executor_step(name + ".apply", dice);
    apply.depends_on = {{gate.id, DependencyKind::kOrder}};
    for (auto* step : {&plan, &gate, &apply}) {
        step->section = name;
        spec.steps.push_back(*step);
    }
}

}  // namespace

Workflow some_workflow(Dice& dice, bool may_fan) {
    WorkflowSpec spec;
    spec.name = "w" + std::to_string(dice.below(1'000'000));
    const auto parts = dice.between(1, 4);
    for (std::uint32_t i = 0; i < parts; ++i) {
        const auto name = "s" + std::to_string(i);
        if (dice.chance(300)) {
            add_section(spec, name, dice);
            continue;
        }
        auto step = executor_step(name, dice);
        if (may_fan && dice.chance(200)) {
            step.kind = "fan";
        } else if (dice.chance(200)) {
            step = StepSpec{};
            step.id = StepId{name};
            step.type = StepType::kTimer;
            step.kind = "timer";
            step.timer_delay_ms = dice.between(1, 100'000);
        }
        const auto before = spec.steps.size();
        for (std::size_t k = 0; k < before; ++k) {
            if (dice.chance(400)) {
                depend(step, spec.steps[k].id, dice);
            }
        }
        spec.steps.push_back(std::move(step));
    }
    spec.run_timeout_ms = dice.chance(50) ? dice.between(10'000, 200'000) : 0;
    return *Workflow::build(std::move(spec));
}

}  // namespace slipway::simulation
