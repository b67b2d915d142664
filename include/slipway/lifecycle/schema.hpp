// What may stand in the files of an app, for editors: a JSON Schema of every kind of file, made from the
// tables that check them.
//
//   for (const auto& kind : slipway::lifecycle::file_kinds()) write(kind.name + ".json",
//   *json_schema(kind.name));
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "slipway/result.hpp"

namespace slipway::lifecycle {

struct FileKind {
    std::string name;     ///< "component"
    std::string section;  ///< "components"
    std::string where;    ///< "components/**/*.toml"
};
/// Every kind, in the order of the sections. A section that may be a file or a folder has two.
std::vector<FileKind> file_kinds();

/// The schema of a kind (draft 2020-12) as JSON text; the same text for the same version of Slipway.
/// kNotFound with the nearest name for an unknown kind. Keys that no file of the kind has are refused by it,
/// though reading an app only warns of them.
Result<std::string> json_schema(std::string_view name);

}  // namespace slipway::lifecycle
