// Manifest and helm steps as installs use them: built artifacts, the cluster by the host's hook, owners,
// namespaces, drift.
#include <filesystem>

#include "slipway/ids.hpp"
#include "tests/crash/kubernetes/manifests.hpp"

using namespace slipway;
using namespace slipway::test;

namespace {

const std::string kArtifact = "sha256:" + std::string(64, 'a');

void build(ClusterWorld& world, const std::string& file, const std::string& content) {
    write_text(world / ("built/" + kArtifact + "/" + file), content);
}

json::object from_artifact(const std::string& template_text, const std::string& rendered) {
    auto input = manifest_input("");
    input.erase("manifest");
    input["artifact"] = kArtifact;
    input["manifest_sha256"] = sha256(template_text).hex();
    if (!rendered.empty()) {
        input["manifest"] = rendered;
    }
    return input;
}

std::string message(const Verdict& verdict) {
    const auto* failed = failure_in(verdict);
    return failed == nullptr ? show(verdict) : failed->failure.message + " | " + failed->failure.detail;
}

bool holds(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a manifest comes from its artifact, and only the rendering of exactly that is applied") {
    SKIP_WITHOUT_CLUSTER_TOOLS();
    ClusterWorld world;
    build(world, "manifests.yaml", config("a", "{{ .nuon.x }}"));
    const auto input = from_artifact(config("a", "{{ .nuon.x }}"), config("a", "1"));
    const auto plan = world.planned("manifest.plan", input);
    CHECK(plan.at("artifact").as_string() == kArtifact);
    auto other = input;
    other["artifact"] = "sha256:" + std::string(64, 'b');
    CHECK(holds(message(world.apply(other, plan)), "the plan is of another artifact"));
    REQUIRE(succeeded(world.apply(input, plan)) != nullptr);
    CHECK(value_in(world, "a") == "1");

    build(world, "manifests.yaml", config("a", "another"));
    CHECK(
        holds(message(world.plan("manifest.plan", input)), "holds another manifest than the app's version"));
    const auto untemplated = from_artifact(config("a", "another"), "");
    REQUIRE(succeeded(world.plan_and_apply(untemplated)) != nullptr);
    CHECK(value_in(world, "a") == "another");
    auto kustomized = untemplated;
    kustomized.erase("manifest_sha256");
    build(world, "manifests.yaml", config("a", "{{ .nuon.install.id }}"));
    CHECK(holds(message(world.plan("manifest.plan", kustomized)), "templates in it are not filled in"));
}

TEST_CASE("a job without a chart becomes a manifest: run once for each content, the old one goes") {
    SKIP_WITHOUT_CLUSTER_TOOLS();
    ClusterWorld world;
    const auto job = [&](const std::string& tag) {
        auto input = manifest_input("");
        input.erase("manifest");
        input["namespace"] = "fresh";
        input["objects"] = json::parse(
            R"([{"apiVersion":"batch/v1","kind":"Job","metadata":{"generateName":"migrate-"},"spec":{"template":{"spec":{"restartPolicy":"Never","containers":[{"name":"main","image":"x:)" +
            tag + R"(","env":[{"name":"A","value":"quote \" and: {{ brace"}]}]}}}}])");
        return input;
    };
    const auto plan = world.planned("manifest.plan", job("1"));
    CHECK(plan.at("summary").at("add") == 2);
    CHECK(holds(json::serialize(plan.at("changes")), "Namespace/fresh"));
    REQUIRE(succeeded(world.apply(job("1"), plan)) != nullptr);
    const auto first = world.server.objects().listing();
    REQUIRE(first.size() == 4);  // the job, the inventory and both namespaces
    CHECK(world.planned("manifest.plan", job("1")).at("nothing_to_do") == true);
    REQUIRE(succeeded(world.plan_and_apply(job("2"))) != nullptr);
    CHECK(world.server.objects().listing().size() == 4);
    CHECK(world.server.objects().listing() != first);
}

TEST_CASE("what belongs to another install, or was deployed elsewhere, is refused by the plan") {
    SKIP_WITHOUT_CLUSTER_TOOLS();
    ClusterWorld world;
    auto input = manifest_input(config("a", "1"));
    input["owner"] = "ins1.shop";
    REQUIRE(succeeded(world.plan_and_apply(input)) != nullptr);
    auto strange = input;
    strange["owner"] = "ins2.shop";
    CHECK(holds(message(world.plan("manifest.plan", strange)), "belongs to ins1.shop, not to ins2.shop"));
    input["deployed"] = json::object{{"namespace", "before"}};
    CHECK(
        holds(message(world.plan("manifest.plan", input)), "the namespace has moved from before to default"));

    world.write_chart({{"a.yaml", config("b", "1").substr(4)}});
    auto chart = world.helm_input();
    chart["owner"] = "ins1.web";
    REQUIRE(succeeded(world.plan_and_apply(chart)) != nullptr);
    strange = chart;
    strange["owner"] = "ins2.web";
    CHECK(holds(message(world.plan("helm.plan", strange)), "belongs to ins1.web, not to ins2.web"));
    chart["deployed"] = json::object{{"release", "old"}};
    CHECK(holds(message(world.plan("helm.plan", chart)), "the release has moved from old to web"));
}

TEST_CASE("the kubeconfig of the host's hook reaches the tools, and rests in no file") {
    SKIP_WITHOUT_CLUSTER_TOOLS();
    ClusterWorld world;
    const std::string token = "tOkEn-9d1e77a2";
    auto kubeconfig = world.server.kubeconfig();
    kubeconfig.replace(kubeconfig.find("user: {}"), 8, "user: {token: " + token + "}");
    write_text(world / "kubeconfig-ins1", kubeconfig);
    std::filesystem::remove(world / "kubeconfig");
    auto input = manifest_input(config("a", "1"));
    input["cluster"] = json::object{{"install", "ins1"}, {"context", "sandbox"}};
    REQUIRE(succeeded(world.plan_and_apply(input)) != nullptr);
    world.write_chart({{"a.yaml", config("b", "1").substr(4)}});
    auto chart = world.helm_input();
    chart["cluster"] = input["cluster"];
    REQUIRE(succeeded(world.plan_and_apply(chart)) != nullptr);
    for (const auto& entry : std::filesystem::recursive_directory_iterator(world / "")) {
        if (entry.is_regular_file() && entry.path().filename() != "kubeconfig-ins1") {
            CHECK_MESSAGE(!holds(read_text(entry.path().string()), token), entry.path().string());
        }
    }
    auto nobody = input;
    nobody["cluster"] = json::object{{"install", "ins2"}, {"context", "sandbox"}};
    CHECK(failure_in(world.plan("manifest.plan", nobody)) != nullptr);
}

TEST_CASE("drift of manifests and releases: what lives against what was applied, readable, secrets masked") {
    SKIP_WITHOUT_CLUSTER_TOOLS();
    ClusterWorld world;
    const auto input = manifest_input(config("a", "1") + config("b", "1"));
    CHECK(holds(std::string(world.planned("manifest.drift", input).at("text").as_string()),
                "nothing of it is applied"));
    REQUIRE(succeeded(world.plan_and_apply(input)) != nullptr);
    CHECK(world.planned("manifest.drift", input).at("drifted") == false);
    auto& objects = world.server.objects();
    objects.change("ConfigMap", "default", "a", json::object{{"data", json::object{{"value", "theirs"}}}});
    objects.erase("ConfigMap", "default", "b");
    const auto drift = world.planned("manifest.drift", input);
    CHECK(drift.at("drifted") == true);
    const auto told = std::string(drift.at("text").as_string());
    CHECK(holds(told, "data.value: \"theirs\", applied was \"1\""));
    CHECK(holds(told, "ConfigMap/default/b: gone"));
    CHECK(world.planned("manifest.drift", manifest_input(config("a", "2"))).at("drifted") == false);

    world.write_chart(
        {{"s.yaml", "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {k: h1dden-v4lue}\n"}});
    CHECK(
        holds(json::serialize(world.planned("helm.drift", world.helm_input())), "there is no such release"));
    REQUIRE(succeeded(world.plan_and_apply(world.helm_input())) != nullptr);
    CHECK(world.planned("helm.drift", world.helm_input()).at("drifted") == false);
    objects.change("Secret", "default", "s", json::object{{"data", json::object{{"k", "b3RoZXItdjRsdWU="}}}});
    const auto text = json::serialize(world.planned("helm.drift", world.helm_input()));
    CHECK(holds(text, "Secret/default/s"));
    CHECK(holds(text, "\"drifted\":true"));
    for (const char* secret : {"h1dden-v4lue", "b3RoZXItdjRsdWU=", "other-v4lue"}) {
        CHECK_MESSAGE(!holds(text, secret), secret);
    }
}
