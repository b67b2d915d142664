// Images: built by buildah, copied by skopeo, in runs of a real engine.
#include <doctest/doctest.h>

#include <chrono>
#include <thread>

#include "slipway/lifecycle/registry_client.hpp"
#include "tests/crash/artifact/app_rig.hpp"
#include "tests/end_to_end/artifact/fake_registry.hpp"
#include "tests/end_to_end/artifact/registry_rig.hpp"
#include "tests/unit/artifact/temp_folder.hpp"

using namespace slipway;
using namespace slipway::lifecycle;
using slipway::test::BuildHost;
using slipway::test::find_part;
using slipway::test::RealRegistry;
using slipway::test::TempFolder;

namespace {

AppVersion app_of(const TempFolder& folder, const std::string& components) {
    folder.write("app/metadata.toml", "version = \"v1\"\ndisplay_name = \"I\"\ndescription = \"x\"\n");
    folder.write("app/components/web.toml", components);
    auto app = load_app(folder.path("app"));
    REQUIRE(app);
    AppVersion version;
    version.app = "images";
    version.config = std::move(app->config);
    if (std::filesystem::exists(folder.path("source"))) {
        version.sources["component.web"] = {folder.path("source"), "git-tree:1", "c0ffee"};
    }
    return version;
}

std::string failure_of(const BuildHost& host, const AppVersion& version, const BuildRequest& request = {}) {
    const auto built = host.build(version, RunId{"build-1"}, request);
    return built ? "built" : built.error().message;
}

constexpr const char* kDocker =
    "name = \"web\"\ntype = \"docker_build\"\ndockerfile = \"Dockerfile\"\n[build_args]\nGREETING = \"hi\"\n"
    "[public_repo]\nrepo = \"acme/web\"\ndirectory = \".\"\nbranch = \"main\"\n";

}  // namespace

TEST_CASE("a Dockerfile becomes an image in the layout, pushed and copied by digest") {
    if (find_part("buildah").empty() || find_part("skopeo").empty()) {
        return;
    }
    const TempFolder folder;
    const auto registry = RealRegistry::start(folder.path("registry"), true);
    if (!registry) {
        return;
    }
    folder.write("source/Dockerfile", "FROM scratch\nARG GREETING\nLABEL greeting=$GREETING\nCOPY f /f\n");
    folder.write("source/f", "content\n");
    BuildOptions options;
    options.plain_http = {registry->host()};
    options.image_credentials = [](const std::string&) {
        return Result<std::optional<std::pair<std::string, std::string>>>(std::make_pair("ana", "secret"));
    };
    RegistryClientOptions access;
    access.plain_http = options.plain_http;
    access.credentials = [](const std::string&) {
        return Result<std::optional<RegistryCredentials>>(RegistryCredentials{"ana", "secret"});
    };
    options.registry = std::make_shared<RegistryClient>(access);
    const auto version = app_of(folder, kDocker);
    const auto host = BuildHost::open(folder.path("state"), options);
    REQUIRE(host);
    REQUIRE(failure_of(*host, version, {.push_to = registry->host() + "/vendor"}) == "built");
    const auto record = host->artifacts->records("images", "web").at(0);
    CHECK(host->artifacts->verify(record.artifact));
    const auto manifest = parse_manifest(*host->artifacts->read(record.artifact.digest));
    REQUIRE(manifest);
    CHECK(host->artifacts->read(manifest->config.digest)->find("\"greeting\":\"hi\"") != std::string::npos);

    const std::string name = registry->host() + "/vendor/images/web";
    const auto tag = record.cause.key().hex().substr(0, 12);
    const auto resolved = options.registry->resolve(*parse_image_name(name + ":" + tag));
    REQUIRE_MESSAGE(resolved.has_value(), (resolved ? "" : resolved.error().message));
    CHECK(resolved->digest == record.artifact.digest);

    const TempFolder other;
    const auto copied = app_of(other, "name = \"web\"\ntype = \"container_image\"\n[public]\nimage_url = \"" +
                                          name + "\"\ntag = \"" + tag + "\"\n");
    const auto there = BuildHost::open(other.path("state"), options);
    REQUIRE(there);
    REQUIRE(failure_of(*there, copied, {.image_digests = {{"web", oci_digest(resolved->digest)}}}) ==
            "built");
    CHECK(there->artifacts->records("images", "web").at(0).artifact.digest == record.artifact.digest);
    CHECK(there->artifacts->verify(record.artifact));
}

TEST_CASE("a missing tool is named, with how to get it") {
    const TempFolder folder;
    folder.write("source/Dockerfile", "FROM scratch\n");
    BuildOptions options;
    options.tool_dirs = {folder.path("none")};
    const auto host = BuildHost::open(folder.path("state"), options);
    REQUIRE(host);
    CHECK(failure_of(*host, app_of(folder, kDocker)).find("buildah is not installed (looked in ") !=
          std::string::npos);
}

TEST_CASE("base images are pulled by the digest that the sync pinned them to") {
    const TempFolder folder;
    folder.write("source/Dockerfile", "ARG V=1.25\nFROM nginx:${V}\nCOPY --from=ghcr.io/a/b /x /y\n");
    std::filesystem::permissions(
        folder.write("tools/buildah",
                     "#!/bin/sh\necho \"$*\" | tr ' ' '\\n' | grep docker-image >&2; exit 1\n"),
        std::filesystem::perms::owner_all);
    BuildOptions options;
    options.tool_dirs = {folder.path("tools")};
    const auto host = BuildHost::open(folder.path("state"), options);
    REQUIRE(host);
    auto version = app_of(folder, kDocker);
    const std::string one = "sha256:" + std::string(64, '1');
    version.sources["component.web base image nginx:1.25"] = {{}, one, {}};
    version.sources["component.web base image ghcr.io/a/b"] = {{}, one, {}};
    version.sources["component.web base image other:1"] = {{}, "not pinned", {}};
    const auto said = failure_of(*host, version);
    CHECK_MESSAGE(said.find("nginx:1.25=docker-image://docker.io/library/nginx@" + one) != std::string::npos,
                  said);
    CHECK(said.find("nginx:${V}=docker-image://docker.io/library/nginx@" + one) != std::string::npos);
    CHECK(said.find("ghcr.io/a/b=docker-image://ghcr.io/a/b@" + one) != std::string::npos);
    CHECK(said.find("other") == std::string::npos);
}

TEST_CASE("what a build says when it fails is the failure, and a Dockerfile outside is refused") {
    if (find_part("buildah").empty()) {
        return;
    }
    const TempFolder folder;
    folder.write("source/Dockerfile", "FROM scratch\nCOPY nowhere /x\n");
    const auto host = BuildHost::open(folder.path("state"), {});
    REQUIRE(host);
    const auto failure = failure_of(*host, app_of(folder, kDocker));
    CHECK(failure.find("buildah-bud failed with exit code") != std::string::npos);
    CHECK(failure.find("nowhere") != std::string::npos);

    const TempFolder other;
    other.write("Outside", "FROM scratch\n");
    other.write("source/f", "x");
    std::string text = kDocker;
    text.replace(text.find("\"Dockerfile\""), 12, "\"../Outside\"");
    const auto refused = BuildHost::open(other.path("state"), {});
    REQUIRE(refused);
    CHECK(failure_of(*refused, app_of(other, text)).find("there is no ../Outside") != std::string::npos);
}

TEST_CASE("what is pushed goes by the app's version too, and helm pulls a chart by the chart's own") {
    const TempFolder folder;
    const auto registry = RealRegistry::start(folder.path("registry"));
    if (!registry) {
        return;
    }
    folder.write("source/Chart.yaml", "apiVersion: v2\nname: web\nversion: 1.2.3+b4\n");
    folder.write("source/templates/a.yaml", "kind: ConfigMap\napiVersion: v1\nmetadata: {name: a}\n");
    BuildOptions options;
    options.plain_http = {registry->host()};
    RegistryClientOptions access;
    access.plain_http = options.plain_http;
    options.registry = std::make_shared<RegistryClient>(access);
    const auto host = BuildHost::open(folder.path("state"), options);
    REQUIRE(host);
    auto version = app_of(folder,
                          "name = \"web\"\ntype = \"helm_chart\"\nchart_name = \"web\"\n[public_repo]\n"
                          "repo = \"acme/web\"\ndirectory = \".\"\nbranch = \"main\"\n");
    version.digest = sha256("the version");
    REQUIRE(failure_of(*host, version, {.push_to = registry->host() + "/vendor"}) == "built");
    const auto artifact = host->artifacts->records("images", "web").at(0).artifact;
    const std::string name = registry->host() + "/vendor/images/web";
    for (const auto& tag :
         std::vector<std::string>{"1.2.3_b4", "app-" + version.digest.hex().substr(0, 12)}) {
        const auto resolved = options.registry->resolve(*parse_image_name(name + ":" + tag));
        REQUIRE_MESSAGE(resolved.has_value(), tag);
        CHECK(resolved->digest == artifact.digest);
    }
    const auto manifest = parse_manifest(*host->artifacts->read(artifact.digest));
    REQUIRE(manifest);
    const auto& notes = manifest->annotations;
    CHECK(notes.at(std::string(annotation::kSource)) == "acme/web");
    CHECK(notes.at(std::string(annotation::kRevision)) == "c0ffee");
    CHECK(notes.at(std::string(annotation::kAppVersion)) == version.digest.hex());
    const auto helm = find_part("helm", true);
    if (helm.empty()) {
        return;
    }
    const auto pulled =
        test::run_program({helm, "pull", "oci://" + name, "--version", "1.2.3+b4", "--plain-http"},
                          folder.path(), {{"HOME", folder.path()}});
    CHECK_MESSAGE(pulled.code == 0, pulled.output);
    CHECK(std::filesystem::exists(folder.path("web-1.2.3+b4.tgz")));
}

TEST_CASE("a run that is cancelled in the middle of a push ends at once, not when the push is out of time") {
    const TempFolder folder;
    test::FakeRegistry registry([](const test::Asked&) {
        test::Answer answer;
        answer.hang = true;
        return answer;
    });
    RegistryClientOptions access;
    access.plain_http = {registry.host()};
    access.io_timeout_ms = 120'000;
    BuildOptions options;
    options.registry = std::make_shared<RegistryClient>(access);
    const auto host = BuildHost::open(folder.path("state"), options);
    REQUIRE(host);
    const auto version = app_of(folder,
                                "name = \"web\"\ntype = \"kubernetes_manifest\"\nnamespace = \"d\"\n"
                                "manifest = \"\"\"\nkind: A\n\"\"\"\n");
    const RunId run{"build-1"};
    std::thread operator_of_it([&] {
        while (registry.asked().empty()) {
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
        }
        CHECK(host->engine->act(run, CancelRun{}, Principal{"test", {}}));
    });
    const auto start = std::chrono::steady_clock::now();
    const auto ended = host->build(version, run, {.push_to = registry.host() + "/vendor"});
    operator_of_it.join();
    CHECK_FALSE(ended);
    CHECK(host->engine->wait(run, 5'000).value_or(RunStatus::kRunning) == RunStatus::kCancelled);
    CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(10));
}
