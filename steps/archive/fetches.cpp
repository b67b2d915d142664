#include "steps/archive/fetches.hpp"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

namespace slipway::archive {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t kFileMax = std::uintmax_t{4} * 1024 * 1024;

/// Nothing when there is no such file, or it is not YAML: the tool says so itself.
YAML::Node read_yaml(const std::string& path) {
    std::error_code code;
    if (!fs::is_regular_file(path, code) || fs::file_size(path, code) > kFileMax) {
        return {};
    }
    std::ifstream in(path, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    try {
        return YAML::Load(text.str());
    } catch (const YAML::Exception&) {
        return {};
    }
}

std::string text_of(const YAML::Node& node) {
    return node && node.IsScalar() ? node.Scalar() : std::string();
}

class Kustomizations {
public:
    explicit Kustomizations(fs::path root) : root_(std::move(root)) {}

    void look(const fs::path& folder) {
        std::error_code code;
        const fs::path here = fs::canonical(folder, code);
        const auto inside = here.lexically_relative(root_);
        if (code || inside.empty() || *inside.begin() == ".." || !seen_.insert(here.string()).second) {
            return;
        }
        for (const char* name : {"kustomization.yaml", "kustomization.yml", "Kustomization"}) {
            const YAML::Node document = read_yaml((here / name).string());
            if (document.IsMap()) {
                look_into(document, here);
                return;
            }
        }
    }

    std::vector<std::string> fetched;

private:
    void look_into(const YAML::Node& document, const fs::path& here) {
        for (const char* key : {"resources", "bases", "components", "crds", "configurations", "generators",
                                "transformers", "validators", "patchesStrategicMerge"}) {
            for (const auto& entry : list_of(document, key)) {
                place(text_of(entry), here);
            }
        }
        for (const char* key : {"patches", "patchesJson6902", "replacements"}) {
            for (const auto& entry : list_of(document, key)) {
                place(entry.IsMap() ? text_of(entry["path"]) : std::string(), here);
            }
        }
        for (const char* key : {"configMapGenerator", "secretGenerator"}) {
            for (const auto& entry : list_of(document, key)) {
                for (const char* files : {"files", "envs"}) {
                    for (const auto& file : list_of(entry, files)) {
                        const std::string text = text_of(file);
                        place(text.substr(text.find('=') + 1), here);
                    }
                }
            }
        }
        const YAML::Node openapi = document["openapi"];
        place(openapi && openapi.IsMap() ? text_of(openapi["path"]) : std::string(), here);
        for (const auto& chart : list_of(document, "helmCharts")) {
            fetched.push_back("the chart " + (chart.IsMap() ? text_of(chart["name"]) : std::string()));
        }
    }

    static YAML::Node list_of(const YAML::Node& node, const char* key) {
        const YAML::Node list = node.IsMap() ? node[key] : YAML::Node();
        return list && list.IsSequence() ? list : YAML::Node(YAML::NodeType::Sequence);
    }

    void place(const std::string& text, const fs::path& here) {
        if (text.empty() || text.find('\n') != std::string::npos) {
            return;  // written out where it stands
        }
        std::error_code code;
        const fs::path local = here / text;
        if (fs::is_directory(local, code)) {
            look(local);
        } else if (!fs::exists(local, code) && is_elsewhere(text)) {
            fetched.push_back(text);
        }
    }

    /// As kustomize tells addresses from paths: by a scheme, a user, a query, or a host before the first
    /// slash.
    static bool is_elsewhere(const std::string& text) {
        const std::string host = text.substr(0, text.find('/'));
        return text.find("://") != std::string::npos || text.find("::") != std::string::npos ||
               text.find('?') != std::string::npos || text.find('@') != std::string::npos ||
               (host.size() < text.size() && host.find_first_not_of('.') != std::string::npos &&
                host.find('.') != std::string::npos);
    }

    fs::path root_;
    std::set<std::string> seen_;
};

}  // namespace

bool is_on_this_machine(const std::string& place) {
    const std::size_t scheme = place.find("://");
    if (scheme == std::string::npos || place.starts_with("file://")) {
        return true;
    }
    const std::string rest = place.substr(scheme + 3);
    const std::string host = rest.substr(0, rest.find_first_of("/?#"));
    const std::string name =
        host.starts_with('[') ? host.substr(0, host.find(']') + 1) : host.substr(0, host.find(':'));
    return name == "127.0.0.1" || name == "localhost" || name == "[::1]";
}

Result<std::vector<std::string>> chart_fetches(const std::string& chart,
                                               const std::vector<std::string>& missing) {
    std::vector<std::string> fetched;
    const YAML::Node document = read_yaml(chart + "/Chart.yaml");
    const YAML::Node listed = document.IsMap() ? document["dependencies"] : YAML::Node();
    for (const auto& name : missing) {
        std::string from;
        for (std::size_t i = 0; listed && listed.IsSequence() && i < listed.size(); ++i) {
            if (listed[i].IsMap() && text_of(listed[i]["name"]) == name) {
                from = text_of(listed[i]["repository"]);
            }
        }
        // Without a repository, or with an alias of one, only helm's own configuration could tell.
        if (from.find("://") == std::string::npos || !is_on_this_machine(from)) {
            fetched.push_back(name + (from.empty() ? "" : " from " + from));
        }
    }
    return fetched;
}

Result<std::vector<std::string>> kustomize_fetches(const std::string& root, const std::string& folder) {
    try {
        Kustomizations all{fs::path(root)};
        all.look(folder);
        return std::move(all.fetched);
    } catch (const YAML::Exception& error) {
        return authoring_error("kustomization: " + std::string(error.what()));
    }
}

}  // namespace slipway::archive
