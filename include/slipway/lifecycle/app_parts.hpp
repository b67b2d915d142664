// What the files of an app are made of: texts with their places, repositories, and the table of each type of
// component.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace slipway::lifecycle {

/// Where something was written.
struct Place {
    std::string file;  ///< relative to the app's root
    std::uint32_t line = 0;
    std::uint32_t column = 0;
};

/// A text that was given in place or as a location.
struct Text {
    std::string value;     ///< the content; empty while it is pending
    std::string location;  ///< "./values.yaml", "https://…" as written; empty when the text stood in place
    bool pending = false;  ///< a network location: not fetched while an app is read
    Place place;           ///< of the first byte of the content
};

using StringMap = std::map<std::string, std::string>;

enum class RepositoryKind : std::uint8_t { kNone = 0, kPublic = 1, kConnected = 2, kHelm = 3 };

struct Repository {
    RepositoryKind kind = RepositoryKind::kNone;
    std::string
        repo;  ///< "owner/name", a URL, or "." for the app's own repository; the URL of a chart repository
    std::string directory;  ///< "." for its root
    std::string ref;        ///< branch, tag or commit
    std::string chart;      ///< of a chart repository
    std::string version;    ///< of that chart; empty: the newest
    Place place;
};

/// Who carries out an operation of one component or of the sandbox.
struct OperationRole {
    std::string operation;  ///< "deploy", "teardown", "provision", …
    std::string role;       ///< may be a template
};

struct TerraformModule {
    std::string terraform_version;
    StringMap vars;
    StringMap env_vars;
    std::vector<Text> var_files;
};

struct HelmChart {
    std::string chart_name;
    std::string values_json = "{}";    ///< the [values] table, as written, as JSON; wins over the files
    std::vector<Text> values_files;    ///< later ones win
    std::string kubernetes_namespace;  ///< may be a template; empty: the install's id
    std::string storage_driver = "configmap";  ///< or "secret"
    bool take_ownership = false;
};

struct Kustomize {
    std::string path;                  ///< inside of the repository's folder
    std::vector<std::string> patches;  ///< paths or patches in place, as written; tables as JSON
    bool enable_helm = false;
    std::string load_restrictor = "rootOnly";  ///< or "none"
};

/// Either the manifest or the kustomization.
struct KubernetesManifest {
    std::string kubernetes_namespace;
    Text manifest;
    std::optional<Kustomize> kustomize;
};

struct DockerBuild {
    std::string dockerfile;
    std::string target;
    StringMap build_args;
    StringMap env_vars;
};

struct ContainerImage {
    std::string registry;  ///< "public", "aws_ecr", "gcp_gar" or "azure_acr"
    std::string image_url;
    std::string tag;
    StringMap settings;  ///< the whole table of that registry: region, iam_role_arn, …
};

struct PulumiProgram {
    std::string runtime;
    std::string pulumi_version;
    StringMap config;
    StringMap env_vars;
};

/// An old type that nothing carries out.
struct JobImage {
    std::string image_url;
    std::string tag;
    std::vector<std::string> command;
    std::vector<std::string> arguments;
    StringMap env_vars;
};

struct HealthProbe {
    std::string type;  ///< "http", "tcp", "exec"
    std::string name;
    std::string url;
    std::vector<std::string> command;
};

struct HealthRules {
    bool enabled = true;
    std::int64_t stabilization_window_ms = 180'000;
    bool block_deploy = false;
    std::vector<HealthProbe> probes;
    std::vector<std::string> required_checks;
};

}  // namespace slipway::lifecycle
