// The workflow that builds an app version: every component on its own, side by side.
#include <algorithm>

#include "engine/install/build_parts.hpp"
#include "engine/install/draft.hpp"
#include "engine/install/json.hpp"
#include "slipway/lifecycle/build.hpp"

namespace slipway::lifecycle {
namespace {

constexpr std::uint32_t kAttemptsMax = 3;
constexpr DurationMs kPushTimeoutMs = 1'800'000;

std::string joined(const std::vector<std::string>& parts) {
    std::string text;
    for (const auto& part : parts) {
        text += (text.empty() ? "" : "; ") + part;
    }
    return text;
}

/// "host/prefix" + "/app/component", in the letters that a repository's name may have.
std::string repository_of(const std::string& prefix, const BuildInput& input) {
    std::string out = prefix;
    for (const auto* part : {&input.app, &input.component}) {
        out.push_back('/');
        for (const char c : *part) {
            const bool upper = c >= 'A' && c <= 'Z';
            const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
            const bool inner = !out.ends_with('/') && !out.ends_with('-');
            if (upper) {
                out.push_back(static_cast<char>(c - 'A' + 'a'));
            } else if (plain) {
                out.push_back(c);
            } else if (inner) {
                out.push_back('-');
            }
        }
        while (out.ends_with('-')) {
            out.pop_back();
        }
    }
    return out;
}

RetryPolicy patient() {
    RetryPolicy retry;
    retry.attempts_max = kAttemptsMax;
    return retry;
}

/// A part is "sandbox", a component's name, or "component.<name>" where the name means something else.
StepId step_id(const BuildPlan& plan, std::string_view what) {
    constexpr std::string_view kPrefix = "component.";
    std::string name = plan.component;
    std::string id;
    if (name.starts_with(kPrefix)) {
        id = kPrefix;
        name.erase(0, kPrefix.size());
    }
    return StepId{id + id_part(name) + "." + std::string(what)};
}

StepSpec build_step(const Component& component, const BuildPlan& plan) {
    StepSpec step;
    step.id = step_id(plan, "build");
    step.kind = plan.kind;
    step.input.bytes = write_build_input(plan.input);
    step.retry = patient();
    step.attempt_timeout_ms = component.build_timeout_ms;
    step.on_failure = FailurePolicy::kGoOn;
    step.title = "build " + plan.component;
    step.why = joined(plan.why);
    step.labels["component"] = plan.component;
    return step;
}

/// What is built already is pushed at once: an earlier push may have failed, or gone elsewhere.
StepSpec push_step(const BuildPlan& plan, const std::string& push_to) {
    json::object input;
    input["app"] = plan.input.app;
    input["component"] = plan.component;
    input["key"] = plan.input.cause.key().hex();
    input["repository"] = repository_of(push_to, plan.input);
    input["version"] = plan.input.version;
    StepSpec step;
    step.id = step_id(plan, "push");
    step.kind = "artifact.push";
    step.input.bytes = json::serialize(input);
    if (plan.needed()) {
        step.depends_on = {{step_id(plan, "build"), DependencyKind::kOrder}};
    }
    step.retry = patient();
    step.attempt_timeout_ms = kPushTimeoutMs;
    step.on_failure = FailurePolicy::kGoOn;
    step.title = "push " + plan.component;
    step.why = "installs take it from " + repository_of(push_to, plan.input);
    step.labels["component"] = plan.component;
    return step;
}

}  // namespace

Result<Generated> generate_builds(const AppVersion& version, const std::vector<BuildPlan>& plans,
                                  const BuildRequest& request) {
    for (const auto& name : request.components) {
        const auto known = [&](const BuildPlan& plan) { return plan.component == name; };
        if (std::none_of(plans.begin(), plans.end(), known)) {
            return usage_error(ErrorCode::kNotFound, "app " + version.app + " has no component " + name);
        }
    }
    Generated out;
    out.spec.name = "build";
    out.spec.labels["app"] = version.app;
    out.spec.labels["app_version"] = version.digest.hex();
    const BuildParts parts(version.config);
    for (const auto& plan : plans) {
        const BuildPart* part = parts.find(plan.component);
        bool builds = plan.needed() && part != nullptr;
        StepSpec step = builds ? build_step(*part->component, plan) : StepSpec{};
        if (step.input.bytes.size() > WorkflowLimits{}.input_bytes_max) {
            builds = false;
            out.left_out.push_back(
                {"component " + plan.component,
                 "its text is longer than a step carries, and was not put into the store"});
        } else if (builds) {
            out.spec.steps.push_back(std::move(step));
        } else {
            out.left_out.push_back(
                {plan.component == kSandboxPart ? "the sandbox" : "component " + plan.component,
                 plan.kind.empty() ? plan.left_out : "it is built already"});
        }
        if (!request.push_to.empty() && (builds || plan.record)) {
            out.spec.steps.push_back(push_step(plan, request.push_to));
        }
    }
    return out;
}

}  // namespace slipway::lifecycle
