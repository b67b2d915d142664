#include "engine/app/key_table.hpp"

namespace slipway::app {

namespace {

constexpr KeySpec kRepositoryKeys[] = {
    {.name = "repo", .flags = kRequired},
    {.name = "directory", .flags = kRequired},
    {.name = "branch", .flags = kRequired, .note = "a branch, a tag or a commit"},
};
constexpr KeySpec kHelmRepositoryKeys[] = {
    {.name = "repo_url", .flags = kRequired},
    {.name = "chart", .flags = kRequired},
    {.name = "version"},
};
constexpr KeySpec kContentsKeys[] = {
    {.name = "contents", .flags = kRequired | kTemplated | kGet},
};
constexpr KeySpec kValuesFileKeys[] = {
    {.name = "contents", .flags = kTemplated | kGet},
    {.name = "path", .flags = kTemplated | kGet},
    {.name = "source", .flags = kTemplated | kGet, .note = "an old name of `contents`"},
};
constexpr OneOf kValuesFileOneOf[] = {{"contents|path|source", true, "where the values are"}};
constexpr KeySpec kOperationRoleKeys[] = {
    {.name = "operation", .flags = kRequired},
    {.name = "role", .flags = kRequired | kTemplated},
};

}  // namespace

const TableSpec kRepositoryTable{"repository", kRepositoryKeys};
const TableSpec kHelmRepositoryTable{"helm_repo", kHelmRepositoryKeys};
const TableSpec kContentsTable{"var_file", kContentsKeys};
const TableSpec kValuesFileTable{"values_file", kValuesFileKeys, nullptr, kValuesFileOneOf};
const TableSpec kOperationRoleTable{"operation_role", kOperationRoleKeys};

const KeySpec* find_key(const TableSpec& table, std::string_view name) {
    for (const TableSpec* t = &table; t != nullptr; t = t->base) {
        for (const auto& key : t->keys) {
            if (key.name == name) {
                return &key;
            }
        }
    }
    return nullptr;
}

}  // namespace slipway::app
