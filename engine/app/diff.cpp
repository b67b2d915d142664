#include "slipway/lifecycle/diff.hpp"

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <map>
#include <set>

#include "engine/app/json_read.hpp"

namespace slipway::lifecycle {

namespace json = boost::json;

namespace {

using Flat = std::map<std::string, std::string>;  ///< dotted key -> shown value

void flatten(const json::value& value, const std::string& key, Flat& out) {
    if (const auto* object = value.if_object(); object != nullptr && !object->empty()) {
        for (const auto& member : *object) {
            flatten(member.value(),
                    key.empty() ? std::string(member.key()) : key + "." + std::string(member.key()), out);
        }
    } else if (const auto* list = value.if_array(); list != nullptr && !list->empty()) {
        for (std::size_t i = 0; i < list->size(); ++i) {
            flatten((*list)[i], key + "[" + std::to_string(i) + "]", out);
        }
    } else if (const auto* text = value.if_string()) {
        out[key] = std::string(*text);
    } else {
        out[key] = json::serialize(value);
    }
}

Flat flat_json(const std::string& text) {
    Flat out;
    json::value value;
    std::string problem;
    if (app::read_json(text, value, problem)) {
        flatten(value, "", out);
    }
    return out;
}

std::size_t count_lines(const std::string& text) {
    return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')) +
           (text.ends_with("\n") ? 0U : 1U);
}

/// Short texts as they are; of long ones the first line that the other does not have at the same place.
std::string shown(const std::string& text, const std::string& other) {
    constexpr std::size_t kLongest = 120;
    if (text.size() <= kLongest && text.find('\n') == std::string::npos) {
        return "\"" + text + "\"";
    }
    const auto differs = std::mismatch(text.begin(), text.end(), other.begin(), other.end()).first;
    const auto at = static_cast<std::size_t>(differs - text.begin());
    const std::size_t begin = at == 0 ? 0 : text.rfind('\n', at - 1) + 1;
    std::string line = text.substr(begin, std::min(text.find('\n', begin), begin + kLongest) - begin);
    const auto number = std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(begin), '\n') + 1;
    return std::to_string(count_lines(text)) + " lines, line " + std::to_string(number) + ": \"" + line +
           "\"";
}

std::vector<KeyChange> key_changes(const Flat& before, const Flat& after) {
    std::vector<KeyChange> out;
    for (const auto& [key, value] : before) {
        const auto other = after.find(key);
        if (other == after.end()) {
            out.push_back({key, shown(value, {}), {}});
        } else if (other->second != value) {
            out.push_back({key, shown(value, other->second), shown(other->second, value)});
        }
    }
    for (const auto& [key, value] : after) {
        if (!before.contains(key)) {
            out.push_back({key, {}, shown(value, {})});
        }
    }
    std::sort(out.begin(), out.end(), [](const KeyChange& a, const KeyChange& b) { return a.key < b.key; });
    return out;
}

/// A part by name.
using Parts = std::map<std::string, Flat>;

Flat flat_input(const Input& input) {
    Flat out{{"display_name", input.display_name},
             {"description", input.description},
             {"group", input.group},
             {"type", input.type},
             {"required", input.required ? "true" : "false"},
             {"sensitive", input.sensitive ? "true" : "false"},
             {"user_configurable", input.user_configurable ? "true" : "false"}};
    if (input.default_value) {
        out["default"] = input.sensitive ? "(sensitive) " + sha256(*input.default_value).hex().substr(0, 8)
                                         : *input.default_value;
    }
    return out;
}

Flat flat_metadata(const Metadata& metadata) {
    Flat out{{"version", metadata.version},
             {"display_name", metadata.display_name},
             {"description", metadata.description},
             {"readme", metadata.readme.pending ? metadata.readme.location : metadata.readme.value}};
    for (const auto& [key, value] : metadata.default_labels) {
        out["default_labels." + key] = value;
    }
    return out;
}

void add_source(const AppVersion& version, const std::string& key, const std::string& shown_key, Flat& out) {
    const auto found = version.sources.find(key);
    if (found == version.sources.end()) {
        return;
    }
    const std::string& commit = found->second.commit;
    out[shown_key] = commit.empty() ? found->second.content : commit;
}

Parts components_of(const AppVersion& version) {
    Parts out;
    for (const auto& component : version.config.components) {
        Flat& flat = out[component.name] = flat_json(component.raw_json);
        const std::string key = "component." + component.name;
        add_source(version, key, "source", flat);
        // What was pinned for it, each under its name.
        for (auto at = version.sources.lower_bound(key + " ");
             at != version.sources.end() && at->first.starts_with(key + " "); ++at) {
            add_source(version, at->first, at->first.substr(key.size() + 1), flat);
        }
    }
    return out;
}

Parts actions_of(const AppVersion& version) {
    Parts out;
    for (const auto& action : version.config.actions) {
        Flat& flat = out[action.name] = flat_json(action.raw_json);
        for (const auto& step : action.steps) {
            add_source(version, "action." + action.name + "." + step.name, "source." + step.name, flat);
        }
    }
    return out;
}

Parts sandbox_of(const AppVersion& version) {
    Parts out;
    if (!version.config.sandbox.raw_json.empty()) {
        Flat& flat = out["sandbox"] = flat_json(version.config.sandbox.raw_json);
        add_source(version, "sandbox", "source", flat);
    }
    return out;
}

Parts inputs_of(const AppVersion& version) {
    Parts out;
    for (const auto& input : version.config.inputs) {
        out[input.name] = flat_input(input);
    }
    return out;
}

Parts groups_of(const AppVersion& version) {
    Parts out;
    for (const auto& group : version.config.input_groups) {
        out[group.name] = {{"display_name", group.display_name}, {"description", group.description}};
    }
    return out;
}

Parts installs_of(const AppVersion& version) {
    Parts out;
    for (const auto& install : version.config.installs) {
        out[install.name] = flat_json(install.raw_json);
    }
    return out;
}

Parts metadata_of(const AppVersion& version) {
    Parts out;
    if (!version.config.metadata.version.empty()) {
        out["metadata"] = flat_metadata(version.config.metadata);
    }
    return out;
}

void compare_parts(const std::string& part, const Parts& before, const Parts& after, VersionDiff& out) {
    std::set<std::string> names;
    for (const auto* parts : {&before, &after}) {
        for (const auto& [name, flat] : *parts) {
            names.insert(name);
        }
    }
    for (const auto& name : names) {
        const auto old = before.find(name);
        const auto now = after.find(name);
        if (old == before.end()) {
            out.changes.push_back({DiffKind::kAdded, part, name, {}});
        } else if (now == after.end()) {
            out.changes.push_back({DiffKind::kRemoved, part, name, {}});
        } else if (auto keys = key_changes(old->second, now->second); !keys.empty()) {
            out.changes.push_back({DiffKind::kChanged, part, name, std::move(keys)});
        }
    }
}

/// Sections that are kept whole, by section and file.
void compare_kept(const AppVersion& from, const AppVersion& to, VersionDiff& out) {
    std::map<std::string, std::pair<Parts, Parts>> sections;
    for (const auto& kept : from.config.kept) {
        sections[kept.section].first[kept.file] = flat_json(kept.raw_json);
    }
    for (const auto& kept : to.config.kept) {
        sections[kept.section].second[kept.file] = flat_json(kept.raw_json);
    }
    for (const auto& [section, parts] : sections) {
        compare_parts(section, parts.first, parts.second, out);
    }
}

}  // namespace

std::string_view to_string(DiffKind kind) {
    switch (kind) {
        case DiffKind::kAdded:
            return "added";
        case DiffKind::kRemoved:
            return "removed";
        case DiffKind::kChanged:
            return "changed";
    }
    return "unknown";
}

std::vector<std::string> VersionDiff::names(std::string_view part, DiffKind kind) const {
    std::vector<std::string> out;
    for (const auto& change : changes) {
        if (change.part == part && change.kind == kind) {
            out.push_back(change.name);
        }
    }
    return out;
}

VersionDiff compare_versions(const AppVersion& from, const AppVersion& to) {
    VersionDiff out;
    compare_parts("component", components_of(from), components_of(to), out);
    compare_parts("action", actions_of(from), actions_of(to), out);
    compare_parts("input", inputs_of(from), inputs_of(to), out);
    compare_parts("input_group", groups_of(from), groups_of(to), out);
    compare_parts("install", installs_of(from), installs_of(to), out);
    compare_parts("sandbox", sandbox_of(from), sandbox_of(to), out);
    compare_parts("metadata", metadata_of(from), metadata_of(to), out);
    compare_kept(from, to, out);
    return out;
}

std::vector<Diagnostic> check_successor(const AppConfig& before, const AppConfig& after) {
    std::vector<Diagnostic> out;
    for (const auto& component : after.components) {
        const auto old = std::find_if(before.components.begin(), before.components.end(),
                                      [&](const Component& c) { return c.name == component.name; });
        if (old == before.components.end() || old->type == component.type) {
            continue;
        }
        out.push_back({Severity::kError,
                       component.place.file,
                       component.place.line,
                       component.place.column,
                       "type",
                       "component '" + component.name + "' was a " + std::string(to_string(old->type)) +
                           " in the version before and cannot become a " +
                           std::string(to_string(component.type)),
                       "give the new component another name",
                       {}});
    }
    return out;
}

std::string to_text(const VersionDiff& diff) {
    std::string out;
    for (const auto& change : diff.changes) {
        const char* sign = change.kind == DiffKind::kAdded     ? "+"
                           : change.kind == DiffKind::kRemoved ? "-"
                                                               : "~";
        const std::string head =
            sign + printable(" " + change.part + (change.name == change.part ? "" : " " + change.name));
        if (change.keys.empty()) {
            out += head + "\n";
        }
        for (const auto& key : change.keys) {
            out += head + ": " +
                   printable(key.key + " " + (key.before.empty() ? "(not there)" : key.before) + " -> " +
                             (key.after.empty() ? "(gone)" : key.after)) +
                   "\n";
        }
    }
    return out;
}

}  // namespace slipway::lifecycle
