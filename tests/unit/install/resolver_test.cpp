#include <doctest/doctest.h>

#include <boost/json.hpp>

#include "tests/unit/install/sample_app.hpp"

using namespace sample;  // NOLINT: tests only
namespace json = boost::json;

namespace {

/// Resolves steps of one run, with outputs as they were put in.
class Run {
public:
    Run(const AppVersion& version, const InstallState& state, const Request& request)
        : start_(*start_request(RunId{"r1"}, must_generate(version, state, request), version, install(),
                                state, request)) {}

    Result<ResolvedInput> resolve(const std::string& id) {
        ResolveRequest request;
        request.workflow = &start_.workflow;
        request.step = *start_.workflow.find(StepId{id});
        request.run = start_.run;
        request.run_input = &start_.input;
        request.output_of = [this](const StepId& step) -> const Payload* {
            const auto found = outputs.find(step.str());
            return found == outputs.end() ? nullptr : &found->second;
        };
        return lifecycle_resolver()->resolve(request);
    }
    json::object object(const std::string& id) {
        auto resolved = resolve(id);
        if (!resolved) {
            FAIL(resolved.error().message);
        }
        return json::parse(resolved->input.bytes).as_object();
    }
    const StartRequest& start() const { return start_; }

    std::map<std::string, Payload> outputs;

private:
    StartRequest start_;
};

const char* kNetOutputs = R"({"part":"component.net","outputs":{"id":{"value":"net-9","sensitive":false}}})";

}  // namespace

TEST_CASE("templates see the snapshot, overlaid with what this run put out") {
    Run run(app(), {}, {.kind = RequestKind::kProvision});
    CHECK(run.object("sandbox.plan")["vars"].at("name").as_string() == "ins1");
    CHECK(run.object("sandbox.plan")["vars"].at("region").as_string() == "eu-central-1");
    run.outputs["net.outputs"] = {kNetOutputs, false};
    CHECK(run.object("cache.plan")["vars"].at("net").as_string() == "net-9");
    run.outputs["sandbox.outputs"] = {R"({"outputs":{"zone":"z7","domain":{"value":"d","sensitive":false}}})",
                                      false};
    CHECK(run.object("net.plan")["vars"].at("zone").as_string() == "z7");
    CHECK(run.object("mail.plan")["vars"].at("domain").as_string() == "d");
}

TEST_CASE("a component is read by its var_name too, from the snapshot and from this run") {
    auto version = app();
    for (auto& one : version.config.components) {
        if (one.name == "net") {
            one.var_name = "network";
        }
        if (one.name == "cache") {
            one = terraform("cache", {{"net", "{{ .nuon.components.network.outputs.id }}"}}, {});
            one.dependencies = {"net"};
            one.references[0].alias = one.references[0].name;  // as loading an app does
            one.references[0].name = "net";
        }
    }
    Run now(version, {}, {.kind = RequestKind::kProvision});
    now.outputs["net.outputs"] = {kNetOutputs, false};
    CHECK(now.object("cache.plan")["vars"].at("net").as_string() == "net-9");
    Run before(version, deployed(), {.kind = RequestKind::kDeployOne, .component = "cache"});
    const auto net = before.object("cache.plan")["vars"].at("net").as_string();
    CHECK(net == json::parse(deployed().components.at("net").outputs.at("id").json).as_string());
}

TEST_CASE("outputs of an earlier deploy are replaced, not mixed") {
    Run run(app(), deployed(), {.kind = RequestKind::kProvision});
    run.outputs["db.outputs"] = {R"({"outputs":{"port":1}})", false};
    const auto resolved = run.resolve("web.plan");
    REQUIRE_FALSE(resolved.has_value());
    CHECK(resolved.error().error_class == ErrorClass::kAuthoring);
    CHECK(resolved.error().message.find("web.plan.vars.db") != std::string::npos);
}

TEST_CASE("a sensitive input makes what it flows into sensitive, and only that") {
    Run run(app(), deployed(), {.kind = RequestKind::kProvision});
    CHECK(run.start().input.sensitive);
    run.outputs["net.outputs"] = {kNetOutputs, false};
    const auto db = run.resolve("db.plan");
    REQUIRE(db.has_value());
    CHECK(db->input.sensitive);
    CHECK(db->input.bytes.find(R"("sensitive_vars":["password"])") != std::string::npos);
    CHECK_FALSE(run.resolve("cache.plan")->input.sensitive);
    CHECK_FALSE(run.resolve("sandbox.plan")->input.sensitive);
}

TEST_CASE("an action is told which parts of its values nobody may see") {
    auto version = app();
    version.config.actions[0] = action("check", {{"manual", "", "", 0, {}}},
                                       {{"URL", "https://admin:{{ .nuon.inputs.inputs.password }}@host"},
                                        {"PLAIN", "{{ .nuon.install.id }}"}});
    Run run(version, deployed(), {.kind = RequestKind::kActionRun, .action = "check"});
    const auto input = run.object("action.check");
    const std::string url(input.at("steps").at(0).at("env").at("URL").as_string());
    const std::string password = url.substr(14, url.size() - 14 - 5);
    REQUIRE(input.at("sensitive_values").as_array().size() == 1);
    CHECK(input.at("sensitive_values").at(0).as_string() == password);

    CHECK(run.resolve("action.check")->input.sensitive);
}

TEST_CASE("what is sensitive stays so through the root as a whole, and only that is told") {
    for (const std::string text :
         {"{{ $n := .nuon }}{{ $n.inputs.inputs.password }}",
          "{{ with .nuon }}{{ .inputs.inputs.password }}{{ end }}", "{{ .nuon | toJson }}",
          "{{ .nuon.id }}{{ toJson . }}", "{{ .nuon.id }}{{ $ | toJson }}", "{{ .nuon.inputs.inputs }}",
          "{{ default .nuon.inputs.inputs.password .nuon.sandbox.outputs.domain }}"}) {
        CAPTURE(text);
        auto version = app();
        version.config.actions[0] = action("check", {{"manual", "", "", 0, {}}}, {{"ALL", text}});
        version.config.components[2] = terraform("mail", {{"all", text}}, {});
        Run run(version, deployed(), {.kind = RequestKind::kActionRun, .action = "check"});
        const auto values = json::serialize(run.object("action.check").at("sensitive_values"));
        CHECK(values.find("\"hunter2\"") != std::string::npos);
        CHECK(values.find("acme") == std::string::npos);
        CHECK(run.resolve("action.check")->input.sensitive);
        Run deploy(version, deployed(), {.kind = RequestKind::kProvision});
        CHECK(deploy.resolve("mail.plan")->input.sensitive);
        CHECK(json::serialize(deploy.object("mail.plan").at("sensitive_values")) == values);
    }
}

TEST_CASE("variables by hand are not in the workflow, are no templates, and are sealed") {
    Run run(app(), deployed(),
            {.kind = RequestKind::kActionRun,
             .action = "check",
             .action_env = {{"TOKEN", "by-hand {{ .nuon.install.id }}"}, {"TRIGGER_TYPE", "mine"}}});
    for (const auto& entry : run.start().workflow.spec().steps) {
        CHECK(entry.input.bytes.find("by-hand") == std::string::npos);
    }
    CHECK(run.start().input.sensitive);
    const auto env = run.object("action.check").at("env").as_object();
    CHECK(env.at("TOKEN").as_string() == "by-hand {{ .nuon.install.id }}");
    CHECK(env.at("TRIGGER_TYPE").as_string() == "mine");
    CHECK(env.at("FLOW_TYPE").as_string() == "action_run");
    CHECK(run.resolve("action.check")->input.sensitive);
}

TEST_CASE("a sensitive output of this run makes its readers sensitive") {
    auto version = app();
    version.config.components[4] =
        terraform("web", {{"t", "{{ .nuon.components.db.outputs.token }}"}}, {"cache", "db"});
    Run run(version, {}, {.kind = RequestKind::kProvision});
    run.outputs["db.outputs"] = {R"({"outputs":{"token":{"value":"s3","sensitive":true}}})", true};
    const auto web = run.resolve("web.plan");
    REQUIRE(web.has_value());
    CHECK(web->input.sensitive);
    CHECK(web->input.bytes.find(R"("t":"s3")") != std::string::npos);
}

TEST_CASE("a gate shows the plan, bound to it, and knows when there is nothing to approve") {
    Run run(app(), {}, {.kind = RequestKind::kProvision});
    const auto missing = run.resolve("sandbox.gate");
    REQUIRE_FALSE(missing.has_value());
    CHECK(missing.error().message.find("sandbox.plan") != std::string::npos);
    run.outputs["sandbox.plan"] = {
        R"({"kind":"terraform","mode":"apply","plan_sha256":"ab","summary":{"add":1},"changes":[1],"plan_blob":"x","nothing_to_do":false})",
        false};
    auto gate = run.resolve("sandbox.gate");
    REQUIRE(gate.has_value());
    CHECK_FALSE(gate->nothing_to_approve);
    const auto shown = json::parse(gate->input.bytes).as_object();
    CHECK(shown.at("plan_sha256").as_string() == "ab");
    CHECK(shown.at("title").as_string() == "Approve the plan of the sandbox");
    CHECK_FALSE(shown.contains("plan_blob"));
    run.outputs["sandbox.plan"] = {R"({"nothing_to_do":true})", true};
    gate = run.resolve("sandbox.gate");
    CHECK(gate->nothing_to_approve);
    CHECK(gate->input.sensitive);
}

TEST_CASE("an apply gets what its plan got, and the plan") {
    Run run(app(), deployed(), {.kind = RequestKind::kProvision});
    run.outputs["net.outputs"] = {kNetOutputs, false};
    run.outputs["db.plan"] = {R"({"plan_sha256":"cd"})", false};
    auto apply = run.object("db.apply");
    CHECK(apply["vars"].at("net").as_string() == "net-9");
    CHECK(apply["plan"].at("plan_sha256").as_string() == "cd");
    CHECK(apply["state_key"].as_string() == "ins1/db");
    CHECK(run.resolve("db.apply")->input.sensitive);
}

TEST_CASE("a destroy reads the state as it was when the run began") {
    Run run(app(), deployed(), {.kind = RequestKind::kDeprovision});
    CHECK(run.object("web.plan")["vars"].at("db").as_string() == "db:5432");
}

TEST_CASE("garbage in a run's input or a step's output is an authoring error that names the step") {
    Run run(app(), {}, {.kind = RequestKind::kProvision});
    for (const std::string bytes : {"", "[]", "{", "null", "{\"outputs\":7}", "\xff\xfe"}) {
        CAPTURE(bytes);
        run.outputs["net.outputs"] = {bytes, false};
        const auto resolved = run.resolve("cache.plan");
        REQUIRE_FALSE(resolved.has_value());
        CHECK(resolved.error().error_class == ErrorClass::kAuthoring);
        CHECK(resolved.error().message.find("net.outputs") != std::string::npos);
    }
}

TEST_CASE("inputs of actions by hand are seen under their own root") {
    auto version = app();
    version.config.actions[0] =
        action("check", {{"manual", "", "", 0, {}}}, {{"WHO", "{{ .action.inputs.who }}"}});
    version.config.actions[0].inputs = {{"who", "", false, std::string("all")}};
    const auto who = [&](const StringMap& inputs) {
        Run run(version, deployed(),
                {.kind = RequestKind::kActionRun, .action = "check", .action_inputs = inputs});
        return std::string(run.object("action.check")["steps"].at(0).at("env").at("WHO").as_string());
    };
    CHECK(who({}) == "all");
    CHECK(who({{"who", "me"}}) == "me");
}

TEST_CASE(
    "the read-me page shows an install's state, masks what is sensitive, and says what is wrong with it") {
    auto version = app();
    version.config.metadata.readme.value =
        "# {{ .nuon.install.id }}\nnet {{ .nuon.components.net.outputs.id }}, password "
        "{{ .nuon.inputs.inputs.password }}, not yet {{ .nuon.components.net.outputs.none }}.\n"
        "{{ uper .nuon.install.id }} rest\n";
    const auto page = readme_page(version, install(), deployed());
    const auto net = json::parse(deployed().components.at("net").outputs.at("id").json).as_string();
    CHECK(page.text.starts_with("# " + install().id + "\nnet " + std::string(net) +
                                ", password (sensitive), not yet .\n"));
    CHECK_MESSAGE(page.text.find("{{ uper .nuon.install.id }} ") != std::string::npos, page.text);
    CHECK(page.text.find("hunter2") == std::string::npos);
    REQUIRE(page.problems.size() >= 1);
    CHECK(page.problems[0].message.find("uper") != std::string::npos);
}
