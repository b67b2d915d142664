// helm.apply: one run of helm on exactly what was approved, and the sorting out of what it left.
#include <algorithm>
#include <boost/json.hpp>
#include <filesystem>

#include "steps/helm/apply_attempt.hpp"
#include "steps/helm/executors.hpp"

namespace slipway::helm {
namespace {

class ApplySteps final : public process::ToolSteps {
public:
    explicit ApplySteps(const HelmOptions& options)
        : ToolSteps({options.cluster.supervisor_path}), options_(options) {}
    ~ApplySteps() override { stop(); }

    ExecutorTraits traits() const override {
        ExecutorTraits traits;
        traits.kind = "helm.apply";
        traits.resource_class = "helm";
        traits.cancel_grace_ms = options_.cluster.stop_grace_ms + options_.cluster.request_limit_ms;
        traits.force_grace_ms = 60'000;
        return traits;
    }

protected:
    Result<Outcome> work(process::Tools& tools) override {
        auto& context = tools.context();
        auto after = tools_of_look(context);
        ApplyAttempt attempt(context, options_, tools, after);
        return attempt.run();
    }

    std::optional<Outcome> witness(AttemptContext&) override { return std::nullopt; }

    Verdict look(AttemptContext& context, const std::vector<Evidence>& evidence) override {
        auto tools = tools_of_look(context);
        ApplyAttempt attempt(context, options_, tools, tools);
        return attempt.look(evidence);
    }

private:
    const HelmOptions options_;
};

}  // namespace

std::shared_ptr<Executor> make_apply_steps(const HelmOptions& options) {
    return std::make_shared<ApplySteps>(options);
}

}  // namespace slipway::helm

namespace slipway {

std::vector<std::shared_ptr<Executor>> helm_executors(const HelmOptions& options) {
    return {helm::make_plan_steps(options), helm::make_apply_steps(options), helm::make_drift_steps(options)};
}

}  // namespace slipway
