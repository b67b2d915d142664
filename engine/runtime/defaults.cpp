// What executors and observers do when they override nothing.
#include "slipway/executor.hpp"
#include "slipway/observer.hpp"

namespace slipway {

// The signatures are the interface's: executors that carry something out keep what they are given.
// NOLINTNEXTLINE(performance-unnecessary-value-param)
void Executor::attach(std::shared_ptr<AttemptContext> context, std::vector<Evidence>) {
    context->finish(InDoubt{"the attempt lives on, but its executor cannot take it over", {}});
}

void Executor::cancel(const AttemptInfo&, CancelMode) {}

// NOLINTNEXTLINE(performance-unnecessary-value-param)
void Executor::undo(std::shared_ptr<AttemptContext> context, Payload) {
    StepFailure failure;
    failure.message = "this kind of step cannot be undone";
    failure.in_undo = true;
    context->finish(Failed{std::move(failure)});
}

Outcome BlockingExecutor::take_back(AttemptContext&, const Payload&) {
    StepFailure failure;
    failure.message = "this kind of step cannot be undone";
    failure.in_undo = true;
    return Failed{std::move(failure)};
}

void BlockingExecutor::undo(std::shared_ptr<AttemptContext> context, Payload output) {
    auto& line = *context;
    line.run_blocking([this, context = std::move(context), output = std::move(output)] {
        context->finish(take_back(*context, output));
    });
}

Verdict BlockingExecutor::check(AttemptContext&, const std::vector<Evidence>&) {
    return InDoubt{"it was interrupted, and its executor cannot tell how far it came", {}};
}

void BlockingExecutor::start(std::shared_ptr<AttemptContext> context) {
    auto& line = *context;
    line.run_blocking([this, context = std::move(context)] {
        if (context->cancelled()) {
            StepFailure failure;
            failure.failure_class = FailureClass::kCancelled;
            failure.message = "it was cancelled before it began";
            context->finish(Failed{std::move(failure)});
            return;
        }
        context->finish(run(*context));
    });
}

void BlockingExecutor::reconcile(std::shared_ptr<AttemptContext> context, std::vector<Evidence> evidence) {
    auto& line = *context;
    line.run_blocking([this, context = std::move(context), evidence = std::move(evidence)] {
        context->reconciled(check(*context, evidence));
    });
}

void Observer::on_event(const RunId&, const Workflow&, const Event&) {}
void Observer::on_progress(const RunId&, const StepId&, const Progress&) {}
void Observer::on_log(const RunId&, const StepId&, std::uint32_t, std::uint32_t, LogLevel, std::string_view) {
}
void Observer::on_alarm(std::string_view, const RunId&, std::string_view) {}
void Observer::on_metrics(const EngineMetrics&) {}
void Observer::on_note(std::string_view, const std::map<std::string, std::string>&) {}

}  // namespace slipway
