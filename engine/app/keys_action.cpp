#include "engine/app/key_table.hpp"

namespace slipway::app {

namespace {

constexpr std::string_view kTypes =
    "manual|cron|adhoc|"
    "pre-provision|post-provision|pre-reprovision|post-reprovision|pre-deprovision|post-deprovision|"
    "pre-deploy-all-components|post-deploy-all-components|pre-teardown-all-components|post-teardown-all-"
    "components|"
    "pre-deploy-component|post-deploy-component|pre-teardown-component|post-teardown-component|"
    "pre-reprovision-sandbox|post-reprovision-sandbox|pre-deprovision-sandbox|post-deprovision-sandbox|"
    "pre-update-inputs|post-update-inputs|pre-secrets-sync|post-secrets-sync|"
    "pre-provision-sandbox|post-provision-sandbox|pre-enable-component|post-enable-component|"
    "pre-disable-component|post-disable-component|role-enabled|role-disabled";

constexpr KeySpec kTriggerKeys[] = {
    {.name = "type",
     .flags = kRequired,
     .choices = kTypes,
     .old_choices =
         "pre-component-deploy|post-component-deploy|pre-component-teardown|post-component-teardown"},
    {.name = "index", .type = KeyType::kInteger},
    {.name = "cron_schedule", .check = KeyCheck::kCron},
    {.name = "component_name"},
};
constexpr TableSpec kTriggerTable{"trigger", kTriggerKeys};
constexpr KeySpec kStepKeys[] = {
    {.name = "name", .flags = kRequired},
    {.name = "command", .flags = kTemplated},
    {.name = "inline_contents", .flags = kTemplated | kGet},
    {.name = "env_vars", .type = KeyType::kStringMap, .flags = kTemplated},
    {.name = "public_repo", .type = KeyType::kTable, .table = &kRepositoryTable},
    {.name = "connected_repo", .type = KeyType::kTable, .table = &kRepositoryTable},
};
constexpr OneOf kStepOneOf[] = {{"command|inline_contents", true, "what to run"},
                                {"public_repo|connected_repo", false, "where the script is"}};
constexpr TableSpec kStepTable{"step", kStepKeys, nullptr, kStepOneOf};
constexpr KeySpec kActionInputKeys[] = {
    {.name = "name", .flags = kRequired},
    {.name = "description"},
    {.name = "display_name"},
    {.name = "required", .type = KeyType::kBool},
    {.name = "default", .type = KeyType::kScalar},
    {.name = "type"},
};
constexpr TableSpec kActionInputTable{"input", kActionInputKeys};
constexpr KeySpec kActionKeys[] = {
    {.name = "name", .flags = kRequired, .check = KeyCheck::kName},
    {.name = "description"},
    {.name = "timeout", .check = KeyCheck::kHourDuration},
    {.name = "triggers", .type = KeyType::kTableList, .flags = kRequired, .table = &kTriggerTable},
    {.name = "steps", .type = KeyType::kTableList, .flags = kRequired, .table = &kStepTable},
    {.name = "dependencies", .type = KeyType::kStringList},
    {.name = "break_glass_role", .flags = kTemplated | kLater},
    {.name = "role", .flags = kTemplated | kLater},
    {.name = "labels", .type = KeyType::kStringMap},
    {.name = "enable_kube_config", .type = KeyType::kBool},
    {.name = "kubernetes_context"},
    {.name = "inputs", .type = KeyType::kTableList, .table = &kActionInputTable},
    {.name = "image", .type = KeyType::kAny, .flags = kLater},
};

}  // namespace

const TableSpec kActionTable{"action", kActionKeys};

}  // namespace slipway::app
