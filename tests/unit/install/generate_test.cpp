#include <doctest/doctest.h>

#include <algorithm>

#include "tests/unit/install/sample_app.hpp"

using namespace sample;  // NOLINT: tests only

namespace {

using Ids = std::vector<std::string>;

Ids ids(const WorkflowSpec& spec) {
    Ids all;
    for (const auto& entry : spec.steps) {
        all.push_back(entry.id.str());
    }
    return all;
}

Digest digest_of(const WorkflowSpec& spec) {
    return Workflow::build(spec)->digest();
}

}  // namespace

TEST_CASE("provision: the sandbox first, then components along the graph, hooks around them") {
    const auto spec = must_generate(app(), {}, {.kind = RequestKind::kProvision}).spec;
    const auto all = edges(spec);
    CHECK(all.at("preflight").empty());
    CHECK(all.at("sandbox.plan") == Ids{"preflight"});
    CHECK(all.at("sandbox.gate") == Ids{"sandbox.plan"});
    CHECK(all.at("sandbox.mark") == Ids{"sandbox.gate"});
    CHECK(all.at("sandbox.apply") == Ids{"sandbox.gate", "sandbox.mark", "sandbox.plan"});
    CHECK(all.at("sandbox.outputs") == Ids{"sandbox.apply"});
    CHECK(all.at("net.plan") == Ids{"sandbox.outputs"});
    CHECK(all.at("mail.plan") == Ids{"sandbox.outputs"});
    CHECK(all.at("db.plan") == Ids{"net.outputs"});
    CHECK(all.at("cache.plan") == Ids{"net.outputs"});
    CHECK(all.at("action.post-deploy-component.cache.warm") == Ids{"cache.outputs"});
    CHECK(all.at("action.pre-deploy-component.web.migrate") ==
          Ids{"action.post-deploy-component.cache.warm.outputs", "cache.outputs", "db.outputs"});
    CHECK(all.at("web.plan") == Ids{"action.pre-deploy-component.web.migrate.outputs", "db.outputs"});
    CHECK(comes_before(spec, "mail.outputs", "action.post-provision.smoke"));
    CHECK(comes_before(spec, "web.outputs", "action.post-provision.smoke"));
    CHECK_FALSE(comes_before(spec, "mail.outputs", "web.plan"));
    CHECK_FALSE(comes_before(spec, "web.outputs", "mail.plan"));
}

TEST_CASE("a reader of outputs has a data edge, a mere dependency an order edge") {
    const auto spec = must_generate(app(), {}, {.kind = RequestKind::kProvision}).spec;
    const auto kind = [&](const std::string& of, const std::string& on) {
        for (const auto& edge : step(spec, of)->depends_on) {
            if (edge.step.str() == on) {
                return edge.kind;
            }
        }
        FAIL("no edge from " << of << " to " << on);
        return DependencyKind::kData;
    };
    CHECK(kind("db.plan", "net.outputs") == DependencyKind::kData);
    CHECK(kind("sandbox.gate", "sandbox.plan") == DependencyKind::kData);
    CHECK(kind("sandbox.apply", "sandbox.gate") == DependencyKind::kOrder);
    CHECK(kind("action.pre-deploy-component.web.migrate", "cache.outputs") == DependencyKind::kOrder);
    CHECK(kind("sandbox.plan", "preflight") == DependencyKind::kOrder);
}

TEST_CASE("every step says why it is there, and belongs to the install") {
    for (const auto kind : {RequestKind::kProvision, RequestKind::kDeprovision, RequestKind::kDeployAll}) {
        const auto spec = must_generate(app(), deployed(), {.kind = kind}).spec;
        for (const auto& entry : spec.steps) {
            CAPTURE(entry.id.str());
            CHECK_FALSE(entry.title.empty());
            CHECK_FALSE(entry.why.empty());
            CHECK(entry.labels.at("install") == "acme");
        }
    }
}

TEST_CASE("an apply is redone with its section, plan and gate are not skipped, a gate passes an empty plan") {
    auto version = app();
    version.config.components[0].max_auto_retries = 5;
    const auto spec = must_generate(version, {}, {.kind = RequestKind::kProvision}).spec;
    CHECK(step(spec, "cache.apply")->retry_mode == RetryMode::kNewRound);
    CHECK(step(spec, "cache.apply")->retry.attempts_max == 6);
    CHECK(step(spec, "cache.plan")->retry.attempts_max == 6);
    CHECK(step(spec, "db.apply")->retry.attempts_max == 1);
    CHECK_FALSE(step(spec, "cache.plan")->skippable);
    CHECK_FALSE(step(spec, "preflight")->skippable);
    CHECK(step(spec, "cache.gate")->type == StepType::kGate);
    CHECK(step(spec, "cache.gate")->gate.pass_when_unchanged);
    CHECK_FALSE(step(spec, "cache.gate")->skippable);
    for (const std::string part : {"plan", "gate", "mark", "apply", "outputs"}) {
        CHECK(step(spec, "cache." + part)->section == "cache");
    }
}

TEST_CASE("deprovision is the exact reverse of provision") {
    const auto up = must_generate(app(), {}, {.kind = RequestKind::kProvision}).spec;
    const auto down = must_generate(app(), deployed(), {.kind = RequestKind::kDeprovision}).spec;
    const Ids parts{"cache", "db", "mail", "net", "sandbox", "web"};
    for (const auto& a : parts) {
        CHECK(step(down, a + ".mark") == nullptr);
        CHECK(step(down, a + ".gate") != nullptr);
        for (const auto& b : parts) {
            CAPTURE(a);
            CAPTURE(b);
            CHECK(comes_before(up, a + ".outputs", b + ".plan") ==
                  comes_before(down, b + ".outputs", a + ".plan"));
        }
    }
    CHECK(step(down, "net.plan")->input.bytes.find(R"("mode":"destroy")") != std::string::npos);
}

TEST_CASE("deprovision leaves out what is not there, and says why") {
    auto state = deployed();
    state.components["web"].status = PartStatus::kRemoved;
    state.components.erase("mail");
    state.components["db"].status = PartStatus::kDeploying;
    const auto generated = must_generate(app(), state, {.kind = RequestKind::kDeprovision});
    CHECK(step(generated.spec, "web.plan") == nullptr);
    CHECK(step(generated.spec, "mail.plan") == nullptr);
    CHECK(step(generated.spec, "db.plan") != nullptr);
    REQUIRE(generated.left_out.size() == 2);
    CHECK(generated.left_out[0].what == "component mail");
    CHECK(generated.left_out[0].why == "it was never deployed");
    CHECK(generated.left_out[1].why == "it is removed already");
    CHECK(comes_before(generated.spec, "db.outputs", "net.plan"));
}

TEST_CASE("an input update touches who reads the input, and who reads outputs of those") {
    auto generated =
        must_generate(app(), deployed(), {.kind = RequestKind::kInputUpdate, .changed_inputs = {"replicas"}});
    CHECK(ids(generated.spec) == Ids{"preflight", "action.pre-deploy-component.web.migrate",
                                     "action.pre-deploy-component.web.migrate.outputs", "web.plan",
                                     "web.gate", "web.mark", "web.apply", "web.outputs"});
    CHECK(step(generated.spec, "web.plan")->why == "reads input 'replicas'");
    CHECK(generated.left_out.size() == 5);

    generated =
        must_generate(app(), deployed(), {.kind = RequestKind::kInputUpdate, .changed_inputs = {"password"}});
    CHECK(step(generated.spec, "db.plan")->why == "reads input 'password'");
    CHECK(step(generated.spec, "web.plan")->why == "the input touches db; reads outputs of db");
    CHECK(step(generated.spec, "cache.plan") == nullptr);
    CHECK(comes_before(generated.spec, "db.outputs", "web.plan"));
}

TEST_CASE("who reads all inputs at once is touched by a change of any") {
    for (const std::string text :
         {"{{ range .nuon.inputs.inputs }}{{ . }}{{ end }}", "{{ toJson .nuon.inputs.inputs }}",
          "{{ $x := \"replicas\" }}{{ index .nuon.inputs.inputs $x }}",
          "{{ with .nuon.inputs }}{{ .inputs.replicas }}{{ end }}", "{{ .nuon | toJson }}",
          "{{ $n := .nuon }}{{ $n.inputs.inputs.replicas }}", "{{ toJson .nuon.install }}",
          "{{ toJson .nuon.install.inputs }}",
          "{{ .nuon.id }}{{ $x := . }}{{ $x.nuon.inputs.inputs.replicas }}"}) {
        CAPTURE(text);
        auto version = app();
        version.config.components[2] = terraform("mail", {{"all", text}}, {});
        const auto spec = must_generate(version, deployed(),
                                        {.kind = RequestKind::kInputUpdate, .changed_inputs = {"replicas"}})
                              .spec;
        REQUIRE(step(spec, "mail.plan") != nullptr);
        CHECK(step(spec, "mail.plan")->why == "may read any input");
        CHECK(step(spec, "cache.plan") == nullptr);
        CHECK(step(spec, "sandbox.plan") == nullptr);
    }
}

TEST_CASE("an input of the sandbox reaches its readers") {
    auto version = app();
    version.config.sandbox.references.push_back(
        {ReferenceKind::kInput, "replicas", "nuon.inputs.inputs.replicas", 0});
    const auto generated = must_generate(version, deployed(),
                                         {.kind = RequestKind::kInputUpdate, .changed_inputs = {"replicas"}});
    CHECK(step(generated.spec, "sandbox.plan") != nullptr);
    CHECK(comes_before(generated.spec, "sandbox.outputs", "net.plan"));
    CHECK(comes_before(generated.spec, "sandbox.outputs", "mail.plan"));
}

TEST_CASE("deploy of one component, alone and with what builds on it") {
    auto generated = must_generate(app(), deployed(), {.kind = RequestKind::kDeployOne, .component = "db"});
    CHECK(step(generated.spec, "db.apply") != nullptr);
    CHECK(step(generated.spec, "web.apply") == nullptr);
    CHECK(step(generated.spec, "sandbox.plan") == nullptr);
    generated = must_generate(app(), deployed(),
                              {.kind = RequestKind::kDeployOne, .component = "db", .with_dependents = true});
    CHECK(comes_before(generated.spec, "db.outputs", "web.plan"));
    CHECK(step(generated.spec, "cache.apply") == nullptr);
}

TEST_CASE("a manual action is a workflow of its own") {
    const auto spec =
        must_generate(app(), deployed(), {.kind = RequestKind::kActionRun, .action = "check"}).spec;
    CHECK(ids(spec) == Ids{"preflight", "action.check", "action.check.outputs"});
    CHECK(step(spec, "action.check")->input.bytes.find(R"("TRIGGER_TYPE":"manual")") != std::string::npos);
}

TEST_CASE("a component that is switched off is left out") {
    auto version = app();
    version.config.components[2].toggleable = true;  // mail
    const auto generated = must_generate(version, {}, {.kind = RequestKind::kProvision});
    CHECK(step(generated.spec, "mail.plan") == nullptr);
    REQUIRE(generated.left_out.size() == 1);
    CHECK(generated.left_out[0].what == "component mail");
}

TEST_CASE("images are one step, and a tear-down only notes that they go") {
    auto version = app();
    auto& mail = version.config.components[2];
    mail.type = ComponentType::kContainerImage;
    mail.raw_json = R"({"public":{"image_url":"mail","tag":"1"}})";
    auto spec = must_generate(version, {}, {.kind = RequestKind::kProvision}).spec;
    CHECK(step(spec, "mail.sync")->kind == "image.sync");
    CHECK(step(spec, "mail.plan") == nullptr);
    CHECK(comes_before(spec, "sandbox.outputs", "mail.sync"));
    spec = must_generate(version, deployed(), {.kind = RequestKind::kDeprovision}).spec;
    CHECK(step(spec, "mail.sync") == nullptr);
    CHECK(comes_before(spec, "mail.outputs", "sandbox.plan"));
}

TEST_CASE("the same request gives the same digest, other inputs another") {
    const Request request{.kind = RequestKind::kProvision};
    const auto first = digest_of(must_generate(app(), {}, request).spec);
    CHECK(first == digest_of(must_generate(app(), {}, request).spec));
    auto version = app();
    std::reverse(version.config.actions.begin(), version.config.actions.end());
    CHECK(first == digest_of(must_generate(version, {}, request).spec));
    version.config.components[0].terraform.vars["net"] = "other";
    CHECK(first != digest_of(must_generate(version, {}, request).spec));
}

TEST_CASE("the preview is JSON with every step and what is left out") {
    auto version = app();
    version.config.components[2].toggleable = true;
    const auto text = workflow_preview(must_generate(version, {}, {.kind = RequestKind::kProvision}));
    CHECK(text.starts_with(
        R"({"workflow":"provision","steps":[{"id":"preflight","kind":"preflight","section":"preflight")"));
    CHECK(text.find(R"("left_out":[{"what":"component mail")") != std::string::npos);
}
