// The step "policy": holds a change set against checks and rules before anybody is asked to approve it.
#include <exception>

#include "steps/policy/input.hpp"
#include "steps/policy/opa.hpp"
#include "steps/process/tool_steps.hpp"

namespace slipway::policy {
namespace {

constexpr const char* kEvidence = "policy";

Failed failed(FailureClass failure_class, std::string message, std::string detail) {
    StepFailure failure;
    failure.failure_class = failure_class;
    failure.message = std::move(message);
    failure.detail = std::move(detail);
    return {std::move(failure)};
}

Outcome outcome_of(const PolicyReport& report, std::string text, const Input& input, bool sensitive) {
    // A failure is not sealed.
    const auto line = "policy " + (sensitive ? std::string(to_string(report.verdict)) : one_line(report));
    const auto detail = sensitive ? std::string() : text;
    switch (report.verdict) {
        case PolicyVerdict::kPassed:
        case PolicyVerdict::kWarned:
            return Succeeded{{std::move(text), sensitive}};
        case PolicyVerdict::kNotEvaluated:
            if (input.go_on || (input.policies.checks.empty() && input.policies.rego.empty())) {
                return Succeeded{{std::move(text), sensitive}};
            }
            return failed(FailureClass::kPermanent, line, detail);
        case PolicyVerdict::kError:
            return failed(FailureClass::kPermanent, line, detail);
        case PolicyVerdict::kDenied:
            break;
    }
    return failed(FailureClass::kPolicy, line, detail);
}

class PolicyExecutor final : public process::ToolSteps {
public:
    explicit PolicyExecutor(PolicyOptions options)
        : ToolSteps({options.supervisor_path}), options_(std::move(options)) {}
    ~PolicyExecutor() override { stop(); }

    ExecutorTraits traits() const override {
        ExecutorTraits traits;
        traits.kind = "policy";
        return traits;
    }

protected:
    Result<Outcome> work(process::Tools& tools) override {
        const auto& info = tools.context().info();
        SLIPWAY_TRY(const Input input, parse_input(info.input.bytes, options_));
        auto report = report_on(input.change_set, input.policies);
        if (const auto set = read_change_set(input.change_set)) {
            run_checks(*set, input.policies.checks, report);
            SLIPWAY_CHECK(run_rego(tools, options_, *set, input.policies.rego, report));
        } else {
            add(report, {"", PolicyVerdict::kError, set.error().message});
        }
        conclude(report);
        auto text = encode(report);
        // Also of a step that fails, which puts nothing out.
        SLIPWAY_CHECK(tools.context().record_and_wait({kEvidence, {text, info.input.sensitive}}));
        const auto level = report.verdict == PolicyVerdict::kPassed ? LogLevel::kInfo : LogLevel::kWarning;
        tools.context().log(level, "policy " + one_line(report));
        return outcome_of(report, std::move(text), input, info.input.sensitive);
    }

    /// It changes nothing: what was interrupted is asked again.
    std::optional<Outcome> witness(AttemptContext&) override { return std::nullopt; }

private:
    PolicyOptions options_;
};

}  // namespace
}  // namespace slipway::policy

std::vector<std::shared_ptr<slipway::Executor>> slipway::policy_executors(PolicyOptions options) {
    return {std::make_shared<policy::PolicyExecutor>(std::move(options))};
}
