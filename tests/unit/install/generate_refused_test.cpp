#include <doctest/doctest.h>

#include "slipway/lifecycle/build.hpp"
#include "tests/unit/install/sample_app.hpp"

using namespace sample;  // NOLINT: tests only

namespace {

Error refused(const AppVersion& version, const InstallState& state, const Request& given) {
    Request request = given;
    if (request.artifacts.empty()) {
        request.artifacts = built(version);
    }
    const auto generated = generate(version, install(), state, request);
    REQUIRE_FALSE(generated.has_value());
    return generated.error();
}

}  // namespace

TEST_CASE("what cannot be carried out is refused, all of it at once, and let through when simulated") {
    auto version = app();
    version.config.components[0].type = ComponentType::kPulumi;
    version.config.components[2].type = ComponentType::kPulumi;
    const auto error = refused(version, {}, {.kind = RequestKind::kProvision});
    CHECK(error.code == ErrorCode::kUnsupported);
    CHECK(error.message.find("component cache is of type pulumi") != std::string::npos);
    CHECK(error.message.find("component mail is of type pulumi") != std::string::npos);
    CHECK(step(must_generate(version, {}, {.kind = RequestKind::kProvision, .simulate = true}).spec,
               "cache.apply")
              ->kind == "pulumi.apply");
}

TEST_CASE("what is not built is not deployed, and is named with what to do; simulated it need not be") {
    const auto version = app();
    auto artifacts = built(version);
    artifacts.erase("web");
    artifacts.erase("sandbox");
    const auto error = refused(version, {}, {.kind = RequestKind::kProvision, .artifacts = artifacts});
    CHECK(error.code == ErrorCode::kRefused);
    CHECK(error.message == "not built for version " + version.digest.hex().substr(0, 12) +
                               " of shop: the sandbox, component web");
    CHECK(error.hint.find("slipway build --synced shop --ref ") != std::string::npos);
    // Only what the request touches has to be built.
    must_generate(version, deployed(),
                  {.kind = RequestKind::kDeployOne, .component = "net", .artifacts = artifacts});
    CHECK(generate(version, install(), {}, {.kind = RequestKind::kProvision, .simulate = true}));
}

TEST_CASE("more than a step carries is refused with its place, all of it, and left out when simulated") {
    auto version = app();
    const std::string much(std::size_t{2} << 20U, 'x');
    version.config.components[0].terraform.var_files = {
        {much, "./big.tfvars", false, {"components/big.tfvars", 1, 1}}};
    for (auto& one : version.config.actions) {
        for (auto& step : one.steps) {
            step.inline_contents = {much, "", false, {"actions/" + one.name + ".toml", 7, 3}};
        }
    }
    const auto error = refused(version, {}, {.kind = RequestKind::kProvision});
    CHECK(error.code == ErrorCode::kLimit);
    CHECK(error.message.find("component " + version.config.components[0].name +
                             ": components/big.tfvars:1:1, which has 2097152 bytes") != std::string::npos);
    CHECK(error.message.find(".toml:7:3, which has 2097152 bytes") != std::string::npos);
    const auto spec = must_generate(version, {}, {.kind = RequestKind::kProvision, .simulate = true}).spec;
    CHECK(Workflow::build(spec).has_value());
}

TEST_CASE("what is deployed is pinned in the run by its digest, and kept with the install") {
    const auto version = app();
    const auto artifact = "sha256:" + built(version).at("net").hex();
    const auto spec = must_generate(version, {}, {.kind = RequestKind::kProvision}).spec;
    for (const char* id : {"net.plan", "net.apply", "net.mark", "net.outputs"}) {
        CHECK_MESSAGE(
            step(spec, id)->input.bytes.find("\"artifact\":\"" + artifact + "\"") != std::string::npos, id);
        CHECK(step(spec, id)->input.bytes.find("/sources/") == std::string::npos);
    }
    const auto down = must_generate(version, deployed(), {.kind = RequestKind::kDeprovision}).spec;
    CHECK(step(down, "net.plan")->input.bytes.find(artifact) != std::string::npos);
    CHECK(step(down, "net.outputs")->input.bytes.find(artifact) == std::string::npos);
    CHECK(artifacts_in(spec).size() == 6);
    CHECK(artifacts_in(spec).count(built(version).at("sandbox")) == 1);
}

TEST_CASE("an image that only an install can name needs no build, and the run says so") {
    auto version = app();
    auto& image = version.config.components[2];
    image.type = ComponentType::kContainerImage;
    image.image.registry = "aws_ecr";
    image.image.image_url = "{{ .nuon.inputs.inputs.account }}.dkr.ecr.eu-1.amazonaws.com/mail";
    image.image.tag = "1";
    auto artifacts = built(version);
    artifacts.erase("mail");
    const auto spec =
        must_generate(version, {}, {.kind = RequestKind::kProvision, .artifacts = artifacts}).spec;
    CHECK(step(spec, "mail.sync")->why.find("resolved per install") != std::string::npos);
    image.image.image_url = "acme/mail";
    CHECK(refused(version, {}, {.kind = RequestKind::kProvision, .artifacts = artifacts})
              .message.find("component mail") != std::string::npos);
}

TEST_CASE("a deploy is refused while what it builds on is not there") {
    auto state = deployed();
    state.components["net"].status = PartStatus::kDeploying;
    CHECK(refused(app(), state, {.kind = RequestKind::kDeployOne, .component = "db"}).message ==
          "install acme lacks what this builds on: net (for db)");
    CHECK(refused(app(), {}, {.kind = RequestKind::kDeployAll}).message ==
          "install acme lacks what this builds on: the sandbox");
}

TEST_CASE("a tear-down of a component is refused while others build on it") {
    const auto error = refused(app(), deployed(), {.kind = RequestKind::kTeardownOne, .component = "net"});
    CHECK(error.message == "deployed components build on net: cache, db, web");
    const auto spec =
        must_generate(app(), deployed(),
                      {.kind = RequestKind::kTeardownOne, .component = "net", .with_dependents = true})
            .spec;
    CHECK(comes_before(spec, "web.outputs", "db.plan"));
    CHECK(comes_before(spec, "db.outputs", "net.plan"));
    CHECK(step(spec, "mail.plan") == nullptr);
}

TEST_CASE("names that are not there are refused with the nearest one") {
    auto error = refused(app(), deployed(), {.kind = RequestKind::kDeployOne, .component = "webb"});
    CHECK(error.code == ErrorCode::kNotFound);
    CHECK(error.hint.find("web") != std::string::npos);
    error = refused(app(), deployed(), {.kind = RequestKind::kActionRun, .action = "chekc"});
    CHECK(error.hint.find("check") != std::string::npos);
    const auto kind = parse_request_kind("deprovison");
    REQUIRE_FALSE(kind.has_value());
    CHECK(kind.error().hint.find("deprovision") != std::string::npos);
    CHECK(*parse_request_kind("deploy-all") == RequestKind::kDeployAll);
}

TEST_CASE("a component that is switched off must not be built on") {
    auto version = app();
    version.config.components[1].toggleable = true;  // db
    CHECK(refused(version, {}, {.kind = RequestKind::kProvision}).message ==
          "component db is switched off, but web builds on it");
}

TEST_CASE("a deprovision is refused while something is deployed that the version does not know") {
    auto state = deployed();
    state.components["old"].status = PartStatus::kActive;
    const auto error = refused(app(), state, {.kind = RequestKind::kDeprovision});
    CHECK(error.message == "deployed, but not part of the install's version of the app: old");
}

TEST_CASE("kinds without an executor are refused before anything is touched") {
    const Request request{
        .kind = RequestKind::kProvision,
        .available_kinds = {"preflight", "outputs.save", "terraform.plan", "terraform.apply"}};
    CHECK(refused(app(), {}, request).message == "no executor here for steps of kind action");
}

TEST_CASE("a hook that reads a later component does not hold that component up") {
    auto version = app();
    version.config.actions.push_back(action("early", {{"post-deploy-component", "net", "", 0, {}}},
                                            {{"WEB", "{{ .nuon.components.web.outputs.url }}"}}));
    const auto spec = must_generate(version, {}, {.kind = RequestKind::kProvision}).spec;
    CHECK(comes_before(spec, "web.outputs", "action.post-deploy-component.net.early"));
    CHECK(comes_before(spec, "net.outputs", "web.plan"));
}

TEST_CASE("component names that mean something else in step ids do not clash") {
    auto version = app();
    version.config.components = {terraform("sandbox", {}, {}), terraform("preflight", {}, {"sandbox"})};
    version.sources["component.sandbox"] = version.sources["component.preflight"] = {"/x", "x", ""};
    version.config.actions.clear();
    const auto spec = must_generate(version, {}, {.kind = RequestKind::kProvision}).spec;
    CHECK(step(spec, "component.sandbox.apply")->input.bytes.find("ins1/component.sandbox") !=
          std::string::npos);
    CHECK(comes_before(spec, "sandbox.outputs", "component.sandbox.plan"));
}
