// load_app: folder -> documents -> data -> checks over the whole.
#include <algorithm>
#include <set>

#include "engine/app/app_checks.hpp"
#include "engine/app/load.hpp"
#include "slipway/lifecycle/app.hpp"

namespace slipway::app {

using namespace lifecycle;

namespace {

std::vector<std::string> component_names(const std::vector<Reference>& references, const Names& names) {
    std::set<std::string> out;
    for (const auto& reference : references) {
        if (reference.kind != ReferenceKind::kComponent) {
            continue;
        }
        if (std::binary_search(names.components.begin(), names.components.end(), reference.name)) {
            out.insert(reference.name);
        }
    }
    return {out.begin(), out.end()};
}

std::vector<std::string> joined(const std::vector<std::string>& declared,
                                const std::vector<std::string>& implied, const std::string& self,
                                const Names& names) {
    std::set<std::string> out;
    for (const auto* list : {&declared, &implied}) {
        for (const auto& name : *list) {
            if (name != self && std::binary_search(names.components.begin(), names.components.end(), name)) {
                out.insert(name);
            }
        }
    }
    return {out.begin(), out.end()};
}

template <class T>
void sort_by_name(std::vector<T>& all) {
    std::stable_sort(all.begin(), all.end(), [](const T& a, const T& b) { return a.name < b.name; });
}

class Loader {
public:
    explicit Loader(AppFolder folder) : reading_(std::move(folder)) {}

    LoadedApp run() {
        documents_ = read_documents(reading_);
        names_ = collect_names(documents_, reading_);
        for (auto* list : {&names_.components, &names_.actions, &names_.inputs, &names_.secrets}) {
            std::sort(list->begin(), list->end());
        }
        AppConfig& config = out_.config;
        config.name = reading_.folder.name();
        read_root_sections(documents_, reading_.sources, config);
        read_access_sections(documents_, reading_.sources, config);
        read_operate_sections(documents_, reading_.sources, config);
        read_entries();
        check_components(documents_, names_, reading_);
        check_actions(documents_, names_, reading_);
        check_inputs(documents_, reading_);
        check_installs(documents_, names_, config, reading_);
        check_roles(documents_, names_, reading_);
        check_policies(documents_, names_, reading_);
        check_operation(documents_, names_, reading_);
        check_component_tables(documents_, reading_);
        check_contexts(documents_, reading_);
        check_stack(documents_, reading_);
        check_house_rules(documents_, reading_);
        check_defaults_of_toggles(config, reading_);
        check_unused_inputs(documents_, references_, reading_);
        check_cycles(documents_, names_, config.components, reading_);
        list_files();
        out_.kept_keys = std::move(reading_.kept_keys);
        out_.pending.assign(reading_.pending.begin(), reading_.pending.end());
        out_.diagnostics = reading_.findings.take();
        return std::move(out_);
    }

private:
    void read_entries() {
        AppConfig& config = out_.config;
        for (const auto& document : documents_) {
            check_dotless(document, reading_);
            auto references = check_templates(document, names_, reading_);
            references_.insert(references_.end(), references.begin(), references.end());
            const std::string_view section = document.section->name;
            if (section == "components") {
                read_one_component(document, std::move(references));
            } else if (section == "actions") {
                Action action = read_action(document, reading_.sources);
                action.dependencies = joined(read_strings(document.root.find("dependencies")),
                                             component_names(references, names_), "", names_);
                action.references = std::move(references);
                if (!action.name.empty()) {
                    config.actions.push_back(std::move(action));
                }
            } else if (section == "installs") {
                InstallFile install = read_install(document, reading_.sources);
                if (!install.name.empty()) {
                    config.installs.push_back(std::move(install));
                }
            } else if (section == "sandbox") {
                config.sandbox.references = std::move(references);
            } else if (!document.section->acted_on) {
                config.kept.push_back({std::string(section), document.file, to_json(document.root)});
            }
        }
        sort_by_name(config.components);
        sort_by_name(config.actions);
        sort_by_name(config.installs);
    }

    void read_one_component(const AppDocument& document, std::vector<Reference> references) {
        if (document.table == nullptr) {
            return;
        }  // an unknown type
        Component component = read_component(document, reading_.sources);
        const auto same = [&](const Component& other) { return other.name == component.name; };
        auto& all = out_.config.components;
        if (component.name.empty() || std::any_of(all.begin(), all.end(), same)) {
            return;
        }
        component.implied_dependencies = component_names(references, names_);
        std::erase(component.implied_dependencies, component.name);
        const auto context = names_.contexts.find(document.root.string_at("kubernetes_context"));
        if (context != names_.contexts.end() && context->second != component.name) {
            auto& implied = component.implied_dependencies;
            if (std::find(implied.begin(), implied.end(), context->second) == implied.end()) {
                implied.push_back(context->second);
                std::sort(implied.begin(), implied.end());
            }
        }
        component.dependencies =
            joined(component.declared_dependencies, component.implied_dependencies, component.name, names_);
        component.references = std::move(references);
        all.push_back(std::move(component));
    }

    void list_files() {
        std::map<std::string, AppFile> known;
        for (const auto& [path, text] : reading_.inlined) {
            known[path] = {path, FileRole::kInlined, {}, sha256(text)};
        }
        for (const auto& document : documents_) {
            AppFile& file = known[document.file];
            file.path = document.file;
            file.section = document.section->name;
            file.role = document.section->acted_on ? FileRole::kRead : FileRole::kKept;
            file.content = sha256(reading_.sources.text(document.root.at.file));
        }
        for (const auto& path : reading_.folder.files()) {
            const auto it = known.find(path);
            out_.files.push_back(it != known.end() ? it->second : file_without_content(path));
        }
    }

    /// A file of a section that is empty or could not be read keeps its section.
    static AppFile file_without_content(const std::string& path) {
        AppFile out{path, FileRole::kNotPartOf, {}, {}};
        for (const auto& section : sections()) {
            const bool in_folder = !section.folder.empty() && path.ends_with(".toml") &&
                                   path.starts_with(std::string(section.folder) + "/");
            if (!in_folder && (section.file.empty() || path != section.file)) {
                continue;
            }
            out.section = section.name;
            out.role = section.acted_on ? FileRole::kRead : FileRole::kKept;
        }
        return out;
    }

    Reading reading_;
    std::vector<AppDocument> documents_;
    Names names_;
    std::vector<Reference> references_;
    LoadedApp out_;
};

}  // namespace

LoadedApp load_folder(AppFolder folder) {
    return Loader(std::move(folder)).run();
}

}  // namespace slipway::app

namespace slipway::lifecycle {

Result<LoadedApp> load_app(std::string_view path) {
    SLIPWAY_TRY(app::AppFolder folder, app::AppFolder::open(path));
    return app::load_folder(std::move(folder));
}

std::string_view to_string(FileRole role) {
    switch (role) {
        case FileRole::kRead:
            return "read";
        case FileRole::kKept:
            return "read and kept, not acted on";
        case FileRole::kInlined:
            return "content of a key";
        case FileRole::kNotPartOf:
            return "not part of the format";
    }
    return "unknown";
}

std::vector<std::string> LoadedApp::kept_files() const {
    std::vector<std::string> out;
    for (const auto& file : files) {
        if (file.role == FileRole::kKept) {
            out.push_back(file.path);
        }
    }
    return out;
}

}  // namespace slipway::lifecycle
