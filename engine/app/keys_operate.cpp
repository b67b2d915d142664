#include "engine/app/key_table.hpp"

namespace slipway::app {

namespace {

constexpr KeySpec kAwsKeys[] = {{.name = "region", .flags = kRequired}};
constexpr TableSpec kAwsTable{"aws_account", kAwsKeys};
constexpr KeySpec kGcpKeys[] = {{.name = "project_id", .flags = kRequired},
                                {.name = "region", .flags = kRequired}};
constexpr TableSpec kGcpTable{"gcp_account", kGcpKeys};
constexpr KeySpec kAzureKeys[] = {{.name = "location", .flags = kRequired}};
constexpr TableSpec kAzureTable{"azure_account", kAzureKeys};
constexpr KeySpec kOverrideKeys[] = {{.name = "helm_values"}, {.name = "tf_vars"}};
constexpr TableSpec kOverrideTable{"component override", kOverrideKeys};
constexpr KeySpec kInstallKeys[] = {
    {.name = "name", .flags = kRequired, .check = KeyCheck::kName},
    {.name = "approval_option", .choices = "approve-all|auto|prompt"},
    {.name = "aws_account", .type = KeyType::kTable, .table = &kAwsTable},
    {.name = "gcp_account", .type = KeyType::kTable, .table = &kGcpTable},
    {.name = "azure_account", .type = KeyType::kTable, .table = &kAzureTable},
    {.name = "inputs", .type = KeyType::kMapTableList},
    {.name = "labels", .type = KeyType::kStringMap},
    {.name = "component_toggles", .type = KeyType::kAnyMap},
    {.name = "components", .type = KeyType::kTableMap, .flags = kLater, .table = &kOverrideTable},
    {.name = "stack_overrides", .type = KeyType::kAnyMap, .flags = kLater},
};
constexpr OneOf kInstallOneOf[] = {
    {"aws_account|gcp_account|azure_account", false, "the customer's account"}};

constexpr KeySpec kInstallsKeys[] = {
    {.name = "public_repo", .type = KeyType::kTable, .table = &kRepositoryTable},
    {.name = "connected_repo", .type = KeyType::kTable, .table = &kRepositoryTable},
};
constexpr OneOf kInstallsOneOf[] = {{"public_repo|connected_repo", true, "where the install files are"}};

constexpr KeySpec kRunbookInputKeys[] = {
    {.name = "name", .flags = kRequired},
    {.name = "display_name", .flags = kRequired},
    {.name = "description", .flags = kRequired},
    {.name = "default", .type = KeyType::kScalar},
    {.name = "required", .type = KeyType::kBool},
    {.name = "sensitive", .type = KeyType::kBool},
    {.name = "type"},
};
constexpr TableSpec kRunbookInputTable{"input", kRunbookInputKeys};
constexpr KeySpec kRunbookStepKeys[] = {
    {.name = "name", .flags = kRequired},
    {.name = "type",
     .flags = kRequired,
     .choices = "component_deploy|deploy|component_tear_down|action|sandbox_reprovision|sandbox_deprovision"},
    {.name = "component_name"},
    {.name = "deploy_dependents", .type = KeyType::kBool},
    {.name = "deploy_dependencies", .type = KeyType::kBool},
    {.name = "tear_down_dependents", .type = KeyType::kBool},
    {.name = "skip_component_deploys", .type = KeyType::kBool},
    {.name = "action_name"},
    {.name = "command", .flags = kTemplated},
    {.name = "inline_contents", .flags = kTemplated | kGet},
    {.name = "env_vars", .type = KeyType::kStringMap, .flags = kTemplated},
    {.name = "timeout", .check = KeyCheck::kDuration},
    {.name = "role", .flags = kTemplated},
};
constexpr OneOf kRunbookStepOneOf[] = {{"action_name|command|inline_contents", false, "what to run"}};
constexpr TableSpec kRunbookStepTable{"step", kRunbookStepKeys, nullptr, kRunbookStepOneOf};
constexpr KeySpec kRunbookKeys[] = {
    {.name = "name", .flags = kRequired},
    {.name = "description"},
    {.name = "readme", .flags = kGet},
    {.name = "labels", .type = KeyType::kStringMap},
    {.name = "input", .type = KeyType::kTableList, .table = &kRunbookInputTable},
    {.name = "dependencies", .type = KeyType::kStringList},
    {.name = "steps", .type = KeyType::kTableList, .flags = kRequired, .table = &kRunbookStepTable},
};

constexpr KeySpec kFilterKeys[] = {
    {.name = "from", .flags = kRequired, .choices = "payload"},
    {.name = "op", .flags = kRequired, .choices = "eq"},
    {.name = "path", .flags = kRequired},
    {.name = "value", .type = KeyType::kScalar, .flags = kRequired},
};
constexpr TableSpec kFilterTable{"filter", kFilterKeys};
constexpr KeySpec kTargetKeys[] = {
    {.name = "type", .flags = kRequired, .choices = "app_branch_run|runbook"},
    {.name = "app_branch"},
    {.name = "runbook"},
    {.name = "install"},
    {.name = "inputs", .type = KeyType::kStringMap},
};
constexpr TableSpec kTargetTable{"target", kTargetKeys};
constexpr KeySpec kTriggerRuleKeys[] = {
    {.name = "name", .flags = kRequired},
    {.name = "trigger", .flags = kRequired},
    {.name = "event_types", .type = KeyType::kStringList},
    {.name = "match_all", .type = KeyType::kBool},
    {.name = "filters", .type = KeyType::kTableList, .table = &kFilterTable},
    {.name = "target", .type = KeyType::kTable, .flags = kRequired, .table = &kTargetTable},
};
constexpr TableSpec kTriggerRuleTable{"rule", kTriggerRuleKeys};
constexpr KeySpec kTriggersKeys[] = {
    {.name = "rules", .type = KeyType::kTableList, .table = &kTriggerRuleTable}};

constexpr KeySpec kInstallGroupKeys[] = {
    {.name = "name", .flags = kRequired},
    {.name = "order", .type = KeyType::kInteger},
    {.name = "install_ids", .type = KeyType::kStringList},
    {.name = "install_names", .type = KeyType::kStringList},
    {.name = "label_selector", .type = KeyType::kAny},
    {.name = "auto_approve_on_policies_passing", .type = KeyType::kBool},
};
constexpr OneOf kInstallGroupOneOf[] = {{"install_ids|install_names|label_selector", true, "which installs"}};
constexpr TableSpec kInstallGroupTable{"install_group", kInstallGroupKeys, nullptr, kInstallGroupOneOf};
constexpr KeySpec kPreviewKeys[] = {
    {.name = "mode", .choices = "plan-only|apply|build-only"},
    {.name = "install_id"},
    {.name = "install_name"},
    {.name = "label_selector", .type = KeyType::kAny},
    {.name = "set_statuses", .type = KeyType::kAny},
    {.name = "comment", .type = KeyType::kAny},
};
constexpr OneOf kPreviewOneOf[] = {{"install_id|install_name|label_selector", false, "which install"}};
constexpr TableSpec kPreviewTable{"preview", kPreviewKeys, nullptr, kPreviewOneOf};
constexpr KeySpec kBranchKeys[] = {
    {.name = "name", .flags = kRequired},
    {.name = "public_repo", .type = KeyType::kTable, .table = &kRepositoryTable},
    {.name = "connected_repo", .type = KeyType::kTable, .table = &kRepositoryTable},
    {.name = "install_groups", .type = KeyType::kTableList, .table = &kInstallGroupTable},
    {.name = "preview", .type = KeyType::kTable, .table = &kPreviewTable},
    {.name = "post_deploy_runbooks", .type = KeyType::kStringList},
    {.name = "ignore_changes_regex"},
    {.name = "send_statuses_on_ignore", .type = KeyType::kBool},
    {.name = "installs_public_repo", .type = KeyType::kTable, .table = &kRepositoryTable},
    {.name = "installs_connected_repo", .type = KeyType::kTable, .table = &kRepositoryTable},
    {.name = "installs_directory"},
};
constexpr OneOf kBranchOneOf[] = {{"public_repo|connected_repo", false, "where the app is"}};

constexpr KeySpec kInstallerKeys[] = {
    {.name = "name"},
    {.name = "description"},
    {.name = "slug"},
    {.name = "apps", .type = KeyType::kStringList},
    {.name = "documentation_url"},
    {.name = "community_url"},
    {.name = "homepage_url"},
    {.name = "github_url"},
    {.name = "logo_url"},
    {.name = "favicon_url"},
    {.name = "og_image_url"},
    {.name = "demo_url"},
    {.name = "post_install_markdown"},
    {.name = "copyright_markdown"},
    {.name = "footer_markdown"},
};

constexpr SectionSpec kSections[] = {
    {"metadata", "metadata.toml", "", &kMetadataTable, nullptr, true, true},
    {"sandbox", "sandbox.toml", "", &kSandboxTable, nullptr, true, true},
    {"runner", "runner.toml", "", &kRunnerTable, nullptr, true, false},
    {"stack", "stack.toml", "", &kStackTable, nullptr, false, false},
    {"inputs", "inputs.toml", "inputs", &kInputsTable, &kInputFileTable, false, true},
    {"input_groups", "", "input_groups", nullptr, &kInputGroupTable, false, true},
    {"secrets", "secrets.toml", "secrets", &kSecretsTable, &kSecretTable, false, false},
    {"permissions", "permissions.toml", "permissions", &kPermissionsTable, &kRoleFileTable, false, false},
    {"policies", "policies.toml", "policies", &kPoliciesTable, &kPolicyTable, false, false},
    {"break_glass", "break_glass.toml", "break_glass", &kBreakGlassTable, &kBreakGlassRoleTable, false,
     false},
    {"installer", "installer.toml", "", &kInstallerTable, nullptr, false, false},
    {"components", "", "components", nullptr, &kComponentCommonTable, false, true},
    {"actions", "", "actions", nullptr, &kActionTable, false, true},
    {"installs", "", "installs", nullptr, &kInstallTable, false, true},
    {"install_files", "installs.toml", "", &kInstallsTable, nullptr, false, false},
    {"runbooks", "", "runbooks", nullptr, &kRunbookTable, false, false},
    {"operation_roles", "operation_roles.toml", "", &kOperationRolesTable, nullptr, false, false},
    {"kubernetes_contexts", "kubernetes_contexts.toml", "kubernetes_contexts", &kKubernetesContextsTable,
     &kKubernetesContextTable, false, false},
    {"branch", "branch.toml", "branches", &kBranchTable, &kBranchTable, false, false},
    {"triggers", "triggers.toml", "", &kTriggersTable, nullptr, false, false},
    {"lint", "lint.toml", "", &kLintTable, nullptr, false, false},
};

}  // namespace

const TableSpec kInstallTable{"install", kInstallKeys, nullptr, kInstallOneOf};
const TableSpec kInstallsTable{"installs", kInstallsKeys, nullptr, kInstallsOneOf};
const TableSpec kRunbookTable{"runbook", kRunbookKeys};
const TableSpec kTriggersTable{"triggers", kTriggersKeys};
const TableSpec kBranchTable{"branch", kBranchKeys, nullptr, kBranchOneOf};
const TableSpec kInstallerTable{"installer", kInstallerKeys};
/// A linter's own; an empty table takes every key.
const TableSpec kLintTable{"lint", {}};

std::span<const SectionSpec> sections() {
    return kSections;
}

}  // namespace slipway::app
