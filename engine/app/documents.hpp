// Finds, parses and checks every TOML file of an app.
#pragma once

#include <string>
#include <vector>

#include "engine/app/table_check.hpp"

namespace slipway::app {

struct AppDocument {
    const SectionSpec* section = nullptr;
    const TableSpec* table = nullptr;  ///< that `root` was checked against
    std::string file;
    TomlValue root;
};

/// All documents in the order of the sections, then by file. What is wrong goes into the findings.
std::vector<AppDocument> read_documents(Reading& reading);

/// The documents of one section.
std::vector<const AppDocument*> of_section(const std::vector<AppDocument>& all, std::string_view section);

/// The entries of a section that has a file form ([[key]] tables) and a folder form (one entry a file).
struct Entry {
    const TomlValue* table = nullptr;
    std::string file;
    std::string key;  ///< dotted key of the table in its file; empty for a whole file
};
std::vector<Entry> entries_of(const std::vector<AppDocument>& all, std::string_view section,
                              std::string_view list_key);

}  // namespace slipway::app
