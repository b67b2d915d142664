#include "steps/terraform/preparation.hpp"

#include <boost/json.hpp>

#include "steps/terraform/classify.hpp"
#include "steps/terraform/files.hpp"
#include "steps/terraform/outcome.hpp"

namespace slipway::terraform {
namespace {

constexpr int kChangesExitCode = 2;  // of plan -detailed-exitcode

StepFailure shown(StepFailure failure, const PlanMask& mask) {
    failure.message = mask.text(failure.message);
    failure.detail = mask.text(tail_of(failure.detail, 16384));
    return failure;
}

}  // namespace

Result<void> Preparation::read() {
    SLIPWAY_TRY(input, read_plan_input(context.info().input.bytes));
    json::value vars = input.vars;
    json::value environment = input.env;
    SLIPWAY_CHECK(resolve_secrets(vars, context, mask));
    SLIPWAY_CHECK(resolve_secrets(environment, context, mask));
    input.vars = std::move(vars.as_object());
    env = std::move(environment.as_object());
    for (const auto& name : input.sensitive_vars) {
        if (const auto* value = input.vars.if_contains(name)) {
            mask.add(*value);
        }
    }
    mask.add(input.sensitive_values);
    if (context.info().input.sensitive) {
        mask.add(env);
    }
    knows_secrets = true;
    SLIPWAY_TRY(tool, find_terraform(shop.options(), input.version));
    if (!tool.note.empty()) {
        context.log(LogLevel::kWarning, tool.note);
    }
    SLIPWAY_TRY(auto root, root_of(input.state_key));
    paths = {std::move(root), input.path};
    return {};
}

Result<std::string> Preparation::root_of(const std::string& state_key) const {
    const auto kept = is_apply ? shop.options().states->attempts_dir(state_key) : std::string();
    if (!kept.empty()) {
        return kept + "/" + sha256(attempt_name(context.info())).hex().substr(0, 32);
    }
    SLIPWAY_TRY(auto scratch, context.scratch_dir());
    return scratch + "/f" + std::to_string(context.info().fence);
}

Result<std::optional<Outcome>> Preparation::set_up(const TerraformState& state,
                                                   const std::string& lock_file) {
    remove_tree(paths.root);
    SLIPWAY_CHECK(fill_workdir(paths, input, state, lock_file, shop.options()));
    SLIPWAY_TRY(const auto text, module_text(paths));
    SLIPWAY_TRY(variables, render_variables(input, text, state.nonce));
    runner.emplace(shop, context, live, paths, mask);
    runner->use(tool, environment(paths, shop.options(), env), variables.contents);

    Command init{.name = "init", .args = {"-input=false", "-no-color"}};
    if (!lock_text(paths).empty()) {
        init.args.emplace_back("-lockfile=readonly");
    }
    if (!shop.options().plugin_dir.empty()) {
        init.args.push_back("-plugin-dir=" + shop.options().plugin_dir);
    }
    SLIPWAY_TRY(const auto ended, runner->run(init));
    if (auto failure = failure_of("init", ended)) {
        return failure;
    }
    SLIPWAY_CHECK(check_backend(paths));
    return std::optional<Outcome>();
}

Result<std::optional<Outcome>> Preparation::plan(const TerraformState& state) {
    Command command{
        .name = "plan",
        .args = {"-input=false", "-json", "-out=" + paths.plan(), "-detailed-exitcode", "-lock-timeout=0s"},
        .with_variables = true};
    if (input.destroy) {
        if (!state.imports.empty()) {
            return std::optional<Outcome>(failed(FailureClass::kPermanent,
                                                 "objects that a crashed apply made are not in the state "
                                                 "yet, so a destroy would leave them",
                                                 "deploy once, so that they are imported; then destroy"));
        }
        command.args.emplace_back("-destroy");
    } else {
        for (const auto& address : state.replace) {
            command.args.push_back("-replace=" + address);
        }
    }
    SLIPWAY_TRY(const auto ended, runner->run(command));
    return failure_of("plan", ended, kChangesExitCode);
}

std::optional<Outcome> Preparation::failure_of(const std::string& command,
                                               const process::Inspection& inspection, int also_good) const {
    if (!inspection.exit || !inspection.exit->started) {
        const auto why =
            inspection.exit ? ": " + inspection.exit->reason + " " + inspection.exit->detail : std::string();
        return failed(FailureClass::kCrashed, "terraform " + command + " did not run to its end" + why);
    }
    const auto& exit = *inspection.exit;
    if (exit.cancelled) {
        return failed(FailureClass::kCancelled, "cancelled during terraform " + command);
    }
    if (exit.timed_out) {
        return failed(FailureClass::kTimeout, "terraform " + command + " took too long and was stopped");
    }
    if (exit.signal != 0) {
        return failed(FailureClass::kCrashed,
                      "terraform " + command + " was killed by signal " + std::to_string(exit.signal));
    }
    if (exit.rc == 0 || (also_good != 0 && exit.rc == also_good)) {
        return std::nullopt;
    }
    const auto journal = read_journal(runner->output(command).value_or(std::string()));
    return Failed{shown(classify(command, journal, exit.rc, runner->error_tail(command)).failure, mask)};
}

}  // namespace slipway::terraform
