// The old form of an app: one file nuon.<app>.toml with a table for every section, and [config_vars] that are
// put in for {{.key}} before anything is read.
#pragma once

#include <string>
#include <vector>

#include "engine/app/documents.hpp"

namespace slipway::app {

void read_single_file(Reading& reading, const std::string& file, std::vector<AppDocument>& out);

/// Checks a table as the document of a section; in documents.cpp.
void take_table(Reading& reading, const SectionSpec& section, const std::string& file, TomlValue root,
                bool in_folder, std::vector<AppDocument>& out);

}  // namespace slipway::app
