#include "tests/golden/install/walk.hpp"

#include <chrono>

namespace slipway::walk {
namespace {

constexpr std::chrono::seconds kPatience{10};

AttemptInfo info_of(const StartRequest& start, const StepSpec& step, Payload input) {
    AttemptInfo info;
    info.run = start.run;
    info.step = step.id;
    info.kind = step.kind;
    info.section = step.section;
    info.fence = 1;
    info.idempotency_key = sha256(start.run.str() + "\n" + step.id.str()).hex();
    info.input = std::move(input);
    info.labels = step.labels;
    return info;
}

std::string describe(const Outcome& outcome) {
    if (const auto* failed = std::get_if<Failed>(&outcome)) {
        return failed->failure.message;
    }
    if (const auto* redo = std::get_if<Redo>(&outcome)) {
        return "redo: " + redo->why;
    }
    const auto* doubt = std::get_if<InDoubt>(&outcome);
    return doubt != nullptr ? "in doubt: " + doubt->why : "it waits";
}

}  // namespace

void Context::finish(Outcome outcome) {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (!outcome_) {
        outcome_ = std::move(outcome);
    }
    done_.notify_all();
}

void Context::reconciled(Verdict verdict) {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (!verdict_) {
        verdict_ = std::move(verdict);
    }
    done_.notify_all();
}

std::optional<Outcome> Context::outcome() {
    std::unique_lock<std::mutex> lock(mutex_);
    done_.wait_for(lock, kPatience, [this] { return outcome_.has_value(); });
    return outcome_;
}

std::optional<Verdict> Context::verdict() {
    std::unique_lock<std::mutex> lock(mutex_);
    done_.wait_for(lock, kPatience, [this] { return verdict_.has_value(); });
    return verdict_;
}

Walked carry_out(const StartRequest& start, InputResolver& resolver,
                 const std::vector<std::shared_ptr<Executor>>& executors) {
    Walked walked;
    std::map<std::string, std::shared_ptr<Executor>> by_kind;
    for (const auto& executor : executors) {
        by_kind[executor->traits().kind] = executor;
    }
    for (const StepIndex index : start.workflow.order()) {
        const StepSpec& step = start.workflow.step(index);
        walked.stopped_at = step.id.str();
        ResolveRequest request;
        request.workflow = &start.workflow;
        request.step = index;
        request.run = start.run;
        request.run_input = &start.input;
        request.output_of = [&](const StepId& id) -> const Payload* {
            const auto found = walked.outputs.find(id.str());
            return found == walked.outputs.end() ? nullptr : &found->second;
        };
        auto resolved = resolver.resolve(request);
        if (!resolved) {
            walked.why = resolved.error().message;
            return walked;
        }
        if (step.type == StepType::kGate) {
            if (resolved->nothing_to_approve) {
                walked.passed_gates.push_back(step.id.str());
            }
            walked.outputs[step.id.str()] = {};
            continue;
        }
        const auto executor = by_kind.find(step.kind);
        if (executor == by_kind.end()) {
            walked.why = "no executor of kind " + step.kind;
            return walked;
        }
        const auto context = std::make_shared<Context>(info_of(start, step, std::move(resolved->input)));
        executor->second->start(context);
        auto outcome = context->outcome();
        if (!outcome || !std::holds_alternative<Succeeded>(*outcome)) {
            walked.why = outcome ? describe(*outcome) : "no outcome";
            return walked;
        }
        walked.outputs[step.id.str()] = std::get<Succeeded>(std::move(*outcome)).output;
    }
    walked.stopped_at.clear();
    return walked;
}

}  // namespace slipway::walk
