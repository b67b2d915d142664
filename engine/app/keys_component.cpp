#include "engine/app/key_table.hpp"

namespace slipway::app {

namespace {

constexpr KeySpec kProbeKeys[] = {
    {.name = "type", .flags = kRequired, .choices = "http|tcp|exec"},
    {.name = "name", .flags = kRequired},
    {.name = "url", .flags = kTemplated},
    {.name = "command", .type = KeyType::kStringList, .flags = kTemplated},
};
constexpr TableSpec kProbeTable{"probe", kProbeKeys};
constexpr KeySpec kHealthKeys[] = {
    {.name = "enabled", .type = KeyType::kBool},
    {.name = "stabilization_window", .check = KeyCheck::kHourDuration},
    {.name = "block_deploy", .type = KeyType::kBool},
    {.name = "probes", .type = KeyType::kTableList, .table = &kProbeTable},
    {.name = "required_checks", .type = KeyType::kStringList},
};
constexpr TableSpec kHealthTable{"health", kHealthKeys};

constexpr KeySpec kCommonKeys[] = {
    {.name = "type", .flags = kRequired},
    {.name = "name", .flags = kRequired, .check = KeyCheck::kName},
    {.name = "var_name", .check = KeyCheck::kInterpolatedName},
    {.name = "dependencies", .type = KeyType::kStringList},
    {.name = "source", .note = "more keys of this component, in another file"},
    {.name = "labels", .type = KeyType::kStringMap},
    {.name = "toggleable", .type = KeyType::kBool},
    {.name = "default_enabled", .type = KeyType::kBool},
    {.name = "operation_roles", .type = KeyType::kTableList, .flags = kLater, .table = &kOperationRoleTable},
    {.name = "kubernetes_context"},
    {.name = "build_timeout", .check = KeyCheck::kHourDuration},
    {.name = "deploy_timeout", .check = KeyCheck::kHourDuration},
    {.name = "timeout", .check = KeyCheck::kDuration},
    {.name = "max_auto_retries", .type = KeyType::kInteger},
    {.name = "skip_noops", .type = KeyType::kBool},
    {.name = "auto_approve_on_policies_passing", .type = KeyType::kBool, .flags = kLater},
    {.name = "health", .type = KeyType::kTable, .flags = kLater, .table = &kHealthTable},
    {.name = "public_repo", .type = KeyType::kTable, .table = &kRepositoryTable},
    {.name = "connected_repo", .type = KeyType::kTable, .table = &kRepositoryTable},
};
constexpr KeySpec kTerraformKeys[] = {
    {.name = "terraform_version", .flags = kRequired},
    {.name = "vars", .type = KeyType::kStringMap, .flags = kTemplated},
    {.name = "env_vars", .type = KeyType::kStringMap, .flags = kTemplated},
    {.name = "var_file", .type = KeyType::kTableOrList, .table = &kContentsTable},
    {.name = "drift_schedule", .flags = kLater, .check = KeyCheck::kCron},
    {.name = "var",
     .type = KeyType::kAny,
     .flags = kDeprecated,
     .note = "write the variables as keys of [vars]"},
    {.name = "env_var",
     .type = KeyType::kAny,
     .flags = kDeprecated,
     .note = "write the variables as keys of [env_vars]"},
};
constexpr KeySpec kHelmKeys[] = {
    {.name = "chart_name", .flags = kRequired},
    {.name = "helm_repo", .type = KeyType::kTable, .table = &kHelmRepositoryTable},
    {.name = "values", .type = KeyType::kAnyMap, .flags = kTemplated},
    {.name = "values_file", .type = KeyType::kTableOrList, .table = &kValuesFileTable},
    {.name = "namespace", .flags = kTemplated},
    {.name = "storage_driver", .choices = "configmap|secret"},
    {.name = "take_ownership", .type = KeyType::kBool},
    {.name = "drift_schedule", .flags = kLater, .check = KeyCheck::kCron},
    {.name = "value",
     .type = KeyType::kAny,
     .flags = kDeprecated,
     .note = "write the values as keys of [values]"},
};
constexpr KeySpec kKustomizeKeys[] = {
    {.name = "path", .flags = kRequired},
    {.name = "patches", .type = KeyType::kAny},
    {.name = "enable_helm", .type = KeyType::kBool},
    {.name = "load_restrictor", .choices = "rootOnly|none"},
};
constexpr TableSpec kKustomizeTable{"kustomize", kKustomizeKeys};
constexpr KeySpec kManifestKeys[] = {
    {.name = "namespace", .flags = kRequired | kTemplated},
    {.name = "manifest", .flags = kTemplated | kGet},
    {.name = "kustomize", .type = KeyType::kTable, .table = &kKustomizeTable},
    {.name = "drift_schedule", .flags = kLater, .check = KeyCheck::kCron},
};
constexpr KeySpec kDockerKeys[] = {
    {.name = "dockerfile", .flags = kRequired},
    {.name = "target"},
    {.name = "env_vars", .type = KeyType::kStringMap, .flags = kTemplated},
    {.name = "build_args", .type = KeyType::kAny},
};
constexpr KeySpec kPublicImageKeys[] = {
    {.name = "image_url", .flags = kRequired | kTemplated},
    {.name = "tag", .flags = kRequired | kTemplated},
};
constexpr TableSpec kPublicImageTable{"public", kPublicImageKeys};
constexpr KeySpec kEcrKeys[] = {
    {.name = "iam_role_arn", .flags = kRequired | kTemplated},
    {.name = "region", .flags = kRequired | kTemplated},
    {.name = "image_url", .flags = kRequired | kTemplated},
    {.name = "tag", .flags = kRequired | kTemplated},
};
constexpr TableSpec kEcrTable{"aws_ecr", kEcrKeys};
constexpr KeySpec kImageKeys[] = {
    {.name = "public", .type = KeyType::kTable, .table = &kPublicImageTable},
    {.name = "aws_ecr", .type = KeyType::kTable, .table = &kEcrTable},
    {.name = "gcp_gar", .type = KeyType::kAnyMap, .flags = kTemplated},
    {.name = "azure_acr", .type = KeyType::kAnyMap, .flags = kTemplated},
    {.name = "update_policy", .type = KeyType::kAny, .flags = kLater},
};
constexpr KeySpec kPulumiKeys[] = {
    {.name = "runtime", .flags = kRequired, .choices = "go|nodejs|python"},
    {.name = "pulumi_version"},
    {.name = "config", .type = KeyType::kStringMap, .flags = kTemplated},
    {.name = "env_vars", .type = KeyType::kStringMap, .flags = kTemplated},
    {.name = "drift_schedule", .flags = kLater, .check = KeyCheck::kCron},
};
constexpr KeySpec kJobKeys[] = {
    {.name = "image_url", .flags = kRequired | kTemplated},
    {.name = "tag", .flags = kRequired | kTemplated},
    {.name = "cmd", .type = KeyType::kStringList, .flags = kTemplated},
    {.name = "args", .type = KeyType::kStringList, .flags = kTemplated},
    {.name = "env_vars", .type = KeyType::kStringMap, .flags = kTemplated},
};

constexpr OneOf kRepoOneOf[] = {{"public_repo|connected_repo", true, "where the source is"}};
constexpr OneOf kHelmOneOf[] = {{"public_repo|connected_repo|helm_repo", true, "where the chart is"}};
constexpr OneOf kManifestOneOf[] = {{"manifest|kustomize", true, "what to apply"},
                                    {"public_repo|connected_repo", false, "where the source is"}};
constexpr OneOf kImageOneOf[] = {{"public|aws_ecr|gcp_gar|azure_acr", true, "where the image is"}};

const TableSpec kTypeTables[] = {
    {"terraform_module", kTerraformKeys, &kComponentCommonTable, kRepoOneOf},
    {"helm_chart", kHelmKeys, &kComponentCommonTable, kHelmOneOf},
    {"kubernetes_manifest", kManifestKeys, &kComponentCommonTable, kManifestOneOf},
    {"docker_build", kDockerKeys, &kComponentCommonTable, kRepoOneOf},
    {"container_image", kImageKeys, &kComponentCommonTable, kImageOneOf},
    {"pulumi", kPulumiKeys, &kComponentCommonTable, kRepoOneOf},
    {"job", kJobKeys, &kComponentCommonTable, {}},
};

}  // namespace

const TableSpec kComponentCommonTable{"component", kCommonKeys};

const std::string_view kComponentTypes =
    "terraform_module|helm_chart|kubernetes_manifest|docker_build|container_image|pulumi|job";

const TableSpec* component_table(std::string_view type) {
    if (type == "external_image") {
        type = "container_image";
    }
    for (const auto& table : kTypeTables) {
        if (table.name == type) {
            return &table;
        }
    }
    return nullptr;
}

}  // namespace slipway::app
