#include <boost/json.hpp>
#include <cstdio>
#include <memory>

#include "arguments.hpp"
#include "commands.hpp"
#include "json_view.hpp"
#include "print.hpp"
#include "request_check.hpp"
#include "slipway/lifecycle/app.hpp"
#include "slipway/lifecycle/generate.hpp"
#include "slipway/lifecycle/install.hpp"
#include "slipway/lifecycle/report.hpp"

namespace cli {

using namespace slipway;

namespace {

/// What a program reads.
json::object report(const std::string& name, const std::vector<Diagnostic>& diagnostics,
                    const std::vector<std::string>& kept_files) {
    json::array findings;
    for (const auto& d : diagnostics) {
        findings.push_back(host::to_json(d));
    }
    json::array kept;
    for (const auto& file : kept_files) {
        kept.emplace_back(file);
    }
    return {{"app", name},
            {"ok", !has_error(diagnostics)},
            {"findings", std::move(findings)},
            {"kept_files", std::move(kept)}};
}

/// A program that asked for a format gets an answer in it, also when there was nothing to look at.
int not_looked_at(const Error& error, const std::string& format) {
    Diagnostic finding;
    finding.message = error.message;
    finding.hint = error.hint;
    if (format == "json") {
        print_json(report({}, {finding}, {}));
    } else if (format == "sarif") {
        std::printf("%s\n", lifecycle::to_sarif({finding}).c_str());
    }
    (void)fail(error);
    return 2;
}

int validate(const std::string& directory, const std::string& format) {
    const auto app = lifecycle::load_app(directory);
    if (!app) {
        return not_looked_at(app.error(), format);
    }
    if (format == "json") {
        print_json(report(app->config.name, app->diagnostics, app->kept_files()));
        return app->ok() ? 0 : 1;
    }
    if (format == "sarif") {
        std::printf("%s\n", lifecycle::to_sarif(app->diagnostics).c_str());
        return app->ok() ? 0 : 1;
    }
    std::size_t errors = 0;
    for (const auto& d : app->diagnostics) {
        std::printf("%s\n", to_text(d, true).c_str());
        errors += d.severity == Severity::kError ? 1U : 0U;
    }
    const auto kept = app->kept_files();
    for (const auto& file : kept) {
        std::printf("%s: read and kept, not acted on yet\n", printable(file).c_str());
    }
    std::printf("%s: %zu components, %zu actions, %zu inputs; %zu errors, %zu other findings\n",
                printable(app->config.name).c_str(), app->config.components.size(),
                app->config.actions.size(), app->config.inputs.size(), errors,
                app->diagnostics.size() - errors);
    return errors == 0 ? 0 : 1;
}

struct PlanArguments {
    std::string directory;
    std::string workflow = "provision";
    std::string component;
    std::string action;
    std::vector<std::string> inputs;
};

struct Planned {
    lifecycle::Generated generated;
    std::string unsupported;  ///< what of it cannot be carried out here; empty: nothing
};

/// As `create` checks inputs; but what is not given is left to whoever creates the install.
Result<void> check_given(lifecycle::AppConfig config, const lifecycle::StringMap& given) {
    for (auto& input : config.inputs) {
        input.required = false;
    }
    return lifecycle::check_inputs(config, given);
}

/// What a run would do for an install that does not exist yet (for tear-downs: one with everything deployed).
Result<Planned> plan_of(const PlanArguments& arguments) {
    SLIPWAY_TRY(auto app, lifecycle::load_app(arguments.directory));
    if (!app.ok()) {
        return authoring_error(arguments.directory + " has errors",
                               "slipway validate " + arguments.directory + " shows them");
    }
    lifecycle::AppVersion version;
    version.app = app.config.name;
    version.config = std::move(app.config);
    lifecycle::Install install;
    install.id = "preview";
    install.name = "preview";
    install.app = version.app;
    SLIPWAY_TRY(const auto given, pairs(arguments.inputs, "--input"));
    for (const auto& [name, value] : given) {
        install.inputs[std::string(name)] = std::string(value.as_string());
    }
    SLIPWAY_CHECK(check_given(version.config, install.inputs));
    lifecycle::Request request;
    SLIPWAY_TRY(request.kind, lifecycle::parse_request_kind(arguments.workflow));
    request.component = arguments.component;
    request.action = arguments.action;
    SLIPWAY_CHECK(host::check_request(version.config, request));
    request.simulate = true;
    lifecycle::InstallState state;
    if (request.kind != lifecycle::RequestKind::kProvision) {
        state.sandbox.status = lifecycle::PartStatus::kActive;
        for (const auto& component : version.config.components) {
            state.components[component.name].status = lifecycle::PartStatus::kActive;
        }
    }
    SLIPWAY_TRY(auto generated, lifecycle::generate(version, install, state, request));
    request.simulate = false;
    const auto real = lifecycle::generate(version, install, state, request);
    const bool unsupported = !real && real.error().code == ErrorCode::kUnsupported;
    return Planned{std::move(generated), unsupported ? real.error().message : ""};
}

int plan(const PlanArguments& arguments, bool as_json) {
    const auto planned = plan_of(arguments);
    if (!planned) {
        return fail(planned.error());
    }
    boost::system::error_code code;
    json::value preview = json::parse(lifecycle::workflow_preview(planned->generated), code);
    if (!code && preview.is_object() && !planned->unsupported.empty()) {
        preview.as_object()["unsupported"] = planned->unsupported;
    }
    if (as_json) {
        return print_json(preview);
    }
    print_preview(preview);
    if (!planned->unsupported.empty()) {
        std::printf("%s\n  next: slipwayd --simulate runs it all the same, made up\n",
                    planned->unsupported.c_str());
    }
    return host::kDone;
}

}  // namespace

void add_local_commands(Commands c) {
    auto* check = c.app.add_subcommand("validate",
                                       "everything that is wrong with a packaged app; needs no daemon. "
                                       "Exit code 0: no error, 1: errors, 2: not looked at");
    auto directory = std::make_shared<std::string>();
    auto format = std::make_shared<std::string>("text");
    check->add_option("dir", *directory, "the app's folder")->required();
    check->add_option("--format", *format, "text, json or sarif")
        ->check(CLI::IsMember({"text", "json", "sarif"}));
    check->callback([=, chosen = &c.chosen, session = &c.session] {
        *chosen = [=] { return validate(*directory, session->as_json ? "json" : *format); };
    });
    auto* preview =
        c.app.add_subcommand("plan", "what a workflow would do and why; needs no daemon and touches nothing");
    auto arguments = std::make_shared<PlanArguments>();
    preview->add_option("dir", arguments->directory, "the app's folder")->required();
    preview->add_option("--workflow", arguments->workflow, "provision, deploy_all, deprovision, …");
    preview->add_option("--component", arguments->component);
    preview->add_option("--action", arguments->action);
    preview->add_option("--input", arguments->inputs, "NAME=VALUE");
    preview->callback([=, chosen = &c.chosen, session = &c.session] {
        *chosen = [=] { return plan(*arguments, session->as_json); };
    });
}

}  // namespace cli
