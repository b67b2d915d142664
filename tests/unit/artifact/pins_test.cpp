// What builds take from elsewhere, and what it was pinned to.
#include <doctest/doctest.h>

#include "engine/artifact/chart_index.hpp"
#include "engine/artifact/outside.hpp"
#include "engine/artifact/version_range.hpp"
#include "slipway/lifecycle/artifact.hpp"
#include "slipway/lifecycle/build.hpp"
#include "tests/unit/artifact/temp_folder.hpp"

using namespace slipway;
using namespace slipway::lifecycle;
using slipway::test::TempFolder;

namespace {

using Names = std::vector<std::string>;

Component component(const std::string& name, ComponentType type) {
    Component out;
    out.name = name;
    out.type = type;
    return out;
}

Names keys(const std::vector<Outside>& all) {
    Names out;
    for (const auto& one : all) {
        out.push_back(one.key);
    }
    return out;
}

const std::string kIndex = R"(apiVersion: v1
entries:
  other:
  - version: 9.9.9
    digest: 1111111111111111111111111111111111111111111111111111111111111111
  redis:
  - name: redis
    dependencies:
    - name: common
      version: 7.0.0
      digest: 2222222222222222222222222222222222222222222222222222222222222222
    version: 1.2.0
    digest: 3333333333333333333333333333333333333333333333333333333333333333
  - {name: redis, version: 1.10.0, digest: "sha256:4444444444444444444444444444444444444444444444444444444444444444"}
  - name: redis
    version: 2.0.0-rc.1
generated: "2026-01-01"
)";

Names names_of(std::string_view dockerfile, const StringMap& arguments) {
    Names out;
    for (const auto& one : base_images(dockerfile, arguments)) {
        out.push_back(one.name);
    }
    return out;
}

}  // namespace

TEST_CASE("a base image is known by what is written, too, which is what a build tool asks for") {
    CHECK(base_images("ARG V=1\nFROM \"golang:${V}\"\nFROM golang:1\nFROM golang:${V} AS x\n", {}) ==
          std::vector<BaseImage>{{"golang:${V}", "golang:1"}, {"golang:1", "golang:1"}});
}

TEST_CASE("base images are those that no stage, digest or unknown variable stands for") {
    CHECK(names_of("ARG TAG=1.25\nARG OS\nFROM --platform=linux/amd64 nginx:${TAG} AS web\n"
                   "# FROM no:1\nFROM scratch\nfrom \\\n  debian:12\nCOPY --from=web /a /b\n"
                   "COPY --from=0 /a /b\nCOPY --from=busybox:1 /x /y\n"
                   "FROM alpine@sha256:abc\nFROM ${OS:-ubuntu}:24\nFROM $BASE\nFROM web\n",
                   {{"TAG", "1.27"}}) == Names{"nginx:1.27", "debian:12", "busybox:1", "ubuntu:24", "$BASE"});
    CHECK(names_of("FROM\nFROM --x\n\\\n", {}).empty());
    // A line goes on as the file says, and what a later stage carries out counts.
    CHECK(names_of("# escape=`\nFROM `\na:1\nCOPY x C:\\\nFROM b:1\n", {}) == Names{"a:1", "b:1"});
    CHECK(names_of("FROM a:1\nRUN x`\nFROM b:1\n", {}) == Names{"a:1", "b:1"});
    CHECK(names_of("FROM a:1\nONBUILD COPY --from=c:1 /x /x\n", {}) == Names{"a:1", "c:1"});
    CHECK(names_of("ARG A=${\nFROM ${A", {}) == Names{"${A"});
}

TEST_CASE("ranges of chart versions are read as helm reads them") {
    const Names all{"0.2.3",  "0.2.9",      "0.3.0",  "1.2.0",    "1.2.7",
                    "1.10.0", "2.0.0-rc.1", "v2.0.0", "2.1.0+b5", "x"};
    const auto newest = [&](const char* range) { return artifact::newest_in_range(all, range); };
    CHECK(newest("") == "2.1.0+b5");
    CHECK(newest("*") == "2.1.0+b5");
    CHECK(newest("^1.2") == "1.10.0");
    CHECK(newest("~1.2.1") == "1.2.7");
    CHECK(newest("~1") == "1.10.0");
    CHECK(newest("^0.2.3") == "0.2.9");
    CHECK(newest("1.x") == "1.10.0");
    CHECK(newest("1.2") == "1.2.7");
    CHECK(newest(">=1.2.0, <1.10.0") == "1.2.7");
    CHECK(newest(">= 1 <2") == "1.10.0");
    CHECK(newest("0.2 - 1.2") == "1.2.7");
    CHECK(newest("<0.3 || ~1.2.0") == "1.2.7");
    CHECK(newest("=2.0.0") == "v2.0.0");
    CHECK(newest("2.0.0-rc.1") == "2.0.0-rc.1");
    CHECK(newest(">=2.0.0-0 <2.0.0-rc.2") == "2.0.0-rc.1");
    CHECK(newest("3.x").empty());
    CHECK(newest("nonsense").empty());
    CHECK(artifact::is_exact_version("1.2.3"));
    CHECK(artifact::is_exact_version("v1.2.3-rc.1+5"));
    for (const auto* range : {"", "1", "1.2", "1.2.x", "^1.2.3", ">1.2.3", "1.2.3.4"}) {
        CHECK_FALSE(artifact::is_exact_version(range));
    }
}

TEST_CASE("an index gives the versions of one chart, and garbage is no index") {
    const auto charts = artifact::charts_in_index(kIndex, "redis");
    REQUIRE_MESSAGE(charts.has_value(), (charts ? "" : charts.error().message));
    REQUIRE(charts->size() == 3);
    CHECK(charts->at(0).version == "1.2.0");
    CHECK(charts->at(0).digest == std::string(64, '3'));
    CHECK(charts->at(1).version == "1.10.0");
    CHECK(artifact::charts_in_index(kIndex, "none")->empty());
    for (const std::string text :
         {"", "a: b", "entries: 5", "- x", "entries: [", "{{{{", "<html>not found</html>"}) {
        CAPTURE(text);
        CHECK(artifact::charts_in_index(text, "redis").error().code == ErrorCode::kCorrupt);
    }
}

TEST_CASE("what each type of component takes from elsewhere is found in its folder") {
    const TempFolder folder;
    AppConfig config;
    std::map<std::string, SourceFolder> sources;
    const auto add = [&](Component one) {
        sources["component." + one.name] = {folder.path(one.name), "git-tree:1", "c"};
        config.components.push_back(std::move(one));
    };
    folder.write("image/Dockerfile", "FROM nginx:1.25\nFROM debian@sha256:" + std::string(64, 'a') + "\n");
    add(component("image", ComponentType::kDockerBuild));
    folder.write("kust/overlay/kustomization.yaml",
                 "resources:\n- ../base\n- local.yaml\n- https://example.com/crds.yaml\n- ../../../escape\n"
                 "- https://github.com/acme/bases//web?ref=v1\n- github.com/acme/pinned/x?ref=" +
                     std::string(40, 'b') + "\n");
    folder.write("kust/base/kustomization.yml", "bases:\n- github.com/acme/more/deep/er\n");
    Component kustomized = component("kust", ComponentType::kKubernetesManifest);
    kustomized.manifest.kustomize = Kustomize{};
    kustomized.manifest.kustomize->path = "overlay";
    add(kustomized);
    const std::string chart =
        "apiVersion: v2\nname: c\nversion: 1.0.0\ndependencies:\n- name: redis\n  version: ^1\n"
        "  repository: https://charts.example.com\n- name: near\n  version: 1.0.0\n"
        "  repository: file://../near\n- name: packed\n  version: 1.0.0\n  repository: https://x.y\n";
    folder.write("open/Chart.yaml", chart);
    folder.write("open/charts/packed-1.0.0.tgz", "x");
    add(component("open", ComponentType::kHelmChart));
    folder.write("locked/Chart.yaml", chart);
    folder.write("locked/Chart.lock", "x");
    add(component("locked", ComponentType::kHelmChart));
    Component remote = component("remote", ComponentType::kHelmChart);
    remote.repository = {RepositoryKind::kHelm, "https://charts.example.com", "", "", "redis", "^1.2", {}};
    config.components.push_back(remote);
    folder.write("Dockerfile", "FROM secret:1\n");
    for (const char* outside : {"../Dockerfile", "../nothing", "/etc/hostname", "link"}) {
        Component out = component(std::string("out") + std::to_string(config.components.size()),
                                  ComponentType::kDockerBuild);
        out.docker.dockerfile = outside;
        folder.write(out.name + "/file", "x");
        std::filesystem::create_symlink("../Dockerfile", folder.path(out.name + "/link"));
        add(out);
    }
    const auto found = outside_of(config, sources);
    CHECK(keys(found) == Names{"component.image base image nginx:1.25",
                               "component.kust remote base github.com/acme/more/deep/er",
                               "component.kust remote base https://example.com/crds.yaml",
                               "component.kust remote base https://github.com/acme/bases//web?ref=v1",
                               "component.open chart dependency redis ^1 of https://charts.example.com",
                               "component.remote chart redis of https://charts.example.com"});
    CHECK(found[1].place == "https://github.com/acme/more");
    CHECK(found[1].directory == "deep/er");
    CHECK(found[3].place == "https://github.com/acme/bases");
    CHECK(found[3].directory == "web");
    CHECK(found[3].ref == "v1");
}

TEST_CASE("names are pinned to what they mean now; what cannot be told is said, and is no error") {
    const std::vector<Outside> outside{
        {"component.a base image nginx:1", OutsideKind::kImage, "nginx:1", {}, {}, {}},
        {"component.a base image $X", OutsideKind::kImage, "$X", {}, {}, {}},
        {"component.b chart redis of https://c", OutsideKind::kChart, "https://c/", "redis", "^1.2", {}},
        {"component.c chart redis of https://c", OutsideKind::kChart, "https://c", "redis", "3.x", {}},
        {"component.d remote base https://h/r", OutsideKind::kFolder, "https://h/r", {}, "main", "."},
        {"component.e chart web of oci://r/charts",
         OutsideKind::kChart,
         "oci://r/charts",
         "web",
         "1.0.0+1",
         {}},
        {"component.f chart web of oci://r/charts", OutsideKind::kChart, "oci://r/charts", "web", "^1", {}}};
    Names asked;
    PinHooks hooks;
    hooks.image = [&](const ImageName& name) -> Result<Digest> {
        asked.push_back(name.str());
        return sha256(name.str());
    };
    hooks.text = [&](const std::string& address) -> Result<std::string> {
        asked.push_back(address);
        return kIndex;
    };
    hooks.folder = [](const Outside&) -> Result<SourceFolder> {
        return SourceFolder{"/x", "git-tree:7", "c0ffee"};
    };
    const auto pinned = pin(outside, hooks);
    CHECK(asked == Names{"docker.io/library/nginx:1", "https://c/index.yaml", "r/charts/web:1.0.0_1"});
    CHECK(pinned.sources.at(outside[0].key).content == oci_digest(sha256("docker.io/library/nginx:1")));
    CHECK(pinned.sources.at(outside[1].key).content == "not pinned");
    CHECK(pinned.sources.at(outside[2].key).content == "1.10.0 sha256:" + std::string(64, '4'));
    CHECK(pinned.sources.at(outside[4].key).commit == "c0ffee");
    CHECK(pinned.sources.at(outside[5].key).content.starts_with("1.0.0+1 sha256:"));
    CHECK(pinned.not_pinned.size() == 3);
    CHECK(pin(outside, {}).not_pinned.size() == outside.size());
    // While nobody answers everything stays what it was, and the version the same one.
    PinHooks silent;
    silent.before = [&](const std::string& key) {
        const auto found = pinned.sources.find(key);
        return found == pinned.sources.end() ? SourceFolder{} : found->second;
    };
    const auto again = pin(outside, silent);
    CHECK(again.not_pinned.size() == outside.size());
    for (const auto& [key, source] : pinned.sources) {
        CHECK(again.sources.at(key).content == source.content);
    }
}

TEST_CASE("a chart that is not what was pinned is not recorded") {
    const TempFolder folder;
    const auto store = *ArtifactStore::open(folder.path("a"));
    folder.write("c/Chart.yaml", "apiVersion: v2\nname: c\nversion: 1.0.0\n");
    const auto chart = build_chart(*store, folder.path("c"), {});
    REQUIRE(chart);
    BuildInput input;
    input.app = "shop";
    input.component = "c";
    input.what = "chart_repository";
    input.cause.parts["x"] = "y";
    input.arguments["chart_digest"] = "sha256:" + std::string(64, '5');
    const auto refused = complete_build(*store, input, *chart, 1);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == ErrorCode::kCorrupt);
    CHECK(store->records("shop", "c").empty());
    input.arguments["chart_digest"] =
        oci_digest(parse_manifest(*store->read(chart->digest))->layers[0].digest);
    CHECK(complete_build(*store, input, *chart, 1));
}
