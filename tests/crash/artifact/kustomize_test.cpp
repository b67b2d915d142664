// Kustomize on a stranger's folder: no wider reading, no helm, and never in the folder that others read too.
#include <doctest/doctest.h>

#include "tests/crash/artifact/app_rig.hpp"
#include "tests/unit/artifact/temp_folder.hpp"

using namespace slipway;
using namespace slipway::lifecycle;
using slipway::test::BuildHost;
using slipway::test::TempFolder;

namespace {

constexpr const char* kYaml = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: one\n";

AppVersion version_with(const TempFolder& folder) {
    folder.write("source/k/one.yaml", kYaml);
    AppVersion version;
    version.app = "k";
    version.digest = sha256("version");
    Component component;
    component.name = "web";
    component.type = ComponentType::kKubernetesManifest;
    component.repository.kind = RepositoryKind::kPublic;
    component.repository.repo = "acme/web";
    component.manifest.kustomize.emplace();
    component.manifest.kustomize->path = "k";
    version.config.components.push_back(component);
    version.sources["component.web"] = {folder.path("source"), "git-tree:" + std::string(40, '1'), "c0ffee"};
    return version;
}

BuildOptions with_kubectl(const TempFolder& folder) {
    const auto program =
        folder.write("bin/kubectl", "#!/bin/sh\nset -e\necho mine > \"$2/written\"\ncat \"$2/one.yaml\"\n");
    std::filesystem::permissions(program, std::filesystem::perms::owner_all);
    BuildOptions options;
    options.tool_dirs = {folder.path("bin")};
    return options;
}

}  // namespace

TEST_CASE("a kustomization that would read outside of its folder, or run helm, is left out and says why") {
    const TempFolder folder;
    const auto store = *ArtifactStore::open(folder.path("artifacts"));
    auto version = version_with(folder);
    auto& kustomize = *version.config.components[0].manifest.kustomize;
    CHECK(plan_builds(version, *store, {})->at(0).left_out.empty());
    kustomize.load_restrictor = "none";
    CHECK(plan_builds(version, *store, {})->at(0).left_out.find("not allowed here") != std::string::npos);
    kustomize.load_restrictor = "rootOnly";
    kustomize.enable_helm = true;
    CHECK(plan_builds(version, *store, {})->at(0).left_out.find("not allowed here") != std::string::npos);
}

TEST_CASE("kustomize works on a copy of its own: the shared source stays as it was") {
    const TempFolder folder;
    const auto version = version_with(folder);
    const auto host = BuildHost::open(folder.path("state"), with_kubectl(folder));
    REQUIRE(host);
    const auto steps = host->build(version, RunId{"build-1"});
    REQUIRE_MESSAGE(steps.has_value(), (steps ? "" : steps.error().message));
    CHECK(host->artifacts->records("k", "web").size() == 1);
    CHECK_FALSE(std::filesystem::exists(folder.path("source/k/written")));
}

TEST_CASE("a build that asks kustomize for more all the same fails for good") {
    for (const char* wish : {"load_restrictor", "enable_helm"}) {
        const TempFolder folder;
        const auto version = version_with(folder);
        const auto host = BuildHost::open(folder.path("state"), with_kubectl(folder));
        REQUIRE(host);
        auto plans = plan_builds(version, *host->artifacts, {});
        REQUIRE(plans);
        plans->at(0).input.arguments[wish] = "none";
        auto workflow = Workflow::build(generate_builds(version, *plans, {})->spec);
        REQUIRE(workflow);
        StartRequest start;
        start.run = RunId{"build-1"};
        start.workflow = *workflow;
        REQUIRE(host->engine->start(std::move(start), Principal{"test", {}}));
        REQUIRE(host->engine->wait(RunId{"build-1"}, 30'000, true));
        const auto step = host->engine->view(RunId{"build-1"})->steps.at(0);
        CHECK(step.status == StepStatus::kFailed);
        REQUIRE(step.failure.has_value());
        CHECK(step.failure->message.find("not allowed here") != std::string::npos);
        CHECK(host->artifacts->records("k", "web").empty());
    }
}
