#include "tests/unit/install/sample_app.hpp"

#include <doctest/doctest.h>

#include <set>

namespace sample {
namespace {

void refer(std::vector<Reference>& references, const StringMap& texts) {
    std::set<std::string> seen;
    for (const auto& reference : references) {
        seen.insert(reference.path);
    }
    for (const auto& entry : texts) {
        for (const auto& reference : find_references(entry.second)) {
            if (seen.insert(reference.path).second) {
                references.push_back(reference);
            }
        }
    }
}

OutputValue value(const std::string& json, bool sensitive = false) {
    return {json, sensitive};
}

PartState active(const Outputs& outputs) {
    PartState part;
    part.status = PartStatus::kActive;
    part.outputs = outputs;
    return part;
}

}  // namespace

Component terraform(const std::string& name, const StringMap& vars, std::vector<std::string> dependencies) {
    Component component;
    component.name = name;
    component.type = ComponentType::kTerraformModule;
    component.dependencies = std::move(dependencies);
    component.repository.kind = RepositoryKind::kPublic;
    component.repository.repo = ".";
    component.terraform.terraform_version = "1.11.4";
    component.terraform.vars = vars;
    component.deploy_timeout_ms = 3'600'000;
    refer(component.references, vars);
    return component;
}

Action action(const std::string& name, const std::vector<ActionTrigger>& triggers, const StringMap& env) {
    Action made;
    made.name = name;
    made.timeout_ms = 30'000;
    made.triggers = triggers;
    ActionStep run;
    run.name = "run";
    run.inline_contents.value = "#!/bin/sh\ntrue\n";
    run.env_vars = env;
    made.steps = {run};
    refer(made.references, env);
    return made;
}

AppVersion app() {
    AppVersion version;
    version.app = "shop";
    version.digest = sha256("shop v1");
    auto& config = version.config;
    config.name = "shop";
    config.sandbox.terraform_version = "1.11.4";
    config.sandbox.repository.kind = RepositoryKind::kPublic;
    config.sandbox.vars = {{"name", "{{ .nuon.install.id }}"},
                           {"region", "{{ .nuon.install_stack.outputs.region }}"}};
    refer(config.sandbox.references, config.sandbox.vars);
    Input replicas;
    replicas.name = "replicas";
    replicas.type = "number";
    replicas.default_value = "2";
    Input password;
    password.name = "password";
    password.sensitive = true;
    password.required = true;
    config.inputs = {replicas, password};
    config.components = {
        terraform("cache", {{"net", "{{ .nuon.components.net.outputs.id }}"}}, {"net"}),
        terraform("db",
                  {{"net", "{{ .nuon.components.net.outputs.id }}"},
                   {"password", "{{ .nuon.inputs.inputs.password }}"}},
                  {"net"}),
        terraform("mail", {{"domain", "{{ .nuon.sandbox.outputs.domain }}"}}, {}),
        terraform("net", {{"zone", "{{ .nuon.install.sandbox.outputs.zone }}"}}, {}),
        terraform("web",
                  {{"db", "{{ .nuon.components.db.outputs.address }}"},
                   {"replicas", "{{ .nuon.inputs.inputs.replicas }}"}},
                  {"cache", "db"}),
    };
    config.actions = {
        action("check", {{"manual", "", "", 0, {}}}, {{"URL", "{{ .nuon.components.web.outputs.url }}"}}),
        action("migrate", {{"pre-deploy-component", "web", "", 0, {}}},
               {{"DB", "{{ .nuon.components.db.outputs.address }}"}}),
        action("smoke", {{"post-provision", "", "", 0, {}}}),
        action("warm", {{"post-deploy-component", "cache", "", 0, {}}}),
    };
    for (const auto& needed : needed_sources(config)) {
        version.sources[needed.key] = {"/sources/" + needed.key, "content-" + needed.key, ""};
    }
    return version;
}

Install install() {
    Install made;
    made.id = "ins1";
    made.name = "acme";
    made.app = "shop";
    made.inputs = {{"password", "hunter2"}};
    made.account = {"aws", "eu-central-1", ""};
    return made;
}

InstallState deployed() {
    InstallState state;
    state.sandbox = active({{"domain", value("\"acme.test\"")}, {"zone", value("\"z1\"")}});
    state.components["net"] = active({{"id", value("\"net-1\"")}});
    state.components["db"] = active({{"address", value("\"db:5432\"")}, {"token", value("\"t0p\"", true)}});
    state.components["cache"] = active({});
    state.components["mail"] = active({});
    state.components["web"] = active({{"url", value("\"http://web\"")}});
    return state;
}

std::map<std::string, Digest> built(const AppVersion& version) {
    std::map<std::string, Digest> out{{"sandbox", sha256("artifact of sandbox")}};
    for (const auto& component : version.config.components) {
        const bool taken = component.name == "sandbox" || component.name == "preflight";
        out[taken ? "component." + component.name : component.name] = sha256("artifact of " + component.name);
    }
    return out;
}

Generated must_generate(const AppVersion& version, const InstallState& state, const Request& given) {
    Request request = given;
    if (request.artifacts.empty()) {
        request.artifacts = built(version);
    }
    auto generated = generate(version, install(), state, request);
    if (!generated) {
        FAIL(generated.error().message);
    }
    auto built = Workflow::build(generated->spec);
    if (!built) {
        FAIL(built.error().message);
    }
    return *generated;
}

std::map<std::string, std::vector<std::string>> edges(const WorkflowSpec& spec) {
    std::map<std::string, std::vector<std::string>> result;
    for (const auto& entry : spec.steps) {
        auto& before = result[entry.id.str()];
        for (const auto& edge : entry.depends_on) {
            before.push_back(edge.step.str());
        }
    }
    return result;
}

bool comes_before(const WorkflowSpec& spec, const std::string& first, const std::string& second) {
    const auto all = edges(spec);
    std::vector<std::string> open{second};
    std::set<std::string> seen;
    while (!open.empty()) {
        const std::string at = open.back();
        open.pop_back();
        if (at == first && at != second) {
            return true;
        }
        for (const auto& before : all.at(at)) {
            if (seen.insert(before).second) {
                open.push_back(before);
            }
        }
    }
    return false;
}

const StepSpec* step(const WorkflowSpec& spec, const std::string& id) {
    for (const auto& entry : spec.steps) {
        if (entry.id.str() == id) {
            return &entry;
        }
    }
    return nullptr;
}

}  // namespace sample
