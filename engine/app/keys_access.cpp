#include "engine/app/key_table.hpp"

namespace slipway::app {

namespace {

constexpr KeySpec kSyncTargetKeys[] = {
    {.name = "namespace", .flags = kTemplated},
    {.name = "namespaces", .type = KeyType::kStringList, .flags = kTemplated},
    {.name = "name", .flags = kRequired | kTemplated},
    {.name = "key"},
};
constexpr TableSpec kSyncTargetTable{"kubernetes_sync_target", kSyncTargetKeys};
constexpr KeySpec kSecretKeys[] = {
    {.name = "name", .flags = kRequired},
    {.name = "description", .flags = kRequired},
    {.name = "display_name"},
    {.name = "required", .type = KeyType::kBool},
    {.name = "auto_generate", .type = KeyType::kBool},
    {.name = "format", .choices = "base64"},
    {.name = "default"},
    {.name = "kubernetes_sync", .type = KeyType::kBool},
    {.name = "kubernetes_secret_namespace", .flags = kTemplated},
    {.name = "kubernetes_secret_name", .flags = kTemplated},
    {.name = "kubernetes_sync_targets", .type = KeyType::kTableList, .table = &kSyncTargetTable},
    {.name = "user_configurable", .type = KeyType::kBool, .flags = kIgnored},
};
constexpr KeySpec kSecretsKeys[] = {{.name = "secret", .type = KeyType::kTableList, .table = &kSecretTable}};

constexpr KeySpec kRolePolicyKeys[] = {
    {.name = "name", .flags = kTemplated},
    {.name = "managed_policy_name"},
    {.name = "contents", .flags = kTemplated | kGet},
    {.name = "gcp_permissions", .type = KeyType::kStringList},
    {.name = "gcp_predefined_role"},
    {.name = "azure_actions", .type = KeyType::kStringList},
    {.name = "azure_built_in_roles", .type = KeyType::kStringList},
};
constexpr TableSpec kRolePolicyTable{"role policy", kRolePolicyKeys};
constexpr KeySpec kRoleKeys[] = {
    {.name = "name", .flags = kRequired | kTemplated},
    {.name = "description", .flags = kRequired | kTemplated},
    {.name = "display_name", .flags = kTemplated},
    {.name = "policies", .type = KeyType::kTableList, .flags = kRequired, .table = &kRolePolicyTable},
    {.name = "permissions_boundary", .flags = kTemplated | kGet},
    {.name = "cloud_platform", .choices = "aws|azure|gcp"},
    {.name = "enabled_in_stack", .type = KeyType::kAny},
};
constexpr TableSpec kRoleTable{"role", kRoleKeys};
constexpr KeySpec kRoleFileKeys[] = {
    {.name = "type", .flags = kRequired, .choices = "provision|maintenance|deprovision|custom"},
};
constexpr KeySpec kPermissionsKeys[] = {
    {.name = "provision_role", .type = KeyType::kTable, .table = &kRoleTable},
    {.name = "maintenance_role", .type = KeyType::kTable, .table = &kRoleTable},
    {.name = "deprovision_role", .type = KeyType::kTable, .table = &kRoleTable},
    {.name = "custom_roles", .type = KeyType::kTableList, .table = &kRoleTable},
};
constexpr KeySpec kBreakGlassKeys[] = {{.name = "role", .type = KeyType::kTableList, .table = &kRoleTable}};
constexpr KeySpec kBreakGlassRoleKeys[] = {{.name = "type"}};

constexpr KeySpec kPolicyKeys[] = {
    {.name = "type",
     .flags = kRequired,
     .choices = "kubernetes_cluster|terraform_module|helm_chart|kubernetes_manifest|container_image|docker_"
                "build|pulumi|"
                "sandbox|runner_job_terraform_deploy|runner_job_helm_deploy|runner_job_action_workflow"},
    {.name = "engine", .choices = "kyverno|opa"},
    {.name = "name"},
    {.name = "components", .type = KeyType::kStringList},
    {.name = "contents", .flags = kRequired | kGet},
};
constexpr KeySpec kPoliciesKeys[] = {{.name = "policy", .type = KeyType::kTableList, .table = &kPolicyTable}};

constexpr KeySpec kRuleKeys[] = {
    {.name = "principal", .flags = kRequired},
    {.name = "operation", .flags = kRequired},
    {.name = "role", .flags = kRequired | kTemplated},
};
constexpr TableSpec kRuleTable{"rule", kRuleKeys};
constexpr KeySpec kOperationRolesKeys[] = {
    {.name = "type", .flags = kRequired, .choices = "matrix"},
    {.name = "rules", .type = KeyType::kTableList, .table = &kRuleTable},
};

constexpr KeySpec kContextKeys[] = {
    {.name = "name", .flags = kRequired},
    {.name = "component", .flags = kRequired},
};
constexpr KeySpec kContextsKeys[] = {
    {.name = "kubernetes_context", .type = KeyType::kTableList, .table = &kKubernetesContextTable},
};

}  // namespace

const TableSpec kSecretTable{"secret", kSecretKeys};
const TableSpec kSecretsTable{"secrets", kSecretsKeys};
const TableSpec kPermissionsTable{"permissions", kPermissionsKeys};
const TableSpec kRoleFileTable{"role", kRoleFileKeys, &kRoleTable};
const TableSpec kBreakGlassTable{"break_glass", kBreakGlassKeys};
const TableSpec kBreakGlassRoleTable{"role", kBreakGlassRoleKeys, &kRoleTable};
const TableSpec kPolicyTable{"policy", kPolicyKeys};
const TableSpec kPoliciesTable{"policies", kPoliciesKeys};
const TableSpec kOperationRolesTable{"operation_roles", kOperationRolesKeys};
const TableSpec kKubernetesContextTable{"kubernetes_context", kContextKeys};
const TableSpec kKubernetesContextsTable{"kubernetes_contexts", kContextsKeys};

}  // namespace slipway::app
