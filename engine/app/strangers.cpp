#include "engine/app/strangers.hpp"

#include <algorithm>
#include <cctype>
#include <string>
#include <vector>

#include "engine/app/spelling.hpp"

namespace slipway::app {

namespace {

constexpr const char* kLinkHint = "put the files themselves there: links to folders are not followed";

std::string first_folder(const std::string& path) {
    const std::size_t slash = path.find('/');
    return slash == std::string::npos ? std::string() : path.substr(0, slash);
}

std::string extension_of(const std::string& path) {
    const std::size_t name = path.rfind('/') == std::string::npos ? 0 : path.rfind('/') + 1;
    const std::size_t dot = path.rfind('.');
    return dot == std::string::npos || dot <= name ? std::string() : path.substr(dot);
}

std::string lower(std::string text) {
    for (char& c : text) {
        c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
    return text;
}

bool contains(const std::vector<std::string>& all, const std::string& one) {
    return std::find(all.begin(), all.end(), one) != all.end();
}

class Strangers {
public:
    explicit Strangers(Reading& reading) : reading_(reading) {
        for (const auto& section : sections()) {
            if (!section.file.empty()) {
                files_.emplace_back(section.file);
            }
            if (!section.folder.empty()) {
                folders_.emplace_back(section.folder);
            }
        }
    }

    void run() {
        root_files();
        unknown_folders();
        for (const auto& file : reading_.folder.files()) {
            if (!file.ends_with(".toml") && !reading_.inlined.contains(file)) {
                other_ending(file);
            }
        }
        for (const auto& link : reading_.folder.links()) {
            linked(link);
        }
    }

private:
    void warn(const std::string& file, std::string message, std::string hint) {
        reading_.findings.about_file(Severity::kWarning, file, std::move(message), std::move(hint));
    }

    void root_files() {
        for (const auto& file : reading_.folder.toml_files("")) {
            if (contains(files_, file)) {
                continue;
            }
            if (is_single_file(file)) {
                reading_.findings.about_file(
                    Severity::kError, file, "the form with all tables in one file cannot stand beside others",
                    "keep this one file alone, or give each section its own: "
                    "metadata.toml, sandbox.toml, components/…");
            } else {
                warn(file, "is not a file of the format and is not read", did_you_mean(file, files_));
            }
        }
    }

    void unknown_folders() {
        std::string last;
        for (const auto& file : reading_.folder.files()) {
            const std::string folder = first_folder(file);
            if (folder.empty() || folder == last || !file.ends_with(".toml")) {
                continue;
            }
            last = folder;
            const std::string hint = contains(folders_, folder) ? "" : did_you_mean(folder, folders_);
            if (!hint.empty()) {
                warn(file, "lies in no folder of the format and is not read", hint);
            }
        }
    }

    /// "components/db.TOML", "actions/x.yml", "policies.txt". What stands deeper is a source as a rule.
    void other_ending(const std::string& file) {
        static const std::vector<std::string> kSlips = {".tml", ".tom", ".tolm", ".toml~", ".txt"};
        const std::string folder = first_folder(file);
        const std::string ending = lower(extension_of(file));
        const bool slip = ending == ".toml" || contains(kSlips, ending);
        const bool data = ending == ".yaml" || ending == ".yml" || ending == ".json";
        const std::string meant = file.substr(0, file.size() - ending.size()) + ".toml";
        if (folder.empty()) {
            if ((slip || data) && contains(files_, lower(meant))) {
                warn(file, "is not read",
                     "files of the format end in .toml: did you mean '" + lower(meant) + "'?");
            }
        } else if (contains(folders_, folder)) {
            const bool direct = file.find('/', folder.size() + 1) == std::string::npos;
            if (slip && (direct || ending == ".toml") && ending != ".txt") {
                warn(file, "is not read", "files of the format end in .toml: did you mean '" + meant + "'?");
            } else if (data && direct) {
                reading_.findings.about_file(Severity::kHint, file, "is named by no key and is not read",
                                             "files of the format end in .toml");
            }
        }
    }

    void linked(const FolderLink& link) {
        const bool section = contains(folders_, link.path);
        if (!section && !contains(folders_, first_folder(link.path))) {
            return;
        }
        const auto said = [&](bool error, std::string message) {
            reading_.findings.about_file(error ? Severity::kError : Severity::kWarning, link.path,
                                         std::move(message), kLinkHint);
        };
        switch (link.to) {
            case FolderLink::To::kInside:
                if (section || holds_files(link.target)) {
                    said(true, "is a link to the folder '" + link.target + "' and is not read");
                }
                return;
            case FolderLink::To::kOutside:
                return said(section, "is a link that leads out of the app's folder and is not read");
            case FolderLink::To::kNothing:
                // One that is named like a file is told where it is read.
                if (!link.path.ends_with(".toml")) {
                    said(section, "is a link to nothing");
                }
                return;
        }
    }

    bool holds_files(const std::string& folder) const {
        return folder.empty() || !reading_.folder.toml_files(folder).empty();
    }

    Reading& reading_;
    std::vector<std::string> files_;
    std::vector<std::string> folders_;
};

}  // namespace

void name_strangers(Reading& reading) {
    Strangers(reading).run();
}

bool is_single_file(std::string_view file) {
    return file.starts_with("nuon.") && file.find('/') == std::string_view::npos;
}

}  // namespace slipway::app
