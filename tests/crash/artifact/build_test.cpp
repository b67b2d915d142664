// Builds as runs: what is built, what is not built again, and why.
#include <doctest/doctest.h>

#include <cstdio>

#include "slipway/lifecycle/archive.hpp"
#include "tests/crash/artifact/app_rig.hpp"
#include "tests/unit/artifact/temp_folder.hpp"

using namespace slipway;
using namespace slipway::lifecycle;
using slipway::test::BuildHost;
using slipway::test::TempFolder;

namespace {

AppVersion load(const TempFolder& folder) {
    auto version = test::load_version({.folder = folder.path("in")});
    REQUIRE_MESSAGE(version.has_value(), (version ? "" : version.error().message));
    return *version;
}

std::map<std::string, std::string> why(const BuildHost& host, const AppVersion& version,
                                       const BuildRequest& request = {}) {
    const auto plans = plan_builds(version, *host.artifacts, request);
    REQUIRE(plans);
    std::map<std::string, std::string> out;
    for (const auto& plan : *plans) {
        if (plan.needed()) {
            for (const auto& reason : plan.why) {
                out[plan.component] += (out[plan.component].empty() ? "" : "; ") + reason;
            }
        }
    }
    return out;
}

std::string short_digest(const std::string& text) {
    return sha256(text).hex().substr(0, 12);
}

}  // namespace

TEST_CASE("an app is built once, and a rebuild happens exactly for what moved, which is named") {
    const TempFolder folder;
    REQUIRE(test::write_app({.folder = folder.path("in")}));
    auto version = load(folder);
    const auto host = BuildHost::open(folder.path("state"));
    REQUIRE_MESSAGE(host.has_value(), (host ? "" : host.error().message));
    CHECK(why(*host, version).size() == 12);
    CHECK(why(*host, version)["chart0"] == "it was never built");
    const auto steps = host->build(version, RunId{"build-1"});
    REQUIRE_MESSAGE(steps.has_value(), (steps ? "" : steps.error().message));
    CHECK(*steps == 12);
    CHECK(why(*host, version).empty());
    CHECK(*host->build(version, RunId{"build-2"}) == 0);

    SUBCASE("an inlined file") {
        folder.write("in/app/components/values.yaml", "replicas: 2\n");
        const std::string moved = "file ./values.yaml moved from " + short_digest("replicas: 1\n") + " to " +
                                  short_digest("replicas: 2\n");
        CHECK(why(*host, load(folder)) ==
              std::map<std::string, std::string>{{"chart0", moved}, {"chart1", moved}, {"chart2", moved}});
    }
    SUBCASE("a key of the TOML, and neither a comment nor another order") {
        const auto file = folder.path("in/app/components/module1.toml");
        const auto text = test::file_content(file);
        folder.write("in/app/components/module1.toml", "# a comment\n" + text);
        CHECK(why(*host, load(folder)).empty());
        folder.write("in/app/components/module1.toml", "max_auto_retries = 3\n" + text);
        CHECK(why(*host, load(folder)) ==
              std::map<std::string, std::string>{{"module1", "key max_auto_retries is new"}});
    }
    SUBCASE("the commit of a repository") {
        auto& source = version.sources.at("component.module2");
        source.content = "git-tree:" + std::string(40, '7');
        const std::string before = source.commit;
        source.commit = std::string(40, '8');
        CHECK(why(*host, version) == std::map<std::string, std::string>{
                                         {"module2", "repository acme/module2 moved from commit " +
                                                         before.substr(0, 12) + " to commit 888888888888"}});
        // Another commit with the same content of the folder builds the same.
        source.content = load(folder).sources.at("component.module2").content;
        CHECK(why(*host, version).empty());
    }
    SUBCASE("an artifact that is gone") {
        const auto record = host->artifacts->records("twelve", "program").at(0);
        std::filesystem::remove(host->artifacts->path_of(record.artifact.digest));
        CHECK(why(*host, version) ==
              std::map<std::string, std::string>{{"program", "its artifact is gone or damaged"}});
    }
    SUBCASE("asked for") {
        const BuildRequest request{.components = {"chart1"}, .rebuild = true, .token = "once more"};
        CHECK(why(*host, version, request) ==
              std::map<std::string, std::string>{{"chart1", "a rebuild was asked for"}});
        const auto before = host->artifacts->records("twelve", "chart1").at(0);
        REQUIRE(host->build(version, RunId{"again"}, request));
        const auto after = host->artifacts->records("twelve", "chart1").at(0);
        CHECK(after.built_ms > before.built_ms);
        CHECK(after.artifact.digest == before.artifact.digest);
        // The same wish once more, by a run that knows nothing of the first: its record is the witness.
        REQUIRE(host->build(version, RunId{"again-2"}, request));
        CHECK(host->artifacts->records("twelve", "chart1").at(0).built_ms == after.built_ms);
    }
}

TEST_CASE("what is recorded is not built again, even by an engine that knows nothing of it") {
    const TempFolder folder;
    REQUIRE(test::write_app({.folder = folder.path("in")}));
    const auto version = load(folder);
    {
        const auto host = BuildHost::open(folder.path("first"));
        REQUIRE(host);
        REQUIRE(host->build(version, RunId{"build-1"}));
    }
    std::filesystem::create_directories(folder.path("second"));
    std::filesystem::rename(folder.path("first/artifacts"), folder.path("second/artifacts"));
    // Nothing is left to build from.
    std::filesystem::remove_all(folder.path("in/sources"));
    const auto host = BuildHost::open(folder.path("second"));
    REQUIRE(host);
    auto plans = plan_builds(version, *host->artifacts, {});
    REQUIRE(plans);
    for (auto& plan : *plans) {
        plan.record.reset();
    }
    auto workflow = Workflow::build(generate_builds(version, *plans, {})->spec);
    REQUIRE(workflow);
    StartRequest start;
    start.run = RunId{"build-1"};
    start.workflow = *workflow;
    REQUIRE(host->engine->start(std::move(start), Principal{"test", {}}));
    CHECK(*host->engine->wait(RunId{"build-1"}, 60'000, true) == RunStatus::kSucceeded);
    for (const auto& step : host->engine->view(RunId{"build-1"})->steps) {
        CHECK(step.output.bytes.find("\"built\":false") != std::string::npos);
    }
}

TEST_CASE("the same app in another folder gives the same digests") {
    if (!test::is_tool_here("buildah")) {
        std::puts("SLIPWAY-SKIPPED-PART: buildah");
    }
    std::map<std::string, Digest> first;
    for (const char* name : {"here", "some/where/else"}) {
        const TempFolder folder;
        const std::string in = std::string(name) + "/in";
        REQUIRE(test::write_app({.folder = folder.path(in), .images = test::is_tool_here("buildah")}));
        const auto version = test::load_version({.folder = folder.path(in)});
        REQUIRE(version);
        const auto host = BuildHost::open(folder.path("state"));
        REQUIRE(host);
        const auto steps = host->build(*version, RunId{"build-1"});
        REQUIRE_MESSAGE(steps.has_value(), (steps ? "" : steps.error().message));
        for (const auto& component : version->config.components) {
            const auto digest = host->artifacts->records("twelve", component.name).at(0).artifact.digest;
            CHECK(first.emplace(component.name, digest).first->second == digest);
        }
    }
    CHECK(first.size() == 12);
}

TEST_CASE("a moved image tag is a reason to build, and is named") {
    const TempFolder folder;
    folder.write("app/metadata.toml", "version = \"v1\"\ndisplay_name = \"I\"\ndescription = \"x\"\n");
    folder.write(
        "app/components/web.toml",
        "name = \"web\"\ntype = \"container_image\"\n[public]\nimage_url = \"nginx\"\ntag = \"1.25\"\n");
    const auto app = load_app(folder.path("app"));
    REQUIRE(app);
    AppVersion version;
    version.app = "i";
    version.config = app->config;
    CHECK(images_to_resolve(version.config) ==
          std::map<std::string, std::string>{{"web", "docker.io/library/nginx:1.25"}});
    const auto store = *ArtifactStore::open(folder.path("artifacts"));
    const std::string one = oci_digest(sha256("one"));
    const std::string two = oci_digest(sha256("two"));
    auto plans = plan_builds(version, *store, {.image_digests = {{"web", one}}});
    REQUIRE(plans);
    CHECK(plans->at(0).kind == "image.copy");
    CHECK(plans->at(0).input.name == "docker.io/library/nginx@" + one);
    const auto artifact = build_manifests(*store, "stands for the image", {});
    REQUIRE(complete_build(*store, plans->at(0).input, *artifact, 1));
    plans = plan_builds(version, *store, {.image_digests = {{"web", one}}});
    CHECK_FALSE(plans->at(0).needed());
    plans = plan_builds(version, *store, {.image_digests = {{"web", two}}});
    CHECK(plans->at(0).why ==
          std::vector<std::string>{"image nginx:1.25 moved from sha256:" + short_digest("one") +
                                   " to sha256:" + short_digest("two")});
    plans = plan_builds(version, *store, {});
    CHECK(plans->at(0).left_out ==
          "its image docker.io/library/nginx:1.25 could not be resolved to a digest");
}

TEST_CASE("per install: built and not deployed, and a version that is behind") {
    const TempFolder folder;
    REQUIRE(test::write_app({.folder = folder.path("in")}));
    const auto pinned = std::make_shared<AppVersion>(load(folder));
    const auto host = BuildHost::open(folder.path("state"));
    REQUIRE(host);
    REQUIRE(host->build(*pinned, RunId{"build-1"}));
    auto newest = *pinned;
    newest.digest = sha256("newest");
    newest.sources.at("component.module0").content = "git-tree:" + std::string(40, '5');
    auto older = std::make_shared<AppVersion>(*pinned);
    older->digest = sha256("older");
    older->sources.at("component.module1").content = "git-tree:" + std::string(40, '6');
    InstallState state;
    state.components["module1"] = {PartStatus::kActive, {}, older->digest, {}, 1};
    state.components["module2"] = {PartStatus::kActive, {}, pinned->digest, {}, 1};
    const auto standings = build_standings(*host->artifacts, *pinned, newest, state,
                                           {{pinned->digest, pinned}, {older->digest, older}}, {});
    REQUIRE(standings);
    for (const auto& standing : *standings) {
        CAPTURE(standing.component);
        CHECK_FALSE(standing.artifact.empty());
        CHECK(standing.config_behind == (standing.component == "module0"));
        CHECK(standing.built_not_deployed == (standing.component != "module2"));
        CHECK(standing.deployed == (standing.component == "module1" || standing.component == "module2"));
    }
}
