#include "engine/app/documents.hpp"

#include <algorithm>

#include "engine/app/single_file.hpp"
#include "engine/app/spelling.hpp"
#include "engine/app/strangers.hpp"

namespace slipway::app {

namespace {

bool parse_file(Reading& reading, const std::string& file, TomlValue& out) {
    auto text = reading.folder.read(file);
    if (!text) {
        reading.findings.about_file(Severity::kError, file, text.error().message);
        return false;
    }
    const std::uint32_t id = reading.sources.add(file, std::move(*text));
    std::string problem;
    Spot spot;
    if (parse_toml(reading.sources, id, out, problem, spot)) {
        return true;
    }
    reading.findings.error(spot, {}, "is not valid TOML: " + problem);
    return false;
}

/// `source = "other.toml"`: keys that this table does not have come from there; lists of tables are joined.
void merge_source(Reading& reading, const std::string& file, const std::string& location, const Spot& at,
                  TomlValue& into) {
    const std::size_t slash = file.rfind('/');
    const std::string base = slash == std::string::npos ? std::string() : file.substr(0, slash + 1);
    std::string path = normal_path(base + location);
    if (!reading.folder.has(path)) {
        path = normal_path(location);
    }
    auto text = reading.folder.read(path.empty() ? location : path);
    if (!text) {
        reading.findings.error(at, "source", text.error().message, "an app is read from its own folder only");
        return;
    }
    reading.inlined[path] = *text;
    TomlValue other;
    if (!parse_file(reading, path, other)) {
        return;
    }
    for (auto& member : other.members) {
        TomlValue* here = into.find(member.key);
        if (here == nullptr) {
            into.members.push_back(std::move(member));
        } else if (here->kind == TomlKind::kArray && member.value.kind == TomlKind::kArray) {
            for (auto& item : member.value.items) {
                here->items.push_back(std::move(item));
            }
        }
    }
}

void merge_sources(Reading& reading, const std::string& file, TomlValue& root) {
    if (const TomlValue* one = root.find("source"); one != nullptr && one->kind == TomlKind::kString) {
        const TomlValue source = *one;
        merge_source(reading, file, source.text, source.at, root);
    }
    if (const TomlValue* many = root.find("sources"); many != nullptr && many->kind == TomlKind::kArray) {
        const TomlValue all = *many;
        for (const auto& source : all.items) {
            if (source.kind == TomlKind::kString) {
                merge_source(reading, file, source.text, source.at, root);
            }
        }
    }
}

/// A file of the folder form may hold the tables of the file form, too.
bool has_file_form(const SectionSpec& section, const TomlValue& root) {
    if (section.file_table == nullptr || section.file_table == section.folder_table) {
        return false;
    }
    return std::any_of(root.members.begin(), root.members.end(), [&](const TomlMember& member) {
        return find_key(*section.file_table, member.key) != nullptr &&
               find_key(*section.folder_table, member.key) == nullptr;
    });
}

/// Of a component whose type nobody knows: a key that any type has is none that is ignored.
const TableSpec& untyped_component() {
    static const std::vector<KeySpec> kKeys = [] {
        std::vector<KeySpec> keys;
        for (const auto& type : split_choices(kComponentTypes)) {
            for (const TableSpec* t = component_table(type); t != nullptr; t = t->base) {
                for (const auto& key : t->keys) {
                    if (find_key(kComponentCommonTable, key.name) == nullptr) {
                        keys.push_back({key.name, KeyType::kAny});
                    }
                }
            }
        }
        return keys;
    }();
    static const TableSpec kTable{kComponentCommonTable.name, kKeys, &kComponentCommonTable};
    return kTable;
}

const TableSpec* component_spec(Reading& reading, const TomlValue& root) {
    const TomlValue* type = root.find("type");
    if (type == nullptr || type->kind != TomlKind::kString) {
        return &untyped_component();
    }
    if (const TableSpec* table = component_table(type->text)) {
        return table;
    }
    const auto types = split_choices(kComponentTypes);
    std::string hint = did_you_mean(type->text, types);
    if (hint.empty()) {
        hint = "use " + list_names(types);
    }
    reading.findings.error(type->at, "type", "'" + type->text + "' is not a type of component", hint);
    return nullptr;
}

const TableSpec* table_for(Reading& reading, const SectionSpec& section, bool in_folder,
                           const TomlValue& root) {
    if (section.name == "components") {
        return component_spec(reading, root);
    }
    if (section.name == "sandbox" && root.string_at("type") == "pulumi") {
        return &kPulumiSandboxTable;
    }
    return !in_folder || has_file_form(section, root) ? section.file_table : section.folder_table;
}

/// `document.root` is what was read.
void take_document(Reading& reading, AppDocument document, bool in_folder, std::vector<AppDocument>& out) {
    const SectionSpec& section = *document.section;
    if (document.root.members.empty()) {  // an empty file is an absent one
        if (section.required) {
            reading.findings.error(document.root.at, {}, "is required and missing: the file is empty");
        }
        return;
    }
    if (section.acted_on || section.name == "runner") {
        merge_sources(reading, document.file, document.root);
    }
    document.table = table_for(reading, section, in_folder, document.root);
    if (document.table != nullptr) {
        check_table(*document.table, document.root, "",
                    TableContext{reading, std::string(section.name), !section.acted_on});
    }
    out.push_back(std::move(document));
}

void read_document(Reading& reading, const SectionSpec& section, const std::string& file, bool in_folder,
                   std::vector<AppDocument>& out) {
    AppDocument document{&section, nullptr, file, {}};
    if (parse_file(reading, file, document.root)) {
        take_document(reading, std::move(document), in_folder, out);
    }
}

/// The old form: one file with every section as a table of its own.
std::string single_file_of(const Reading& reading) {
    for (const auto& section : sections()) {
        if (section.required && reading.folder.has(section.file)) {
            return {};
        }
    }
    std::vector<std::string> found;
    for (const auto& file : reading.folder.toml_files("")) {
        if (is_single_file(file)) {
            found.push_back(file);
        }
    }
    return found.size() == 1 ? found.front() : std::string();
}

}  // namespace

void take_table(Reading& reading, const SectionSpec& section, const std::string& file, TomlValue root,
                bool in_folder, std::vector<AppDocument>& out) {
    take_document(reading, AppDocument{&section, nullptr, file, std::move(root)}, in_folder, out);
}

std::vector<AppDocument> read_documents(Reading& reading) {
    std::vector<AppDocument> out;
    if (reading.folder.toml_files("").empty()) {
        reading.findings.about_file(
            Severity::kError, {}, "no configuration files found in '" + reading.folder.name() + "'",
            "an app has at least metadata.toml, sandbox.toml and runner.toml in its root");
        return out;
    }
    if (const std::string single = single_file_of(reading); !single.empty()) {
        read_single_file(reading, single, out);
        return out;
    }
    for (const auto& section : sections()) {
        const bool file = !section.file.empty() && reading.folder.has(section.file);
        const auto folder =
            section.folder.empty() ? std::vector<std::string>() : reading.folder.toml_files(section.folder);
        if (file && !folder.empty()) {
            reading.findings.about_file(
                Severity::kError, std::string(section.file),
                "cannot be given together with the folder " + std::string(section.folder) + "/",
                "keep one of the two forms");
        }
        if (file) {
            read_document(reading, section, std::string(section.file), false, out);
        }
        for (const auto& one : folder) {
            read_document(reading, section, one, true, out);
        }
        if (section.required && !file) {
            reading.findings.about_file(Severity::kError, std::string(section.file),
                                        "is required and missing");
        }
    }
    name_strangers(reading);
    return out;
}

std::vector<const AppDocument*> of_section(const std::vector<AppDocument>& all, std::string_view section) {
    std::vector<const AppDocument*> out;
    for (const auto& document : all) {
        if (document.section->name == section) {
            out.push_back(&document);
        }
    }
    return out;
}

std::vector<Entry> entries_of(const std::vector<AppDocument>& all, std::string_view section,
                              std::string_view list_key) {
    std::vector<Entry> out;
    for (const auto* document : of_section(all, section)) {
        if (document->table == document->section->folder_table &&
            document->table != document->section->file_table) {
            out.push_back({&document->root, document->file, ""});
            continue;
        }
        const TomlValue* list = document->root.find(list_key);
        if (list == nullptr || list->kind != TomlKind::kArray) {
            continue;
        }
        for (std::size_t i = 0; i < list->items.size(); ++i) {
            if (list->items[i].kind != TomlKind::kTable) {
                continue;
            }
            out.push_back(
                {&list->items[i], document->file, std::string(list_key) + "[" + std::to_string(i) + "]"});
        }
    }
    return out;
}

}  // namespace slipway::app
