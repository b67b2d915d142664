// A real registry on loopback: what is pushed is what comes back, and what other tools take.
#include <doctest/doctest.h>

#include <atomic>

#include "slipway/lifecycle/archive.hpp"
#include "slipway/lifecycle/registry_client.hpp"
#include "tests/end_to_end/artifact/registry_rig.hpp"
#include "tests/unit/artifact/temp_folder.hpp"

using namespace slipway;
using namespace slipway::lifecycle;
using slipway::test::find_part;
using slipway::test::RealRegistry;
using slipway::test::run_program;
using slipway::test::TempFolder;

namespace {

struct Rig {
    explicit Rig(bool with_password = false)
        : registry(RealRegistry::start(folder.path("registry"), with_password)) {
        if (registry) {
            options.plain_http = {registry->host()};
            options.retry_delay_ms = 10;
        }
        folder.write("module/main.tf", "output \"answer\" {\n  value = 42\n}\n");
        folder.write("chart/Chart.yaml", "apiVersion: v2\nname: web\nversion: 1.2.3\n");
        folder.write("chart/values.yaml", "a: 1\n");
        folder.write(
            "chart/templates/config.yaml",
            "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: web\ndata:\n  a: \"{{ .Values.a }}\"\n");
    }
    ImageName name(const std::string& rest) const { return *parse_image_name(registry->host() + "/" + rest); }

    TempFolder folder;
    std::unique_ptr<RealRegistry> registry;
    RegistryClientOptions options;
    std::shared_ptr<ArtifactStore> store = *ArtifactStore::open(folder.path("a"));
};

void check_ok(const test::Ran& ran) {
    CHECK_MESSAGE(ran.code == 0, ran.output);
}

}  // namespace

TEST_CASE("push, pull by digest, and nothing is sent twice") {
    Rig rig;
    if (!rig.registry) {
        return;
    }
    rig.options.chunk_bytes = 1000;
    rig.folder.write("module/ballast", std::string(10'000, 'b'));
    RegistryClient client(rig.options);
    const auto artifact = build_module(*rig.store, rig.folder.path("module"), {.source = "acme/m"});
    REQUIRE(artifact);
    const auto first = client.push(*rig.store, *artifact, rig.name("acme/m:1"));
    REQUIRE_MESSAGE(first.has_value(), (first ? "" : first.error().message));
    CHECK(first->blobs_sent == 2);
    const auto second = client.push(*rig.store, *artifact, rig.name("acme/m:2"));
    REQUIRE(second);
    CHECK(second->blobs_sent == 0);
    CHECK(second->blobs_there == 2);

    const auto resolved = client.resolve(rig.name("acme/m:2"));
    REQUIRE(resolved);
    CHECK(resolved->digest == artifact->digest);
    const auto other = *ArtifactStore::open(rig.folder.path("b"));
    const auto pulled = client.pull(*other, rig.name("acme/m@" + oci_digest(artifact->digest)));
    REQUIRE_MESSAGE(pulled.has_value(), (pulled ? "" : pulled.error().message));
    CHECK(pulled->digest == artifact->digest);
    CHECK(other->verify(*pulled));
    CHECK(client.resolve(rig.name("acme/m:none")).error().code == ErrorCode::kNotFound);
}

TEST_CASE("an interrupted push goes on from the last complete blob") {
    Rig rig;
    if (!rig.registry) {
        return;
    }
    rig.folder.write("module/ballast", std::string(300'000, 'b'));
    const auto artifact = build_module(*rig.store, rig.folder.path("module"), {});
    REQUIRE(artifact);
    // Stopped in the middle of the layer, when the configuration is there already.
    std::atomic<bool> stop{false};
    rig.options.chunk_bytes = 50'000;
    rig.options.progress = [&](const std::string&, std::uint64_t done, std::uint64_t all) {
        stop = all > 1000 && done > 100'000;
    };
    rig.options.cancelled = [&] { return stop.load(); };
    const auto interrupted = RegistryClient(rig.options).push(*rig.store, *artifact, rig.name("acme/m:1"));
    REQUIRE_FALSE(interrupted);
    CHECK(interrupted.error().code == ErrorCode::kStopped);
    RegistryClientOptions plain = rig.options;
    plain.progress = {};
    plain.cancelled = {};
    RegistryClient client(plain);
    CHECK(client.resolve(rig.name("acme/m:1")).error().code == ErrorCode::kNotFound);
    const auto pushed = client.push(*rig.store, *artifact, rig.name("acme/m:1"));
    REQUIRE(pushed);
    CHECK(pushed->blobs_there == 1);
    CHECK(pushed->blobs_sent == 1);
    CHECK(client.resolve(rig.name("acme/m:1"))->digest == artifact->digest);
}

TEST_CASE("credentials: right, wrong, none") {
    Rig rig(true);
    if (!rig.registry) {
        return;
    }
    const auto artifact = build_manifests(*rig.store, "kind: A\n", {});
    const auto push = [&] {
        return RegistryClient(rig.options).push(*rig.store, *artifact, rig.name("acme/m:1"));
    };
    auto refused = push();
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == ErrorCode::kForbidden);
    std::string password = "wrong";
    rig.options.credentials = [&](const std::string&) -> Result<std::optional<RegistryCredentials>> {
        return std::optional<RegistryCredentials>({"ana", password});
    };
    refused = push();
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == ErrorCode::kForbidden);
    password = "secret";
    const auto pushed = push();
    REQUIRE_MESSAGE(pushed.has_value(), (pushed ? "" : pushed.error().message));
}

TEST_CASE("helm takes the chart from the registry as its own") {
    Rig rig;
    const auto helm = find_part("helm", true);
    if (!rig.registry || helm.empty()) {
        return;
    }
    const auto artifact = build_chart(*rig.store, rig.folder.path("chart"), {.source = "acme/shop"});
    REQUIRE(artifact);
    RegistryClient client(rig.options);
    REQUIRE(client.push(*rig.store, *artifact, rig.name("acme/web:1.2.3")));
    const std::map<std::string, std::string> env{{"HOME", rig.folder.path()}};
    const std::string from = "oci://" + rig.registry->host() + "/acme/web";
    check_ok(run_program({helm, "pull", from, "--version", "1.2.3", "--plain-http"}, rig.folder.path(), env));
    CHECK(std::filesystem::exists(rig.folder.path("web-1.2.3.tgz")));
    const auto shown =
        run_program({helm, "template", "t", rig.folder.path("web-1.2.3.tgz")}, rig.folder.path(), env);
    check_ok(shown);
    CHECK(shown.output.find("kind: ConfigMap") != std::string::npos);
    const auto described = run_program({helm, "show", "chart", from, "--version", "1.2.3", "--plain-http"},
                                       rig.folder.path(), env);
    check_ok(described);
    CHECK(described.output.find("name: web") != std::string::npos);
}

TEST_CASE("skopeo inspects every kind") {
    Rig rig;
    const auto skopeo = find_part("skopeo");
    if (!rig.registry || skopeo.empty()) {
        return;
    }
    RegistryClient client(rig.options);
    std::map<std::string, Result<OciDescriptor>> built{
        {"module", build_module(*rig.store, rig.folder.path("module"), {.revision = "c0ffee"})},
        {"chart", build_chart(*rig.store, rig.folder.path("chart"), {})},
        {"manifests", build_manifests(*rig.store, "kind: A\n", {})},
        {"scripts", build_scripts(*rig.store, rig.folder.path("module"), {})}};
    for (auto& entry : built) {
        const auto& kind = entry.first;  // clang 14 captures no structured binding
        auto& artifact = entry.second;
        CAPTURE(kind);
        REQUIRE(artifact);
        REQUIRE(client.push(*rig.store, *artifact, rig.name("acme/" + kind + ":1")));
        REQUIRE(rig.store->name("acme/" + kind + "/1", *artifact));
        const std::map<std::string, std::string> env{{"HOME", rig.folder.path()}};
        const auto raw = run_program({skopeo, "inspect", "--raw", "--tls-verify=false",
                                      "docker://" + rig.registry->host() + "/acme/" + kind + ":1"},
                                     rig.folder.path(), env);
        check_ok(raw);
        CHECK(sha256(raw.output) == artifact->digest);
        // The layout on the disk is one for other tools too.
        const auto local =
            run_program({skopeo, "inspect", "--raw", "oci:" + rig.store->layout() + ":acme/" + kind + "/1"},
                        rig.folder.path(), env);
        check_ok(local);
        CHECK(sha256(local.output) == artifact->digest);
    }
}

TEST_CASE("terraform reads the module package's content from the registry") {
    Rig rig;
    const auto terraform = find_part("terraform");
    if (!rig.registry || terraform.empty()) {
        return;
    }
    const auto artifact = build_module(*rig.store, rig.folder.path("module"), {});
    REQUIRE(artifact);
    REQUIRE(RegistryClient(rig.options).push(*rig.store, *artifact, rig.name("acme/module:1")));
    const auto layer = parse_manifest(*rig.store->read(artifact->digest))->layers.at(0).digest;
    rig.folder.write("root/main.tf",
                     "module \"m\" {\n  source = \"http://" + rig.registry->host() +
                         "/v2/acme/module/blobs/" + oci_digest(layer) +
                         "?archive=zip\"\n}\noutput \"answer\" {\n  value = module.m.answer\n}\n");
    const std::map<std::string, std::string> env{
        {"HOME", rig.folder.path()}, {"CHECKPOINT_DISABLE", "1"}, {"TF_IN_AUTOMATION", "1"}};
    check_ok(run_program({terraform, "init", "-input=false"}, rig.folder.path("root"), env));
    const auto applied = run_program({terraform, "apply", "-input=false", "-auto-approve", "-no-color"},
                                     rig.folder.path("root"), env);
    check_ok(applied);
    CHECK(applied.output.find("answer = 42") != std::string::npos);
}
