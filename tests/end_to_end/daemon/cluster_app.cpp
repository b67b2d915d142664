#include "cluster_app.hpp"

#include <doctest/doctest.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "slipway/lifecycle/registry_client.hpp"

namespace end_to_end {

namespace fs = std::filesystem;
using slipway::test::find_part;
using slipway::test::RealRegistry;

namespace {

constexpr const char* kInputs = R"([[group]]
name         = "all"
display_name = "All"
description  = "All of them"
)";

std::string input(const std::string& name) {
    return "[[input]]\nname = \"" + name + "\"\ndisplay_name = \"" + name + "\"\ndescription = \"" + name +
           "\"\ngroup = \"all\"\ndefault = \"\"\n";
}

constexpr const char* kSandbox = R"(terraform_version = "1.11.4"
[public_repo]
repo = "."
directory = "src/sandbox"
branch = "main"
[vars]
kubeconfig = "{{ .nuon.inputs.inputs.kubeconfig }}"
registry   = "{{ .nuon.inputs.inputs.registry }}"
)";

constexpr const char* kSandboxModule = R"(variable "kubeconfig" { type = string }
variable "registry" { type = string }
output "kubeconfig" {
  value     = file(var.kubeconfig)
  sensitive = true
}
output "image_registry" { value = var.registry }
)";

constexpr const char* kNet = R"(name = "net"
type = "terraform_module"
terraform_version = "1.11.4"
[public_repo]
repo = "."
directory = "src/net"
branch = "main"
[vars]
name = "{{ .nuon.install.id }}"
)";
constexpr const char* kNetModule =
    "variable \"name\" { type = string }\nresource \"terraform_data\" \"net\" { input = var.name }\n"
    "output \"id\" { value = \"net-of-${terraform_data.net.output}\" }\n";

constexpr const char* kBase = R"(name = "base"
type = "kubernetes_manifest"
namespace = "default"
manifest = """
apiVersion: v1
kind: Namespace
metadata: {name: "{{ .nuon.install.id }}"}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: base, namespace: "{{ .nuon.install.id }}"}
data: {net: "{{ .nuon.components.net.outputs.id }}"}
"""
)";

constexpr const char* kPlain = R"(name = "plain"
type = "kubernetes_manifest"
namespace = "{{ .nuon.install.id }}"
dependencies = ["base"]
[kustomize]
path = "."
[public_repo]
repo = "."
directory = "src/plain"
branch = "main"
)";

constexpr const char* kJob = R"(name = "migrate_data"
type = "job"
image_url = "example.test/migrate"
tag = "7"
cmd = ["/migrate"]
args = ["--to", "latest"]
dependencies = ["base"]
[env_vars]
NET = "{{ .nuon.components.net.outputs.id }}"
)";

/// A chart with a workload, a secret and a random value.
constexpr const char* kWeb = R"(name = "web"
type = "helm_chart"
chart_name = "web"
dependencies = ["base"]
[public_repo]
repo = "."
directory = "src/chart"
branch = "main"
[[values_file]]
contents = "./web.yaml"
[values]
greeting = "{{ .nuon.inputs.inputs.greeting }}"
net = "{{ .nuon.components.net.outputs.id }}"
)";
constexpr const char* kDeployment = R"(apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: {{ .Values.replicas }}
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: "{{ .Values.image }}"}]}
)";
constexpr const char* kSettings = R"(apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {greeting: {{ .Values.greeting | quote }}, net: {{ .Values.net | quote }}, salt: {{ randAlphaNum 8 | quote }}}
)";

constexpr const char* kImage = R"(name = "img"
type = "container_image"
[public]
image_url = "HOST/source/web"
tag = "1"
)";

void write_components(const std::string& app, bool images) {
    write_all(app + "/components/net.toml", kNet);
    write_all(app + "/components/base.toml", kBase);
    write_all(app + "/components/plain.toml", kPlain);
    write_all(app + "/components/job.toml", kJob);
    std::string web = kWeb;
    if (images) {
        web +=
            "image = \"{{ .nuon.components.img.outputs.image.repository }}:{{ "
            ".nuon.components.img.outputs.image.tag }}\"\n";
    }
    write_all(app + "/components/web.toml", web);
    write_all(app + "/components/web.yaml", "replicas: 2\nimage: example.test/web:1\n");
}

void write_sources(const std::string& app) {
    write_all(app + "/src/sandbox/main.tf", kSandboxModule);
    write_all(app + "/src/net/main.tf", kNetModule);
    write_all(app + "/src/chart/Chart.yaml", "apiVersion: v2\nname: web\nversion: 1.2.3\n");
    write_all(app + "/src/chart/values.yaml", "replicas: 1\n");
    write_all(app + "/src/chart/templates/web.yaml", kDeployment);
    write_all(app + "/src/chart/templates/settings.yaml", kSettings);
    write_all(app + "/src/plain/kustomization.yaml",
              "resources: [map.yaml]\nconfigMapGenerator:\n- {name: made, literals: [a=b], options: "
              "{disableNameSuffixHash: true}}\n");
    write_all(app + "/src/plain/map.yaml",
              "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: plain}\ndata: {a: b}\n");
}

/// A whole image, by hand: one empty layer.
void push_image(const std::string& folder, const std::string& host) {
    using namespace slipway::lifecycle;
    const auto store = *ArtifactStore::open(folder);
    const std::string layer(1024, '\0');  // an empty tar
    OciManifest manifest;
    manifest.config =
        *store->put(media::kImageConfig,
                    R"({"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":["sha256:)" +
                        slipway::sha256(layer).hex() + "\"]}}");
    manifest.layers = {*store->put("application/vnd.oci.image.layer.v1.tar", layer)};
    const auto top = *store->put(media::kManifest, write_manifest(manifest));
    RegistryClient client({.plain_http = {host}});
    const auto pushed = client.push(*store, top, *parse_image_name(host + "/source/web:1"));
    REQUIRE_MESSAGE(pushed.has_value(), (pushed ? "" : pushed.error().message));
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
    for (auto at = text.find(from); at != text.npos; at = text.find(from, at + to.size())) {
        text.replace(at, from.size(), to);
    }
    return text;
}

}  // namespace

bool has_cluster_tools() {
    const std::string helm = find_part("helm");
    const std::string kubectl = find_part("kubectl");
    if (helm.empty() || kubectl.empty()) {
        return false;
    }
    if (!has_terraform()) {
        std::printf("SLIPWAY-SKIPPED-PART: terraform\n");
        return false;
    }
    const std::string folder = fs::path(helm).parent_path().string();
    if (environment("PATH").find(folder + ":") == std::string::npos) {
        ::setenv("PATH", (folder + ":" + environment("PATH")).c_str(), 1);
    }
    return true;
}

ClusterHome::ClusterHome() {
    if (!find_part("skopeo").empty()) {
        registry = RealRegistry::start(home.path() + "/registry");
    }
    std::string kubeconfig = server.kubeconfig();
    kubeconfig = replaced(kubeconfig, "user: {}", std::string("user: {token: ") + kClusterToken + "}");
    write_all(home.path() + "/kubeconfig", kubeconfig);
}

std::string ClusterHome::write_app() const {
    const std::string app = home.path() + "/cloudshop";
    write_all(app + "/metadata.toml",
              "version = \"v2\"\ndisplay_name = \"Cloudshop\"\ndescription = \"One of each\"\n");
    write_all(app + "/runner.toml", "runner_type = \"aws\"\n");
    write_all(app + "/inputs.toml", kInputs + input("kubeconfig") + input("registry") + input("greeting"));
    write_all(app + "/sandbox.toml", kSandbox);
    write_components(app, images());
    write_sources(app);
    if (images()) {
        write_all(app + "/components/img.toml", replaced(kImage, "HOST", registry->host()));
        push_image(home.path() + "/source", registry->host());
    }
    return app;
}

json::object ClusterHome::inputs() const {
    return {{"kubeconfig", home.path() + "/kubeconfig"},
            {"registry", images() ? registry->host() + "/acme" : ""},
            {"greeting", "hello"}};
}

std::vector<std::string> ClusterHome::daemon_arguments() const {
    return images() ? std::vector<std::string>{"--plain-http", registry->host()} : std::vector<std::string>{};
}

std::vector<std::string> ClusterHome::listing(const std::string& install, bool with_records) {
    std::vector<std::string> out;
    for (const auto& name : server.objects().listing()) {
        if (with_records || name.find("sh.helm.release") == std::string::npos) {
            out.push_back(replaced(name, install, "ID"));
        }
    }
    return out;
}

}  // namespace end_to_end
