// Keys that may hold a location ("./values.yaml") instead of the text itself.
#include <algorithm>

#include "engine/app/spelling.hpp"
#include "engine/app/table_check.hpp"

namespace slipway::app {

namespace {

enum class LocationKind { kNone, kLocal, kNetwork, kOutside };

LocationKind kind_of(std::string_view text) {
    if (text.empty() || text.front() == '{' || text.front() == '}' || text.starts_with("./nuon")) {
        return LocationKind::kNone;
    }
    if (text.find_first_of(" \t\r\n") != std::string_view::npos) {
        return LocationKind::kNone;
    }
    if (text.starts_with("./") || text.starts_with("../")) {
        return LocationKind::kLocal;
    }
    for (const auto* prefix : {"http://", "https://", "git::", "git@", "git://"}) {
        if (text.starts_with(prefix)) {
            return LocationKind::kNetwork;
        }
    }
    if (text.starts_with("file:")) {
        text.remove_prefix(5);
        while (text.starts_with(":")) {
            text.remove_prefix(1);
        }
        if (text.starts_with("//")) {
            text.remove_prefix(2);
        }
        return text.starts_with("/") ? LocationKind::kOutside : LocationKind::kLocal;
    }
    return LocationKind::kNone;
}

std::string local_part(std::string text) {
    if (text.starts_with("file:")) {
        text.erase(0, 5);
        while (text.starts_with(":")) {
            text.erase(0, 1);
        }
        if (text.starts_with("//")) {
            text.erase(0, 2);
        }
    }
    return text;
}

/// The folders in which a relative location is looked for, in order. Packaged apps disagree: most sections
/// count from their own folder, policies and runbooks from the root, and break-glass boundaries lie among the
/// permissions.
std::vector<std::string> bases(const std::string& file, const std::string& section) {
    std::vector<std::string> out;
    const auto add = [&](std::string base) {
        if (std::find(out.begin(), out.end(), base) == out.end()) {
            out.push_back(std::move(base));
        }
    };
    const std::size_t slash = file.rfind('/');
    if (slash != std::string::npos) {
        add(file.substr(0, file.find('/')));
        add(file.substr(0, slash));
    }
    add("");
    if (section == "break_glass" || section == "permissions") {
        add("permissions");
    }
    if (section == "policies") {
        add("policies");
    }
    return out;
}

std::string joined(const std::string& base, const std::string& location) {
    return normal_path(base.empty() ? location : base + "/" + location);
}

std::string best_file(const AppFolder& folder, const std::string& wanted) {
    const std::string dir =
        wanted.substr(0, wanted.rfind('/') == std::string::npos ? 0 : wanted.rfind('/') + 1);
    std::vector<std::string> near;
    for (const auto& file : folder.files()) {
        if (file.starts_with(dir) && file.find('/', dir.size()) == std::string::npos) {
            near.push_back(file);
        }
    }
    return nearest(wanted, near);
}

/// The content that was fetched when the app was synced, if it was.
void inline_fetched(TomlValue& value, const std::string& key, Reading& reading) {
    const std::string path = fetched_path(value.location);
    if (auto text = reading.folder.read(path)) {
        reading.inlined[path] = *text;
        value.text = *text;
        value.at = Spot{reading.sources.add(value.location, std::move(*text)), 1, 1};
        value.inlined = true;
        return;
    }
    value.pending = true;
    reading.pending.insert(value.location);
    reading.findings.add(Severity::kHint, value.at, key,
                         "the content of '" + value.location + "' is not fetched while the app is checked",
                         "put the file into the app's folder to have it checked and pinned with the app");
}

}  // namespace

bool looks_like_location(std::string_view text) {
    return kind_of(text) != LocationKind::kNone;
}

std::string fetched_path(std::string_view location) {
    return ".slipway/fetched/" + sha256(location).hex();
}

void inline_location(TomlValue& value, const std::string& key, const TableContext& context) {
    Reading& reading = context.reading;
    const LocationKind kind = kind_of(value.text);
    if (kind == LocationKind::kNone) {
        return;
    }
    value.location = value.text;
    if (kind == LocationKind::kNetwork) {
        return inline_fetched(value, key, reading);
    }
    const std::string wanted = local_part(value.text);
    bool inside = kind == LocationKind::kLocal;
    std::string first;
    if (inside) {
        inside = false;
        for (const auto& base : bases(reading.sources.name(value.at.file), context.section)) {
            const std::string path = joined(base, wanted);
            if (path.empty()) {
                continue;
            }
            inside = true;
            if (first.empty()) {
                first = path;
            }
            auto text = reading.folder.read(path);
            if (text) {
                reading.inlined[path] = *text;
                value.text = *text;
                value.at = Spot{reading.sources.add(path, std::move(*text)), 1, 1};
                value.inlined = true;
                return;
            }
            if (text.error().code != ErrorCode::kNotFound) {
                reading.findings.error(value.at, key, text.error().message,
                                       "an app is read from its own folder only");
                return;
            }
        }
    }
    if (!inside) {
        reading.findings.error(value.at, key, "'" + value.location + "' leads out of the app's folder",
                               "an app is read from its own folder only");
        return;
    }
    const std::string other = best_file(reading.folder, first);
    reading.findings.error(value.at, key, "there is no file '" + value.location + "'",
                           other.empty() ? "looked for '" + first + "' and next to the app's root files"
                                         : "did you mean '" + other + "'?");
}

}  // namespace slipway::app
