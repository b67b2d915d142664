// What the checks over the whole app share.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/app/app_checks.hpp"
#include "engine/app/syntax_checks.hpp"

namespace slipway::app {

/// "key" of `path`, or "path.key".
inline std::string below(const std::string& path, std::string_view key) {
    return path.empty() ? std::string(key) : path + "." + std::string(key);
}
inline std::string at_index(const std::string& path, std::size_t index) {
    return path + "[" + std::to_string(index) + "]";
}

/// A string member that is there and not empty; null otherwise.
inline const TomlValue* text_member(const TomlValue& table, std::string_view key) {
    const TomlValue* value = table.find(key);
    return value != nullptr && value->kind == TomlKind::kString && !value->text.empty() ? value : nullptr;
}

/// Calls `visit(table, "path[i]")` for every table of a list.
template <class Visit>
void for_each_entry(const TomlValue& table, std::string_view list_key, const std::string& path,
                    Visit&& visit) {
    const TomlValue* list = table.find(list_key);
    for (std::size_t i = 0; list != nullptr && i < list->items.size(); ++i) {
        if (list->items[i].kind == TomlKind::kTable) {
            visit(list->items[i], at_index(below(path, list_key), i));
        }
    }
}

/// True for a text that can be looked at: it is here, and no template stands in it.
inline bool is_plain(const TomlValue& value) {
    return value.kind == TomlKind::kString && !value.pending && value.text.find("{{") == std::string::npos;
}

/// A syntax problem of `value` as a finding at its place.
void report_syntax(const TomlValue& value, const std::string& key, std::string_view what,
                   const std::optional<SyntaxProblem>& problem, Reading& reading,
                   Severity severity = Severity::kError);

}  // namespace slipway::app
