// Checks a table against its description, and replaces locations by what they name.
#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "engine/app/app_folder.hpp"
#include "engine/app/findings.hpp"
#include "engine/app/key_table.hpp"
#include "engine/app/toml_tree.hpp"
#include "slipway/lifecycle/app.hpp"

namespace slipway::app {

/// Where a template reads another component.
struct TemplateRead {
    const TomlValue* value = nullptr;  ///< of a document, which outlives the reading
    std::size_t offset = 0;
    std::string key;
};

/// What reading one app shares.
struct Reading {
    explicit Reading(AppFolder app_folder) : folder(std::move(app_folder)), findings(sources) {}

    AppFolder folder;
    Sources sources;
    Findings findings;
    std::map<std::string, std::string> inlined;  ///< path of an inlined file -> content
    std::vector<lifecycle::KeptKey> kept_keys;
    std::set<std::string> pending;  ///< network locations without content
    /// Component and the one that it reads -> the first place where it does.
    std::map<std::pair<std::string, std::string>, TemplateRead> component_reads;
};

/// One table of one file.
struct TableContext {
    Reading& reading;
    std::string section;  ///< "components"
    bool keep = false;    ///< the whole section is kept, so its keys need not be named one by one
};

/// Checks `table` and everything below it; `path` is the dotted key of the table itself, empty for a file.
void check_table(const TableSpec& spec, TomlValue& table, const std::string& path,
                 const TableContext& context);

/// True for a text that is a location and not content: one line, without blanks, with a known beginning.
bool looks_like_location(std::string_view text);
/// Replaces a location by the content of the file that it names; a network location is marked as pending.
void inline_location(TomlValue& value, const std::string& key, const TableContext& context);

/// Where the content of a network location lies in the copy of a synced app.
std::string fetched_path(std::string_view location);

/// The members of "a|b|c".
std::vector<std::string> split_choices(std::string_view choices);

}  // namespace slipway::app
