// The sections of an app that say who may do what, what is asked of the customer, and how installs are
// operated.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "slipway/lifecycle/app_parts.hpp"

namespace slipway::lifecycle {

/// runner.toml
struct Runner {
    std::string type;         ///< "aws", "azure", "gcp"
    std::string helm_driver;  ///< "configmap" or "secret"; empty: not said
    StringMap env_vars;
    std::string init_script_url;
    std::string instance_type;
};

struct NestedStack {
    std::string name;
    std::string template_url;
    std::int64_t index = 0;  ///< ascending order of application
    std::string parameters_json = "{}";
};

/// stack.toml: what the customer runs in the account before anything else.
struct Stack {
    std::string type;
    std::string name;
    std::string description;
    std::string vpc_nested_template_url;
    std::string runner_nested_template_url;
    std::string deployment_scope;
    std::vector<NestedStack> nested;  ///< in the order of their index
};

struct SecretTarget {
    std::vector<std::string> namespaces;
    std::string name;
    std::string key;
};

/// What the customer gives as a secret. Values are never part of an app.
struct Secret {
    std::string name;
    std::string display_name;
    std::string description;
    bool required = false;
    bool auto_generate = false;
    std::string format;  ///< "" or "base64"
    std::optional<std::string> default_value;
    std::vector<SecretTarget> kubernetes;  ///< where it is copied to in the cluster
    Place place;
};

struct RolePolicy {
    std::string name;
    std::string managed_policy_name;
    Text contents;
    std::vector<std::string> gcp_permissions;
    std::string gcp_predefined_role;
    std::vector<std::string> azure_actions;
    std::vector<std::string> azure_built_in_roles;
};

/// A role in the customer's account.
struct Role {
    std::string type;  ///< "provision", "maintenance", "deprovision", "custom" or "break_glass"
    std::string name;  ///< may be a template
    std::string display_name;
    std::string description;
    std::vector<RolePolicy> policies;
    Text permissions_boundary;
    std::string cloud_platform;  ///< empty: that of the runner
    Place place;
};

/// A rule over plans, manifests or images.
struct Policy {
    std::string name;                     ///< the file's name where none is given
    std::string type;                     ///< "kubernetes_cluster", "terraform_module", …
    std::string engine;                   ///< "kyverno" or "opa"
    std::vector<std::string> components;  ///< names, or "*" alone; empty: none
    Text contents;
    Place place;
};

/// One line of operation_roles.toml.
struct OperationRule {
    std::string principal;  ///< "nuon::component:<name>", "nuon::sandbox", …
    std::string operation;
    std::string role;
};

struct KubernetesContext {
    std::string name;
    std::string component;
};

struct RunbookInput {
    std::string name;
    std::string display_name;
    std::string description;
    std::optional<std::string> default_value;
    bool required = false;
    bool sensitive = false;
    std::string type = "string";
};

struct RunbookStep {
    std::string name;
    std::string type;  ///< "component_deploy", "component_tear_down", "action", "sandbox_reprovision",
                       ///< "sandbox_deprovision"
    std::string component_name;
    bool deploy_dependents = false;
    bool tear_down_dependents = false;
    bool skip_component_deploys = false;
    std::string action_name;
    std::string command;
    Text inline_contents;
    StringMap env_vars;
    std::int64_t timeout_ms = 0;  ///< 0: not said
    std::string role;
    Place place;
};

struct Runbook {
    std::string name;
    std::string description;
    Text readme;
    StringMap labels;
    std::vector<RunbookInput> inputs;
    std::vector<std::string> dependencies;
    std::vector<RunbookStep> steps;
    Place place;
};

/// Which installs a step of a rollout takes; exactly one of the three is given.
struct InstallGroup {
    std::string name;
    std::int64_t order = 0;
    std::vector<std::string> install_ids;
    std::vector<std::string> install_names;
    std::string label_selector_json;  ///< as written, as JSON; empty: not given
    bool auto_approve_on_policies_passing = false;
};

struct Branch {
    std::string name;
    Repository repository;
    std::vector<InstallGroup> groups;  ///< in the order of `order`
    std::string preview_json;          ///< the [preview] table; empty: none
    std::vector<std::string> post_deploy_runbooks;
    std::string ignore_changes_regex;
    bool send_statuses_on_ignore = false;
    Repository installs_repository;
    std::string installs_directory = "installs";
    Place place;
};

struct TriggerFilter {
    std::string path;   ///< JSONPath into the payload
    std::string value;  ///< that it must equal
};

/// An inbound call that starts something.
struct TriggerRule {
    std::string name;
    std::string trigger;
    std::vector<std::string> event_types;
    bool match_all = false;
    std::vector<TriggerFilter> filters;
    std::string target_type;  ///< "app_branch_run" or "runbook"
    std::string app_branch;
    std::string runbook;
    std::string install;
    StringMap inputs;  ///< input of the runbook -> JSONPath
    Place place;
};

}  // namespace slipway::lifecycle
