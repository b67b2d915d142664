// Builds as runs: what is built, what is not built again, and why.
#include <doctest/doctest.h>

#include <cstdio>
#include <fstream>

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
    CHECK(why(*host, version).size() == 13);
    CHECK(why(*host, version)["chart0"] == "it was never built");
    CHECK(why(*host, version)["sandbox"] == "it was never built");
    const auto steps = host->build(version, RunId{"build-1"});
    REQUIRE_MESSAGE(steps.has_value(), (steps ? "" : steps.error().message));
    CHECK(*steps == 13);
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
        folder.write("in/app/components/module1.toml", "max_auto_retries = 3\nskip_noops = true\n" + text);
        CHECK(why(*host, load(folder)).empty());
        folder.write("in/app/components/module1.toml", "var_name = \"x\"\n" + text);
        CHECK(why(*host, load(folder)) ==
              std::map<std::string, std::string>{{"module1", "key var_name is new"}});
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
    SUBCASE("the sandbox's module") {
        version.sources.at("sandbox").content = "git-tree:" + std::string(40, '7');
        version.sources.at("sandbox").commit = std::string(40, '8');
        CHECK(why(*host, version) ==
              std::map<std::string, std::string>{
                  {"sandbox",
                   "repository acme/sandbox moved from commit bbbbbbbbbbbb to commit 888888888888"}});
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
        const auto sandbox = host->artifacts->records("twelve", "sandbox").at(0).artifact.digest;
        CHECK(first.emplace("sandbox", sandbox).first->second == sandbox);
    }
    CHECK(first.size() == 13);
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
    // Moved on and moved back: the build that it names again is what is deployed.
    const auto moved = build_manifests(*store, "stands for the other image", {});
    REQUIRE(complete_build(*store, plans->at(0).input, *moved, 2));
    CHECK(artifacts_to_deploy(*store, version)->at("web") == moved->digest);
    plans = plan_builds(version, *store, {.image_digests = {{"web", one}}});
    CHECK_FALSE(plans->at(0).needed());
    REQUIRE(renew_records(*store, *plans, 1));
    CHECK(artifacts_to_deploy(*store, version)->at("web") == artifact->digest);
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
    const auto artifacts = *artifacts_to_deploy(*host->artifacts, *pinned);
    REQUIRE(artifacts.size() == 13);
    InstallState state;
    state.components["module1"] = {PartStatus::kActive, {}, older->digest, {}, 1, artifacts.at("module1")};
    state.components["module2"] = {PartStatus::kActive, {}, pinned->digest, {}, 1, artifacts.at("module2")};
    // An older build of the same version, one whose apply broke off, and one from before digests were kept.
    state.components["module3"] = {PartStatus::kActive, {}, pinned->digest, {}, 1, sha256("older build")};
    state.components["module4"] = {PartStatus::kDeploying, {}, pinned->digest, {}, 1,
                                   artifacts.at("module4")};
    state.sandbox = {PartStatus::kActive, {}, pinned->digest, {}, 1, {}};
    const auto standings = build_standings(*host->artifacts, *pinned, newest, state,
                                           {{pinned->digest, pinned}, {older->digest, older}}, {});
    REQUIRE(standings);
    CHECK(standings->size() == 13);
    const std::set<std::string> deployed{"sandbox", "module1", "module2", "module3", "module4"};
    for (const auto& standing : *standings) {
        CAPTURE(standing.component);
        CHECK_FALSE(standing.artifact.empty());
        CHECK(standing.config_behind == (standing.component == "module0"));
        CHECK(standing.built_not_deployed ==
              (standing.component != "module2" && standing.component != "sandbox"));
        CHECK(standing.deployed == (deployed.count(standing.component) != 0));
        CHECK(standing.deployed_artifact.empty() ==
              (deployed.count(standing.component) == 0 || standing.component == "sandbox"));
    }
}

TEST_CASE(
    "a tear-down takes what was deployed, and another build only where that is gone or of another version") {
    const TempFolder folder;
    REQUIRE(test::write_app({.folder = folder.path("in")}));
    const auto version = load(folder);
    const auto host = BuildHost::open(folder.path("state"));
    REQUIRE(host);
    REQUIRE(host->build(version, RunId{"build-1"}));
    const auto built = *artifacts_to_deploy(*host->artifacts, version);
    const auto other = build_module(*host->artifacts, folder.path("in/sources/module1"), {.title = "other"});
    REQUIRE(other);
    InstallState state;
    state.components["module1"] = {PartStatus::kActive, {}, version.digest, {}, 1, other->digest};
    state.components["module2"] = {PartStatus::kActive, {}, version.digest, {}, 1, sha256("gone")};
    state.components["module3"] = {PartStatus::kActive, {}, sha256("another version"), {}, 1, other->digest};
    const auto removes = artifacts_to_remove(*host->artifacts, version, state);
    REQUIRE(removes);
    CHECK(removes->at("module1") == other->digest);
    CHECK(removes->at("module2") == built.at("module2"));
    CHECK(removes->at("module3") == built.at("module3"));
}

TEST_CASE("a packaged module is laid out as it was packed, and nothing else for its digest") {
    const TempFolder folder;
    folder.write("module/main.tf", "locals {}\n");
    folder.write("module/inner/more.tf", "locals { a = 1 }\n");
    const auto store = *ArtifactStore::open(folder.path("artifacts"));
    const auto artifact = build_module(*store, folder.path("module"), {});
    REQUIRE(artifact);
    const auto name = oci_digest(artifact->digest);
    REQUIRE(unpack_module(*store, name, folder.path("out")));
    CHECK(test::file_content(folder.path("out/inner/more.tf")) == "locals { a = 1 }\n");
    CHECK(unpack_module(*store, oci_digest(sha256("nothing")), folder.path("no")).error().code ==
          ErrorCode::kNotFound);
    const auto chart = build_manifests(*store, "a: 1\n", {});
    CHECK(unpack_module(*store, oci_digest(chart->digest), folder.path("no")).error().code ==
          ErrorCode::kCorrupt);
    // A layer that is not what it was: one byte of it.
    const auto layer = parse_manifest(*store->read(artifact->digest))->layers.at(0);
    auto bytes = test::file_content(store->path_of(layer.digest));
    bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
    std::filesystem::permissions(store->path_of(layer.digest), std::filesystem::perms::owner_all);
    std::ofstream(store->path_of(layer.digest), std::ios::binary | std::ios::trunc) << bytes;
    const auto torn = unpack_module(*store, name, folder.path("no"));
    REQUIRE_FALSE(torn);
    CHECK(torn.error().code == ErrorCode::kCorrupt);
    CHECK_FALSE(std::filesystem::exists(folder.path("no")));
}

TEST_CASE("manifests of many megabytes are built, and what one component says hinders no other") {
    const TempFolder folder;
    REQUIRE(test::write_app({.folder = folder.path("in")}));
    auto version = load(folder);
    Component* manifests = nullptr;
    for (auto& component : version.config.components) {
        if (component.type == ComponentType::kKubernetesManifest && !component.manifest.kustomize) {
            manifests = &component;
        }
    }
    REQUIRE(manifests != nullptr);
    std::string yaml = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: big\ndata:\n  text: |\n";
    while (yaml.size() < (std::size_t{15} << 20U)) {
        yaml += "    \"" + std::to_string(yaml.size()) + "\"\n";
    }
    manifests->manifest.manifest.value = yaml;
    Component& other = version.config.components.front();
    REQUIRE(other.name != manifests->name);
    other.raw_json = "{";
    for (int i = 0; i < 20'000; ++i) {
        other.raw_json += (i == 0 ? "\"" : ",\"") + std::to_string(i) + "\":1";
    }
    other.raw_json += "}";
    const auto host = BuildHost::open(folder.path("state"));
    REQUIRE_MESSAGE(host.has_value(), (host ? "" : host.error().message));
    const auto steps = host->build(version, RunId{"build-1"});
    REQUIRE_MESSAGE(steps.has_value(), (steps ? "" : steps.error().message));
    CHECK(*steps == 12);
    const auto after = plan_builds(version, *host->artifacts, {});
    REQUIRE(after);
    for (const auto& plan : *after) {
        if (plan.component == other.name) {
            CHECK(plan.left_out.starts_with(other.place.file + ":"));
            CHECK(plan.left_out.find(" keys and files") != std::string::npos);
        } else {
            CHECK(plan.record.has_value());
        }
        if (plan.component == manifests->name) {
            REQUIRE(plan.record.has_value());
            const auto manifest = parse_manifest(*host->artifacts->read(plan.record->artifact.digest));
            CHECK(manifest->layers.front().digest == sha256(yaml));
        }
    }
}

TEST_CASE("a long text is kept for the run that is to build it, and is named when it is gone") {
    const TempFolder folder;
    REQUIRE(test::write_app({.folder = folder.path("in")}));
    auto version = load(folder);
    for (auto& component : version.config.components) {
        component.manifest.manifest.value += std::string(kBuildTextInline, ' ');
    }
    const auto store = ArtifactStore::open(folder.path("artifacts"));
    REQUIRE(store);
    auto plans = plan_builds(version, **store, {});
    REQUIRE(plans);
    REQUIRE(stage_texts(**store, *plans));
    const auto generated = generate_builds(version, *plans, {});
    REQUIRE(generated);
    const auto texts = texts_in(generated->spec);
    REQUIRE_FALSE(texts.empty());
    CollectKeep kept;
    kept.blobs = texts;
    REQUIRE((*store)->collect(kept));
    for (const auto& text : texts) {
        CHECK((*store)->has(text));
    }
    REQUIRE((*store)->collect(CollectKeep{}));
    for (const auto& text : texts) {
        CHECK_FALSE((*store)->has(text));
    }
}
