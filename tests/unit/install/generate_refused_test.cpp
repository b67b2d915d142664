#include <doctest/doctest.h>

#include "tests/unit/install/sample_app.hpp"

using namespace sample;  // NOLINT: tests only

namespace {

Error refused(const AppVersion& version, const InstallState& state, const Request& request) {
    const auto generated = generate(version, install(), state, request);
    REQUIRE_FALSE(generated.has_value());
    return generated.error();
}

}  // namespace

TEST_CASE("what cannot be carried out is refused, all of it at once, and let through when simulated") {
    auto version = app();
    version.config.components[0].type = ComponentType::kPulumi;
    version.config.components[2].type = ComponentType::kJob;
    const auto error = refused(version, {}, {.kind = RequestKind::kProvision});
    CHECK(error.code == ErrorCode::kUnsupported);
    CHECK(error.message.find("component cache is of type pulumi") != std::string::npos);
    CHECK(error.message.find("component mail is of type job") != std::string::npos);
    CHECK(step(must_generate(version, {}, {.kind = RequestKind::kProvision, .simulate = true}).spec,
               "cache.apply")
              ->kind == "pulumi.apply");
}

TEST_CASE("missing source folders are named") {
    auto version = app();
    version.sources.erase("component.web");
    version.sources.erase("sandbox");
    const auto error = refused(version, {}, {.kind = RequestKind::kProvision});
    CHECK(error.message == "no source folder for the sandbox, component web");
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
