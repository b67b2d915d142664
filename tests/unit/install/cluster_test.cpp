// What steps on clusters are given, and how a cluster is found.
#include <doctest/doctest.h>

#include <boost/json.hpp>

#include "slipway/lifecycle/build.hpp"
#include "slipway/lifecycle/cluster.hpp"
#include "slipway/lifecycle/install.hpp"
#include "tests/unit/install/sample_app.hpp"

using namespace sample;  // NOLINT: tests only
namespace json = boost::json;

namespace {

Component in_cluster(const std::string& name, ComponentType type) {
    Component component;
    component.name = name;
    component.type = type;
    component.deploy_timeout_ms = 600'000;
    return component;
}

/// mail becomes a chart, net a manifest, cache an image; nothing reads them any more.
AppVersion cluster_app() {
    auto version = app();
    auto& components = version.config.components;
    components = {in_cluster("chart_one", ComponentType::kHelmChart),
                  in_cluster("manifest", ComponentType::kKubernetesManifest),
                  in_cluster("migrate", ComponentType::kJob),
                  in_cluster("web", ComponentType::kContainerImage)};
    components[0].helm.chart_name = "shop";
    components[0].helm.values_json = R"({"size":"{{ .nuon.inputs.inputs.replicas }}"})";
    components[0].helm.values_files = {{"a: 1\n", "./values.yaml", false, {}}, {"b: 2\n", "", false, {}}};
    components[1].manifest.kubernetes_namespace = "{{ .nuon.install.id }}-x";
    components[1].manifest.manifest.value = "name: {{ .nuon.install.name }}\n";
    components[2].job.image_url = "acme/migrate";
    components[2].job.tag = "7";
    components[2].job.env_vars = {{"WHERE", "\"{{ .nuon.install.name }}\""}};
    components[3].image.registry = "public";
    components[3].image.image_url = "acme/web";
    components[3].image.tag = "1";
    version.config.actions.clear();
    return version;
}

json::object drawn(const WorkflowSpec& spec, const std::string& id) {
    const StepSpec* found = step(spec, id);
    REQUIRE(found != nullptr);
    return json::parse(found->input.bytes).as_object().at("template").as_object();
}

std::string text(const json::object& object, const char* key) {
    return object.contains(key) ? std::string(object.at(key).as_string()) : std::string();
}

InstallState up_with(const std::string& kubeconfig, bool sensitive, const std::string& name = "kubeconfig") {
    InstallState state;
    state.sandbox.status = PartStatus::kActive;
    state.sandbox.outputs[name] = {kubeconfig, sensitive};
    return state;
}

}  // namespace

TEST_CASE("charts, manifests, jobs and images: each step pins its artifact and says whose cluster it is") {
    const auto version = cluster_app();
    const auto spec = must_generate(version, {}, {.kind = RequestKind::kProvision}).spec;
    const auto chart = drawn(spec, "chart_one.plan");
    CHECK(text(chart, "release") == "shop");
    CHECK(text(chart, "namespace") == "ins1");
    CHECK(text(chart, "artifact") == "sha256:" + built(version).at("chart_one").hex());
    CHECK(chart.at("timeout_ms") == 540'000);
    CHECK(json::serialize(chart.at("cluster")) == R"({"install":"ins1","context":"sandbox"})");
    CHECK(json::serialize(chart.at("values_files")) ==
          R"([{"name":"./values.yaml","contents":"a: 1\n"},{"name":"values-2","contents":"b: 2\n"}])");
    CHECK_FALSE(chart.contains("source"));
    const auto manifest = drawn(spec, "manifest.plan");
    CHECK(text(manifest, "manifest_sha256") == sha256("name: {{ .nuon.install.name }}\n").hex());
    CHECK_FALSE(drawn(spec, "manifest.apply").contains("manifest"));
    const auto job = json::serialize(drawn(spec, "migrate.plan").at("objects"));
    CHECK(job.find(R"("generateName":"migrate-")") != job.npos);
    CHECK(job.find(R"("image":"acme/migrate:7")") != job.npos);
    CHECK(step(spec, "migrate.plan")->kind == "manifest.plan");
    CHECK(step(spec, "web.sync")->kind == "image.sync");
    const auto preflight = json::serialize(drawn(spec, "preflight").at("tools"));
    for (const char* tool : {"helm", "kubectl", "terraform"}) {
        CHECK_MESSAGE(preflight.find("\"name\":\"" + std::string(tool) + "\"") != preflight.npos, tool);
    }
}

TEST_CASE("a chart repository that only an install can name is resolved by the plan, from its inputs") {
    auto version = cluster_app();
    auto& repository = version.config.components[0].repository;
    repository.kind = RepositoryKind::kHelm;
    repository.repo = "https://{{ .nuon.inputs.inputs.replicas }}.example";
    repository.chart = "shop";
    auto artifacts = built(version);
    artifacts.erase("chart_one");
    const auto spec =
        must_generate(version, {}, {.kind = RequestKind::kProvision, .artifacts = artifacts}).spec;
    const auto chart = drawn(spec, "chart_one.plan");
    CHECK_FALSE(chart.contains("artifact"));
    CHECK(text(chart.at("helm_repo").as_object(), "repo_url").find("{{") != std::string::npos);
}

TEST_CASE("a removal goes where it was deployed to and needs neither content nor build") {
    const auto version = cluster_app();
    InstallState state;
    for (const auto& component : version.config.components) {
        state.components[component.name].status = PartStatus::kActive;
    }
    state.sandbox.status = PartStatus::kActive;
    state.components["chart_one"].outputs = {{"release", {"\"old\"", false}},
                                             {"namespace", {"\"there\"", false}}};
    const Request request{.kind = RequestKind::kDeprovision,
                          .artifacts = {{"sandbox", sha256("x")}, {"web", sha256("y")}}};
    const auto spec = must_generate(version, state, request).spec;
    const auto chart = drawn(spec, "chart_one.plan");
    CHECK(text(chart, "release") == "old");
    CHECK(text(chart, "namespace") == "there");
    CHECK_FALSE(chart.contains("values"));
    CHECK_FALSE(drawn(spec, "manifest.plan").contains("manifest_sha256"));
    const auto again = must_generate(version, state, {.kind = RequestKind::kDeployAll}).spec;
    CHECK(json::serialize(drawn(again, "chart_one.plan").at("deployed")) ==
          R"({"release":"old","namespace":"there"})");
}

TEST_CASE("two charts that are one release are refused") {
    auto version = cluster_app();
    version.config.components.push_back(in_cluster("other", ComponentType::kHelmChart));
    version.config.components.back().helm.chart_name = "shop";
    const Request request{.kind = RequestKind::kProvision, .artifacts = built(version)};
    const auto refused = generate(version, install(), {}, request);
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().message.find("components chart_one and other are one release, shop") !=
          std::string::npos);
}

TEST_CASE("what is about to change is marked only when its gate was passed, not when it was passed over") {
    const auto spec = must_generate(app(), {}, {.kind = RequestKind::kProvision}).spec;
    for (const auto& edge : step(spec, "web.mark")->depends_on) {
        CHECK(edge.step == StepId{"web.gate"});
        CHECK(edge.kind == DependencyKind::kData);
    }
}

TEST_CASE("the cluster of an install: its settings, then what the sandbox puts out, then the host's own") {
    const auto version = cluster_app();
    auto customer = install();
    CHECK(cluster_access(version, customer, {}, "sandbox")->kubeconfig.empty());
    const auto state = up_with("\"kind: Config\"", true);
    CHECK(cluster_access(version, customer, state, "sandbox")->kubeconfig == "kind: Config");
    CHECK(cluster_access(version, customer, up_with("\"kind: Config\"", false), "")
              .error()
              .message.find("not marked as sensitive") != std::string::npos);
    customer.settings = {"/etc/kube", "prod", ""};
    CHECK(cluster_access(version, customer, state, "sandbox")->path == "/etc/kube");
    CHECK(cluster_access(version, customer, state, "sandbox")->context == "prod");
    customer.settings.kubeconfig = "secret://env/KUBE";
    CHECK(cluster_access(version, customer, state, "sandbox")->secret == "secret://env/KUBE");
    CHECK(cluster_access(version, customer, state, "elsewhere").error().code == ErrorCode::kNotFound);
}

TEST_CASE("a cluster that is put out becomes a kubeconfig: a token, or the cloud's own client") {
    auto version = cluster_app();
    version.config.kubernetes_contexts = {{"compute", "cluster"}};
    const std::string cluster =
        R"({"endpoint":"https://c.example","certificate_authority_data":"Q0E=","name":"one"})";
    auto aws = cluster_access(version, install(), up_with(cluster, false, "cluster"), "");
    REQUIRE(aws.has_value());
    auto file = json::parse(aws->kubeconfig).as_object();
    CHECK(json::serialize(file).find(R"("server":"https://c.example","certificate-authority-data":"Q0E=")") !=
          std::string::npos);
    CHECK(
        json::serialize(file).find(
            R"("command":"aws","args":["eks","get-token","--output","json","--cluster-name","one","--region","eu-central-1"])") !=
        std::string::npos);
    const std::string token = R"({"endpoint":"c","token":"t0k"})";
    CHECK_FALSE(cluster_access(version, install(), up_with(token, false, "cluster"), "").has_value());
    CHECK(cluster_access(version, install(), up_with(token, true, "cluster"), "")->kubeconfig.find("t0k") !=
          std::string::npos);
    InstallState state;
    CHECK(cluster_access(version, install(), state, "compute").error().code == ErrorCode::kNotFound);
    state.components["cluster"].status = PartStatus::kActive;
    state.components["cluster"].outputs["cluster"] = {token, true};
    CHECK(cluster_access(version, install(), state, "compute")->kubeconfig.find("https://c\"") !=
          std::string::npos);
    for (const char* garbage :
         {"", "[]", "{}", "\"x\"", "{\"endpoint\":7}", "{\"endpoint\":\"c\"}", "null"}) {
        auto azure = install();
        azure.account.cloud = "azure";
        CHECK_MESSAGE(!cluster_access(version, azure, up_with(garbage, true, "cluster"), "").has_value(),
                      garbage);
    }
}

TEST_CASE("settings that cannot be meant are refused, all at once") {
    CHECK(check_settings({}).has_value());
    CHECK(check_settings({"/a", "b", "127.0.0.1:5000/acme"}).has_value());
    const auto refused = check_settings({"relative", "-x", "nohost"});
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().message.find("kubeconfig is neither") != std::string::npos);
    CHECK(refused.error().message.find("begins with a dash") != std::string::npos);
    CHECK(refused.error().message.find("image_registry is not HOST/PREFIX") != std::string::npos);
}
