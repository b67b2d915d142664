// The keys of every file kind, as tables: one description serves checking, inlining, "did you mean", the list
// of what is not acted on yet, and later the published schema.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace slipway::app {

enum class KeyType : std::uint8_t {
    kString,
    kBool,
    kInteger,
    kScalar,  ///< string, number or bool
    kAny,
    kStringList,
    kStringMap,  ///< values may be any scalar, kept as text
    kAnyMap,
    kTable,
    kTableList,     ///< [[key]]
    kTableOrList,   ///< [key] and [[key]] alike
    kMapTableList,  ///< [key] or [[key]] with names of the author's own
    kTableMap,      ///< [key.<name>], each of the same table
};

enum class KeyCheck : std::uint8_t { kNone, kName, kInterpolatedName, kCron, kDuration, kHourDuration };

inline constexpr unsigned kRequired = 1;
inline constexpr unsigned kTemplated = 2;    ///< rendered with the install's state
inline constexpr unsigned kGet = 4;          ///< a location is replaced by its content
inline constexpr unsigned kLater = 8;        ///< read and checked, not acted on yet
inline constexpr unsigned kDeprecated = 16;  ///< an error; `note` says what to write instead
inline constexpr unsigned kIgnored = 32;     ///< without meaning today, accepted without a word

struct TableSpec;

struct KeySpec {
    std::string_view name;
    KeyType type = KeyType::kString;
    unsigned flags = 0;
    const TableSpec* table = nullptr;
    std::string_view choices = {};  ///< "a|b|c"
    KeyCheck check = KeyCheck::kNone;
    std::string_view note = {};
    std::string_view old_choices = {};  ///< old spellings of `choices`, accepted as well
};

/// At most one of `keys` ("a|b"), or exactly one.
struct OneOf {
    std::string_view keys;
    bool required = false;
    std::string_view what = {};
};

struct TableSpec {
    std::string_view name;
    std::span<const KeySpec> keys;
    const TableSpec* base = nullptr;  ///< more keys, shared with other tables
    std::span<const OneOf> one_of = {};
};

const KeySpec* find_key(const TableSpec& table, std::string_view name);

// keys_root.cpp
extern const TableSpec kMetadataTable;
extern const TableSpec kSandboxTable;
extern const TableSpec kPulumiSandboxTable;
extern const TableSpec kRunnerTable;
extern const TableSpec kStackTable;
extern const TableSpec kInputsTable;
extern const TableSpec kInputFileTable;
extern const TableSpec kInputGroupTable;
// keys_shared.cpp
extern const TableSpec kRepositoryTable;
extern const TableSpec kHelmRepositoryTable;
extern const TableSpec kContentsTable;
extern const TableSpec kValuesFileTable;
extern const TableSpec kOperationRoleTable;
// keys_component.cpp
extern const TableSpec kComponentCommonTable;
/// The table of a component type; null for an unknown one. `external_image` is an old name of
/// container_image.
const TableSpec* component_table(std::string_view type);
extern const std::string_view kComponentTypes;
// keys_action.cpp
extern const TableSpec kActionTable;
// keys_access.cpp
extern const TableSpec kSecretsTable;
extern const TableSpec kSecretTable;
extern const TableSpec kPermissionsTable;
extern const TableSpec kRoleFileTable;
extern const TableSpec kBreakGlassTable;
extern const TableSpec kBreakGlassRoleTable;
extern const TableSpec kPoliciesTable;
extern const TableSpec kPolicyTable;
extern const TableSpec kOperationRolesTable;
extern const TableSpec kKubernetesContextsTable;
extern const TableSpec kKubernetesContextTable;
// keys_operate.cpp
extern const TableSpec kInstallTable;
extern const TableSpec kInstallsTable;
extern const TableSpec kRunbookTable;
extern const TableSpec kTriggersTable;
extern const TableSpec kBranchTable;
extern const TableSpec kInstallerTable;
extern const TableSpec kLintTable;

/// One section of an app: a file in the root, a folder with one entry a file, or either.
struct SectionSpec {
    std::string_view name;
    std::string_view file;    ///< "inputs.toml"; empty when only the folder exists
    std::string_view folder;  ///< "inputs"; empty when only the file exists
    const TableSpec* file_table = nullptr;
    const TableSpec* folder_table = nullptr;
    bool required = false;
    bool acted_on = false;
};
std::span<const SectionSpec> sections();

}  // namespace slipway::app
