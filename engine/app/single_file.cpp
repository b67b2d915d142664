#include "engine/app/single_file.hpp"

#include <algorithm>
#include <iterator>
#include <map>

#include "engine/app/spelling.hpp"

namespace slipway::app {

namespace {

constexpr const char* kVariables = "config_vars";
constexpr std::size_t kLargest = std::size_t{8} << 20U;

bool parse(Reading& reading, const std::string& file, std::string text, TomlValue& out) {
    const std::uint32_t id = reading.sources.add(file, std::move(text));
    std::string problem;
    Spot spot;
    if (parse_toml(reading.sources, id, out, problem, spot)) {
        return true;
    }
    reading.findings.error(spot, {}, "is not valid TOML: " + problem);
    return false;
}

/// "{{.key}}" and "{{ .key }}" alone; every other action is a template for later.
std::string filled(const std::string& text, const std::map<std::string, std::string>& variables) {
    std::string out;
    std::size_t at = 0;
    for (std::size_t open = text.find("{{"); open != std::string::npos; open = text.find("{{", at)) {
        out.append(text, at, open - at);
        at = open + 2;
        const std::size_t close = text.find("}}", at);
        std::string inside = close == std::string::npos ? std::string() : text.substr(at, close - at);
        std::erase(inside, ' ');
        const auto known = inside.starts_with('.') ? variables.find(inside.substr(1)) : variables.end();
        if (known == variables.end()) {
            out += "{{";
            continue;
        }
        out += known->second;
        at = close + 2;
        if (out.size() > kLargest) {
            return out;
        }
    }
    return out.append(text, at);
}

class SingleFile {
public:
    SingleFile(Reading& reading, const std::string& file, std::vector<AppDocument>& out)
        : reading_(reading), file_(file), out_(out) {}

    void run() {
        auto text = reading_.folder.read(file_);
        if (!text) {
            reading_.findings.about_file(Severity::kError, file_, text.error().message);
            return;
        }
        TomlValue root;
        if (!parse(reading_, file_, *text, root)) {
            return;
        }
        if (const TomlValue* variables = root.find(kVariables)) {
            std::map<std::string, std::string> values;
            for (const auto& member : variables->members) {
                values[member.key] = scalar_text(member.value);
            }
            std::string whole = filled(*text, values);
            if (whole.size() > kLargest) {
                reading_.findings.error(variables->at, kVariables, "make more than 8 MiB of this file");
                return;
            }
            root = TomlValue{};
            if (!parse(reading_, file_, std::move(whole), root)) {
                return;
            }
        }
        sections_of(std::move(root));
    }

private:
    void sections_of(TomlValue root) {
        TomlValue metadata;
        metadata.at = root.at;
        for (auto& member : root.members) {
            const SectionSpec* section = section_of(member);
            if (member.key == "metadata" && member.value.kind == TomlKind::kTable) {
                std::move(member.value.members.begin(), member.value.members.end(),
                          std::back_inserter(metadata.members));
            } else if (section != nullptr) {
                take(*section, std::move(member.value));
            } else if (find_key(kMetadataTable, member.key) != nullptr) {
                metadata.members.push_back(std::move(member));
            } else if (member.key != kVariables) {
                reading_.findings.warning(member.at, member.key, "is no section of an app and is ignored",
                                          hint(member.key));
            }
        }
        for (const auto& section : sections()) {
            const bool there = std::any_of(out_.begin(), out_.end(), [&](const AppDocument& document) {
                return document.section == &section;
            });
            if (section.name == "metadata") {
                take_table(reading_, section, file_, std::move(metadata), false, out_);
            } else if (section.required && !there) {
                reading_.findings.about_file(
                    Severity::kError, file_,
                    "has no table [" + std::string(section.name) + "], which is required");
            }
        }
        // As the sections come when each has its own file.
        std::stable_sort(out_.begin(), out_.end(),
                         [](const AppDocument& a, const AppDocument& b) { return a.section < b.section; });
    }

    static const SectionSpec* section_of(const TomlMember& member) {
        const bool fits = member.value.kind == TomlKind::kTable || member.value.kind == TomlKind::kArray;
        for (const auto& section : sections()) {
            if (fits && section.name != "metadata" && section.name == member.key) {
                return &section;
            }
        }
        return nullptr;
    }

    static std::string hint(const std::string& key) {
        std::vector<std::string> names;
        for (const auto& section : sections()) {
            names.emplace_back(section.name);
        }
        return did_you_mean(key, names);
    }

    /// A table stands for the section's file, a list of tables for the files of its folder.
    void take(const SectionSpec& section, TomlValue value) {
        if (value.kind == TomlKind::kTable && section.file_table != nullptr) {
            take_table(reading_, section, file_, std::move(value), false, out_);
        } else if (value.kind == TomlKind::kArray && section.folder_table != nullptr) {
            for (auto& item : value.items) {
                if (item.kind == TomlKind::kTable) {
                    take_table(reading_, section, file_, std::move(item), true, out_);
                } else {
                    reading_.findings.error(item.at, std::string(section.name), "must be a table");
                }
            }
        } else {
            reading_.findings.error(
                value.at, std::string(section.name),
                section.file_table != nullptr ? "must be a table" : "must be a list of tables",
                section.file_table != nullptr ? "write [" + std::string(section.name) + "]"
                                              : "write [[" + std::string(section.name) + "]]");
        }
    }

    Reading& reading_;
    const std::string& file_;
    std::vector<AppDocument>& out_;
};

}  // namespace

void read_single_file(Reading& reading, const std::string& file, std::vector<AppDocument>& out) {
    SingleFile(reading, file, out).run();
}

}  // namespace slipway::app
