#include "engine/app/key_table.hpp"

namespace slipway::app {

namespace {

constexpr KeySpec kMetadataKeys[] = {
    {.name = "version", .flags = kRequired, .choices = "v1|v2"},
    {.name = "display_name"},
    {.name = "description"},
    {.name = "readme", .flags = kGet},
    {.name = "slack_webhook_url", .flags = kLater},
    {.name = "label_colors", .type = KeyType::kStringMap, .flags = kLater},
    {.name = "default_labels", .type = KeyType::kStringMap, .flags = kTemplated},
    {.name = "onboarding", .type = KeyType::kAnyMap, .flags = kLater, .note = "a catalogue's own"},
};

constexpr KeySpec kSandboxCommonKeys[] = {
    {.name = "type", .choices = "terraform|pulumi"},
    {.name = "public_repo", .type = KeyType::kTable, .table = &kRepositoryTable},
    {.name = "connected_repo", .type = KeyType::kTable, .table = &kRepositoryTable},
    {.name = "drift_schedule", .flags = kLater, .check = KeyCheck::kCron},
    {.name = "env_vars", .type = KeyType::kStringMap, .flags = kTemplated},
    {.name = "source", .note = "more keys of this table, in another file"},
    {.name = "operation_roles", .type = KeyType::kTableList, .flags = kLater, .table = &kOperationRoleTable},
    {.name = "max_auto_retries", .type = KeyType::kInteger},
    {.name = "skip_noops", .type = KeyType::kBool},
    {.name = "auto_approve_on_policies_passing", .type = KeyType::kBool, .flags = kLater},
    {.name = "labels", .type = KeyType::kStringMap, .flags = kLater},
};
constexpr OneOf kSandboxOneOf[] = {{"public_repo|connected_repo", true, "where the module is"}};
constexpr TableSpec kSandboxCommonTable{"sandbox", kSandboxCommonKeys, nullptr, kSandboxOneOf};

constexpr KeySpec kSandboxKeys[] = {
    {.name = "terraform_version", .flags = kRequired},
    {.name = "vars", .type = KeyType::kStringMap, .flags = kTemplated},
    {.name = "var_file", .type = KeyType::kTableOrList, .table = &kContentsTable},
    {.name = "var",
     .type = KeyType::kAny,
     .flags = kDeprecated,
     .note = "write the variables as keys of [vars]"},
    {.name = "env_var",
     .type = KeyType::kAny,
     .flags = kDeprecated,
     .note = "write the variables as keys of [env_vars]"},
};
constexpr KeySpec kPulumiSandboxKeys[] = {
    {.name = "runtime", .flags = kRequired | kLater, .choices = "go|nodejs|python"},
    {.name = "pulumi_version", .flags = kLater},
    {.name = "pulumi_config", .type = KeyType::kStringMap, .flags = kTemplated | kLater},
    {.name = "terraform_version"},
    {.name = "vars", .type = KeyType::kStringMap, .flags = kTemplated},
    {.name = "var_file", .type = KeyType::kTableOrList, .table = &kContentsTable},
};

constexpr KeySpec kRunnerKeys[] = {
    {.name = "runner_type", .flags = kRequired},
    {.name = "helm_driver", .choices = "configmap|secret"},
    {.name = "env_vars", .type = KeyType::kStringMap},
    {.name = "init_script_url"},
    {.name = "instance_type"},
    {.name = "env_var",
     .type = KeyType::kAny,
     .flags = kDeprecated,
     .note = "write the variables as keys of [env_vars]"},
};

constexpr KeySpec kNestedStackKeys[] = {
    {.name = "name", .flags = kRequired},
    {.name = "template_url", .flags = kRequired},
    {.name = "index", .type = KeyType::kInteger},
    {.name = "parameters", .type = KeyType::kAnyMap, .flags = kTemplated},
};
constexpr TableSpec kNestedStackTable{"custom_nested_stack", kNestedStackKeys};
constexpr KeySpec kStackKeys[] = {
    {.name = "type", .flags = kRequired},
    {.name = "name", .flags = kRequired | kTemplated},
    {.name = "description", .flags = kRequired | kTemplated},
    {.name = "vpc_nested_template_url"},
    {.name = "runner_nested_template_url"},
    {.name = "custom_nested_stacks", .type = KeyType::kTableList, .table = &kNestedStackTable},
    {.name = "deployment_scope"},
};

constexpr KeySpec kInputKeys[] = {
    {.name = "name", .flags = kRequired, .check = KeyCheck::kName},
    {.name = "display_name", .flags = kRequired},
    {.name = "description", .flags = kRequired},
    {.name = "group", .flags = kRequired},
    {.name = "default", .type = KeyType::kAny},
    {.name = "required", .type = KeyType::kBool},
    {.name = "sensitive", .type = KeyType::kBool},
    {.name = "type", .choices = "string|number|list|json|bool|yaml|hcl"},
    {.name = "user_configurable", .type = KeyType::kBool},
    {.name = "internal", .type = KeyType::kBool, .flags = kIgnored},
};
constexpr KeySpec kGroupKeys[] = {
    {.name = "name", .flags = kRequired},
    {.name = "description", .flags = kRequired},
    {.name = "display_name"},
};
constexpr TableSpec kInputTable{"input", kInputKeys};
constexpr TableSpec kGroupTable{"group", kGroupKeys};
constexpr KeySpec kInputsKeys[] = {
    {.name = "group", .type = KeyType::kTableList, .table = &kGroupTable},
    {.name = "input", .type = KeyType::kTableList, .table = &kInputTable},
    {.name = "source", .note = "more inputs, in another file"},
    {.name = "sources", .type = KeyType::kStringList, .note = "more inputs, in other files"},
};

}  // namespace

const TableSpec kMetadataTable{"metadata", kMetadataKeys};
const TableSpec kSandboxTable{"sandbox", kSandboxKeys, &kSandboxCommonTable};
const TableSpec kPulumiSandboxTable{"sandbox", kPulumiSandboxKeys, &kSandboxCommonTable};
const TableSpec kRunnerTable{"runner", kRunnerKeys};
const TableSpec kStackTable{"stack", kStackKeys};
const TableSpec kInputsTable{"inputs", kInputsKeys};
const TableSpec kInputFileTable{"input", kInputKeys};
const TableSpec kInputGroupTable{"group", kGroupKeys};

}  // namespace slipway::app
