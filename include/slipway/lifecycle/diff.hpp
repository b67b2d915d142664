// What changed between two versions of an app, by component, action, input and section.
//
//   const auto diff = slipway::lifecycle::compare_versions(*newest, candidate);   // before anything is
//   stored if (has_error(check_successor(newest->config, candidate.config))) refuse(); print(to_text(diff));
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "slipway/diagnostic.hpp"
#include "slipway/lifecycle/state.hpp"

namespace slipway::lifecycle {

enum class DiffKind : std::uint8_t { kAdded = 1, kRemoved = 2, kChanged = 3 };
std::string_view to_string(DiffKind kind);

/// One key of a part, as it was and as it is. Texts of many lines are given as their size and the first line
/// that differs; the default of a sensitive input is never shown.
struct KeyChange {
    std::string key;     ///< dotted, as in the file; "source" for the commit that a repository resolved to
    std::string before;  ///< empty: not there
    std::string after;   ///< empty: not there any more

    friend bool operator==(const KeyChange&, const KeyChange&) = default;
};

struct PartChange {
    DiffKind kind = DiffKind::kChanged;
    std::string part;  ///< "component", "action", "input", "input_group", "install", "sandbox", "metadata",
                       ///< or a section
    std::string name;  ///< of the component …; the file of a section
    std::vector<KeyChange> keys;  ///< of kChanged, sorted by key
};

struct VersionDiff {
    std::vector<PartChange> changes;  ///< by part in the order above, then by name
    bool empty() const { return changes.empty(); }
    /// Names of the parts of one kind of change, e.g. ("component", kRemoved): nothing is torn down by a
    /// sync, so what installs still run of them has to be named.
    std::vector<std::string> names(std::string_view part, DiffKind kind) const;
};

/// Pure. `from` may be an empty version: everything is new then.
VersionDiff compare_versions(const AppVersion& from, const AppVersion& to);

/// What `after` may not do to `before`: a component keeps its type for ever, as installs hold things of that
/// type.
std::vector<Diagnostic> check_successor(const AppConfig& before, const AppConfig& after);

/// One line a change ("+ component db", "~ input region: default "a" -> "b""); empty for no change.
std::string to_text(const VersionDiff& diff);

}  // namespace slipway::lifecycle
