// From a request to a workflow: one function for each kind of request, and what all of them share.
#include "slipway/lifecycle/generate.hpp"

#include "engine/app/spelling.hpp"
#include "engine/install/long_texts.hpp"
#include "engine/install/selection.hpp"

namespace slipway::lifecycle {
namespace {

struct KindName {
    RequestKind kind;
    std::string_view name;
};
constexpr KindName kKindNames[] = {
    {RequestKind::kProvision, "provision"},      {RequestKind::kReprovision, "reprovision"},
    {RequestKind::kDeployAll, "deploy_all"},     {RequestKind::kDeployOne, "deploy_one"},
    {RequestKind::kDeprovision, "deprovision"},  {RequestKind::kTeardownOne, "teardown_one"},
    {RequestKind::kInputUpdate, "input_update"}, {RequestKind::kActionRun, "action_run"},
};

void deploy_components(Builder& builder, const Scope& scope) {
    builder.lifecycle_hooks("pre-deploy-all-components");
    builder.components(scope.components, Direction::kDeploy);
    builder.lifecycle_hooks("post-deploy-all-components");
}

void provision(Builder& builder, const Scope& scope, const std::string& name) {
    builder.preflight();
    builder.lifecycle_hooks("pre-" + name);
    builder.sandbox(Direction::kDeploy, scope.sandbox_why);
    if (name == "provision") {
        builder.lifecycle_hooks("post-provision-sandbox");
    }
    deploy_components(builder, scope);
    builder.lifecycle_hooks("post-" + name);
}

void deprovision(Builder& builder, const Scope& scope) {
    builder.preflight();
    builder.lifecycle_hooks("pre-deprovision");
    builder.lifecycle_hooks("pre-teardown-all-components");
    builder.components(scope.components, Direction::kDestroy);
    builder.lifecycle_hooks("post-teardown-all-components");
    if (scope.sandbox) {
        builder.sandbox(Direction::kDestroy, scope.sandbox_why);
    }
    builder.lifecycle_hooks("post-deprovision");
}

void input_update(Builder& builder, const Scope& scope) {
    builder.preflight();
    builder.lifecycle_hooks("pre-update-inputs");
    if (scope.sandbox) {
        builder.sandbox(Direction::kDeploy, scope.sandbox_why);
    }
    builder.components(scope.components, Direction::kDeploy);
    builder.lifecycle_hooks("post-update-inputs");
}

bool is_destroy(RequestKind kind) {
    return kind == RequestKind::kDeprovision || kind == RequestKind::kTeardownOne;
}

Result<Scope> scope_of(const AppVersion& version, const Install& install, const InstallState& state,
                       const Request& request, const ComponentGraph& graph) {
    switch (request.kind) {
        case RequestKind::kProvision:
        case RequestKind::kReprovision: {
            SLIPWAY_TRY(Scope scope, select_all(version, install, graph));
            scope.sandbox = true;
            scope.sandbox_why = "the base of the install comes first";
            return scope;
        }
        case RequestKind::kDeployAll:
            return select_all(version, install, graph);
        case RequestKind::kDeployOne:
            return select_one(version, install, request, graph);
        case RequestKind::kDeprovision:
            return select_present(version, state);
        case RequestKind::kTeardownOne:
            return select_teardown(version, state, request, graph);
        case RequestKind::kInputUpdate:
            return select_for_inputs(version, install, state, request, graph);
        case RequestKind::kActionRun:
            return Scope{};
    }
    return usage_error(ErrorCode::kInvalidArgument, "unknown kind of request");
}

const Action* find_action(const AppConfig& config, const std::string& name) {
    for (const auto& action : config.actions) {
        if (action.name == name) {
            return &action;
        }
    }
    return nullptr;
}

Result<void> check_action(const AppConfig& config, const Request& request) {
    const Action* action = find_action(config, request.action);
    if (action == nullptr) {
        std::vector<std::string> names;
        for (const auto& known : config.actions) {
            names.push_back(known.name);
        }
        return usage_error(ErrorCode::kNotFound, "the app has no action '" + request.action + "'",
                           app::did_you_mean(request.action, names));
    }
    for (const auto& input : action->inputs) {
        if (input.required && !input.default_value && request.action_inputs.count(input.name) == 0) {
            return usage_error(ErrorCode::kInvalidArgument,
                               "action " + action->name + " needs the input '" + input.name + "'");
        }
    }
    return {};
}

void build(Builder& builder, const AppVersion& version, const Scope& scope, const Request& request) {
    switch (request.kind) {
        case RequestKind::kProvision:
            provision(builder, scope, "provision");
            break;
        case RequestKind::kReprovision:
            provision(builder, scope, "reprovision");
            break;
        case RequestKind::kDeprovision:
            deprovision(builder, scope);
            break;
        case RequestKind::kInputUpdate:
            input_update(builder, scope);
            break;
        case RequestKind::kDeployAll:
            builder.preflight();
            deploy_components(builder, scope);
            break;
        case RequestKind::kDeployOne:
            builder.preflight();
            builder.components(scope.components, Direction::kDeploy);
            break;
        case RequestKind::kTeardownOne:
            builder.preflight();
            builder.components(scope.components, Direction::kDestroy);
            break;
        case RequestKind::kActionRun:
            builder.preflight();
            builder.manual_action(*find_action(version.config, request.action));
            break;
    }
}

/// Hooks of stages that no workflow has yet.
void note_unused_hooks(const AppConfig& config, std::vector<LeftOut>& left_out) {
    for (const auto& action : config.actions) {
        for (const auto& trigger : action.triggers) {
            if (trigger.type.ends_with("secrets-sync")) {
                left_out.push_back(
                    {"action " + action.name + " (" + trigger.type + ")", "secrets are not synced here"});
            }
        }
    }
}

Result<void> check_kinds(const WorkflowSpec& spec, const Request& request) {
    std::set<std::string> missing;
    for (const auto& step : spec.steps) {
        if (step.type == StepType::kExecutor && request.available_kinds.count(step.kind) == 0) {
            missing.insert(step.kind);
        }
    }
    if (missing.empty() || request.available_kinds.empty() || request.simulate) {
        return {};
    }
    std::string text;
    for (const auto& kind : missing) {
        text += (text.empty() ? "" : ", ") + kind;
    }
    return Error{ErrorClass::kUsage, ErrorCode::kUnsupported, "no executor here for steps of kind " + text,
                 "simulate it, or run it where these are built in"};
}

}  // namespace

std::string_view to_string(RequestKind kind) {
    for (const auto& entry : kKindNames) {
        if (entry.kind == kind) {
            return entry.name;
        }
    }
    return "unknown";
}

Result<RequestKind> parse_request_kind(std::string_view text) {
    std::string plain(text);
    for (char& c : plain) {
        c = c == '-' ? '_' : c;
    }
    std::vector<std::string> names;
    for (const auto& entry : kKindNames) {
        if (entry.name == plain) {
            return entry.kind;
        }
        names.emplace_back(entry.name);
    }
    const std::string meant = app::did_you_mean(plain, names);
    return usage_error(ErrorCode::kInvalidArgument, "there is no workflow '" + std::string(text) + "'",
                       meant.empty() ? "one of " + app::list_names(names) : meant);
}

Result<Generated> generate(const AppVersion& version, const Install& install, const InstallState& state,
                           const Request& request) {
    SLIPWAY_TRY(const ComponentGraph graph, ComponentGraph::build(version.config.components));
    SLIPWAY_TRY(Scope scope, scope_of(version, install, state, request, graph));
    const bool destroy = is_destroy(request.kind);
    if (!destroy) {
        SLIPWAY_CHECK(check_foundations(scope, install, state, graph));
    }
    if (request.kind == RequestKind::kActionRun) {
        SLIPWAY_CHECK(check_action(version.config, request));
    }
    if (!request.simulate) {
        SLIPWAY_CHECK(check_supported(scope, version, request, destroy));
    }
    Builder builder(version, install, state, request, graph, std::string(to_string(request.kind)));
    build(builder, version, scope, request);
    Generated generated{builder.finish(), std::move(scope.left_out)};
    if (request.kind == RequestKind::kProvision || request.kind == RequestKind::kReprovision) {
        note_unused_hooks(version.config, generated.left_out);
    }
    SLIPWAY_CHECK(check_kinds(generated.spec, request));
    SLIPWAY_CHECK(fit_inputs(generated.spec, version.config, request.simulate));
    return generated;
}

}  // namespace slipway::lifecycle
