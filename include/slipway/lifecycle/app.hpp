// An app as its author packaged it: a folder of TOML files, read into plain data with every finding at once.
//
//   auto loaded = slipway::lifecycle::load_app("./shop");
//   if (!loaded) die(loaded.error().message);                      // no such folder
//   for (const auto& d : loaded->diagnostics) print(to_text(d, true));
//   if (loaded->ok()) use(loaded->config);
//
// Reading an app needs no network, runs nothing and changes nothing.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "slipway/diagnostic.hpp"
#include "slipway/ids.hpp"
#include "slipway/lifecycle/app_parts.hpp"
#include "slipway/lifecycle/app_sections.hpp"
#include "slipway/lifecycle/templates.hpp"
#include "slipway/result.hpp"

namespace slipway::lifecycle {

struct Metadata {
    std::string version;  ///< "v1" or "v2"
    std::string display_name;
    std::string description;
    Text readme;
    StringMap default_labels;
    std::string slack_webhook_url;
    StringMap label_colors;
};

struct Sandbox {
    std::string type = "terraform";  ///< or "pulumi"
    std::string terraform_version;
    Repository repository;
    StringMap vars;
    StringMap env_vars;
    std::vector<Text> var_files;
    std::string drift_schedule;  ///< cron; empty: none
    std::uint32_t max_auto_retries = 0;
    bool skip_noops = false;
    bool auto_approve_on_policies_passing = false;
    std::vector<OperationRole> operation_roles;
    PulumiProgram pulumi;               ///< of the type "pulumi"
    std::vector<Reference> references;  ///< what its templates read, each path once
    std::string raw_json;               ///< every key as written, locations replaced by their content
    Place place;
};

struct InputGroup {
    std::string name;
    std::string display_name;
    std::string description;
    Place place;
};

struct Input {
    std::string name;
    std::string display_name;
    std::string description;
    std::string group;
    std::string type = "string";               ///< string, number, list, json, bool, yaml, hcl
    std::optional<std::string> default_value;  ///< as text; lists and tables as JSON
    bool required = false;
    bool sensitive = false;
    bool user_configurable = false;
    Place place;
};

enum class ComponentType : std::uint8_t {
    kTerraformModule = 1,
    kHelmChart = 2,
    kKubernetesManifest = 3,
    kDockerBuild = 4,
    kContainerImage = 5,
    kPulumi = 6,
    kJob = 7,
};
/// "terraform_module" and so on, as written in the files.
std::string_view to_string(ComponentType type);

struct Component {
    std::string name;
    ComponentType type = ComponentType::kTerraformModule;
    std::string var_name;
    std::vector<std::string> declared_dependencies;  ///< as written
    std::vector<std::string>
        implied_dependencies;  ///< components that its templates read, or its kubernetes_context needs
    std::vector<std::string> dependencies;  ///< both, sorted, each once, only components that exist
    std::vector<Reference> references;      ///< what its templates read, each path once
    Repository repository;
    // The table of its type; the others stay as they are made.
    TerraformModule terraform;
    HelmChart helm;
    KubernetesManifest manifest;
    DockerBuild docker;
    ContainerImage image;
    PulumiProgram pulumi;
    JobImage job;
    std::string drift_schedule;
    bool toggleable = false;
    bool default_enabled = false;
    std::uint32_t max_auto_retries = 0;
    bool skip_noops = false;
    bool auto_approve_on_policies_passing = false;
    std::string kubernetes_context;  ///< empty: the sandbox's cluster
    std::vector<OperationRole> operation_roles;
    HealthRules health;
    std::int64_t build_timeout_ms = 0;  ///< the type's own default where the file is silent
    std::int64_t deploy_timeout_ms = 0;
    StringMap labels;
    std::string raw_json;  ///< every key as written, locations replaced by their content
    Place place;
};

struct ActionTrigger {
    std::string type;  ///< "manual", "post-deploy-component"; an old spelling is already rewritten
    std::string component_name;
    std::string cron_schedule;
    std::int64_t index = 0;
    Place place;
};

struct ActionStep {
    std::string name;
    std::string command;   ///< either this, run without a shell …
    Text inline_contents;  ///< … or this script
    StringMap env_vars;
    Repository repository;
    Place place;
};

struct ActionInput {
    std::string name;
    std::string description;
    bool required = false;
    std::optional<std::string> default_value;
};

struct Action {
    std::string name;
    std::string description;
    std::int64_t timeout_ms = 0;
    std::vector<ActionTrigger> triggers;
    std::vector<ActionStep> steps;
    std::vector<ActionInput> inputs;
    std::vector<std::string>
        dependencies;  ///< components, declared or read by its templates; sorted, each once
    std::vector<Reference> references;
    std::string role;
    std::string break_glass_role;
    bool enable_kube_config = true;
    std::string kubernetes_context;  ///< empty: the sandbox's cluster
    std::string image;               ///< the container it runs in, by digest; empty: none
    StringMap labels;
    std::string raw_json;
    Place place;
};

struct ComponentOverride {
    std::string helm_values;
    std::string tf_vars;
};

/// installs/*.toml: one customer's install as the vendor wrote it down.
struct InstallFile {
    std::string name;
    std::string approval_option = "prompt";  ///< or "approve-all"
    std::string cloud;                       ///< "aws", "gcp", "azure"; empty when no account table is there
    std::string region;                      ///< region or location
    std::string project_id;                  ///< gcp
    StringMap inputs;
    StringMap labels;
    std::map<std::string, bool> component_toggles;
    std::map<std::string, ComponentOverride> overrides;  ///< by component
    std::string stack_overrides_json;                    ///< as written, as JSON; empty: none
    std::string raw_json;
    Place place;
};

/// A section that is read and checked but not acted on yet.
struct KeptSection {
    std::string section;  ///< "permissions", "runbooks", …
    std::string file;
    std::string raw_json;  ///< every key as written, locations replaced by their content
};

struct AppConfig {
    std::string name;  ///< the folder's name
    Metadata metadata;
    Sandbox sandbox;
    std::vector<InputGroup> input_groups;
    std::vector<Input> inputs;
    std::vector<Component> components;  ///< in name order
    std::vector<Action> actions;        ///< in name order
    std::vector<InstallFile> installs;  ///< in name order
    Runner runner;
    Stack stack;                  ///< without a type when the app has none
    std::vector<Secret> secrets;  ///< this and the following in the order of the files
    std::vector<Role> roles;
    std::vector<Role> break_glass_roles;
    std::vector<Policy> policies;
    std::vector<OperationRule> operation_rules;
    std::vector<KubernetesContext> kubernetes_contexts;
    std::vector<Runbook> runbooks;
    std::vector<Branch> branches;
    std::vector<TriggerRule> trigger_rules;
    Repository install_files;       ///< installs.toml: where install files live outside of the app
    std::vector<KeptSection> kept;  ///< every section that is not acted on, whole
};

enum class FileRole : std::uint8_t {
    kRead = 1,       ///< a section that is acted on
    kKept = 2,       ///< read and checked, kept, not acted on yet
    kInlined = 3,    ///< a location of some key named it
    kNotPartOf = 4,  ///< not part of the format: sources, documents
};
std::string_view to_string(FileRole role);

struct AppFile {
    std::string path;  ///< relative to the app's root
    FileRole role = FileRole::kNotPartOf;
    std::string section;  ///< of kRead and kKept
    Digest content;       ///< zero for kNotPartOf
};

/// A key that is read and checked, but not acted on yet.
struct KeptKey {
    std::string file;
    std::string key;
};

struct LoadedApp {
    AppConfig config;                     ///< as far as it could be read, also with errors
    std::vector<Diagnostic> diagnostics;  ///< in order of file, line, column
    std::vector<AppFile> files;  ///< every file of the folder, sorted by path; nothing is dropped silently
    std::vector<KeptKey> kept_keys;
    std::vector<std::string> pending;  ///< network locations whose content is not here, sorted, each once

    bool ok() const { return !has_error(diagnostics); }
    /// Paths of the files that are read but not acted on yet.
    std::vector<std::string> kept_files() const;
};

/// Reads the app in `path`. An error only when there is no folder to read: what is wrong inside of it is a
/// diagnostic.
Result<LoadedApp> load_app(std::string_view path);

/// The order in which components build on each other.
class ComponentGraph {
public:
    /// kInvalidArgument with the cycle as its path ("a -> b -> a") or the unknown name.
    static Result<ComponentGraph> build(const std::vector<Component>& components);

    /// Dependencies before dependents; by name among equals.
    const std::vector<std::string>& order() const { return order_; }
    std::vector<std::string> reverse_order() const;
    /// Direct ones, sorted. Empty for an unknown name.
    std::vector<std::string> direct_dependencies(std::string_view name) const;
    std::vector<std::string> direct_dependents(std::string_view name) const;
    /// All that must be there before `name`, and all that build on it, in order(); without `name` itself.
    std::vector<std::string> dependencies_of(std::string_view name) const;
    std::vector<std::string> dependents_of(std::string_view name) const;

private:
    using Edges = std::map<std::string, std::vector<std::string>, std::less<>>;
    std::vector<std::string> reach(const Edges& edges, std::string_view from) const;

    std::vector<std::string> order_;
    Edges needs_;
    Edges needed_by_;
};

}  // namespace slipway::lifecycle
