// Remote bases of kustomizations, and dependencies of charts.
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "engine/artifact/disk.hpp"
#include "engine/artifact/outside.hpp"
#include "slipway/lifecycle/artifact.hpp"

namespace slipway::artifact {
namespace {

namespace fs = std::filesystem;
using lifecycle::Outside;
using lifecycle::OutsideKind;

constexpr std::size_t kFileMax = std::size_t{4} * 1024 * 1024;
constexpr std::size_t kMostFolders = 1'000;

/// Nothing when it is not there or not YAML: the tool that needs it says so.
YAML::Node read_yaml(const std::string& path) {
    const auto text = read_small(path, kFileMax);
    try {
        return text ? YAML::Load(*text) : YAML::Node();
    } catch (const YAML::Exception&) {
        return {};
    }
}

YAML::Node list_in(const YAML::Node& map, const char* key) {
    const YAML::Node list = map.IsMap() ? map[key] : YAML::Node();
    return list && list.IsSequence() ? list : YAML::Node(YAML::NodeType::Sequence);
}

std::string text_in(const YAML::Node& map, const char* key) {
    const YAML::Node value = map.IsMap() ? map[key] : YAML::Node();
    return value && value.IsScalar() ? value.Scalar() : std::string();
}

/// "https://host/owner/repo//folder?ref=v1", "github.com/owner/repo/folder?ref=v1", "git@host:owner/repo".
Outside repository_of(std::string text) {
    Outside out;
    out.kind = OutsideKind::kFolder;
    if (text.starts_with("git::")) {
        text.erase(0, 5);
    }
    if (const auto query = text.find('?'); query != std::string::npos) {
        const std::string rest = text.substr(query + 1);
        for (const std::string_view name : {"ref=", "version="}) {
            const auto at = rest.find(name);
            if (at != std::string::npos && (at == 0 || rest[at - 1] == '&')) {
                const auto begin = at + name.size();
                out.ref = rest.substr(begin, rest.find('&', begin) - begin);
            }
        }
        text.resize(query);
    }
    const auto scheme = text.find("://");
    std::size_t from = scheme == std::string::npos ? 0 : scheme + 3;
    auto split = text.find("//", from);
    std::size_t width = 2;
    if (split == std::string::npos) {
        // Behind the host, the owner and the repository.
        split = from;
        for (int i = 0; i < 3 && split != std::string::npos; ++i) {
            split = text.find('/', split + 1);
        }
        width = 1;
    }
    out.place = text.substr(0, split);
    out.directory = split == std::string::npos ? "." : text.substr(split + width);
    if (scheme == std::string::npos && !out.place.starts_with("git@")) {
        out.place.insert(0, "https://");
    }
    return out;
}

class Kustomizations {
public:
    explicit Kustomizations(fs::path root) : root_(std::move(root)) {}

    void look(const fs::path& folder) {
        std::error_code code;
        const fs::path here = fs::canonical(folder, code);
        const auto inside = here.lexically_relative(root_);
        const bool out_of_it = code || inside.empty() || *inside.begin() == "..";
        if (out_of_it || seen_.size() >= kMostFolders || !seen_.insert(here.string()).second) {
            return;
        }
        for (const char* name : {"kustomization.yaml", "kustomization.yml", "Kustomization"}) {
            const YAML::Node document = read_yaml((here / name).string());
            for (const char* key : {"resources", "bases", "components"}) {
                for (const auto& entry : list_in(document, key)) {
                    place(entry.IsScalar() ? entry.Scalar() : std::string(), here);
                }
            }
        }
    }

    std::vector<Outside> found;

private:
    void place(const std::string& text, const fs::path& here) {
        std::error_code code;
        if (text.empty() || text.find('\n') != std::string::npos) {
            return;
        }
        if (fs::is_directory(here / text, code)) {
            return look(here / text);
        }
        if (fs::exists(here / text, code) || !is_elsewhere(text)) {
            return;
        }
        const std::string plain = text.substr(0, text.find('?'));
        const bool file = text.starts_with("http") &&
                          text.find("//", text.find("://") + 3) == std::string::npos &&
                          (plain.ends_with(".yaml") || plain.ends_with(".yml") || plain.ends_with(".json"));
        Outside one = file ? Outside{} : repository_of(text);
        if (file) {
            one.kind = OutsideKind::kText;
            one.place = text;
        }
        one.key = "remote base " + text;
        found.push_back(std::move(one));
    }

    /// By a scheme, a user, a query, or a host before the first slash.
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

std::vector<Outside> remote_bases(const std::string& root, const std::string& folder) {
    std::error_code code;
    const fs::path top = fs::canonical(root, code);
    if (code) {
        return {};
    }
    try {
        Kustomizations all(top);
        all.look(top / folder);
        return std::move(all.found);
    } catch (const YAML::Exception&) {
        return {};  // what is wrong with it the build says
    }
}

std::vector<Outside> open_dependencies(const std::string& folder) {
    if (is_there(folder + "/Chart.lock") || is_there(folder + "/requirements.lock")) {
        return {};
    }
    const auto missing = lifecycle::missing_chart_dependencies(folder);
    std::vector<Outside> out;
    try {
        for (const auto& one : list_in(read_yaml(folder + "/Chart.yaml"), "dependencies")) {
            Outside chart;
            chart.kind = OutsideKind::kChart;
            chart.chart = text_in(one, "name");
            chart.place = text_in(one, "repository");
            chart.ref = text_in(one, "version");
            const bool wanted = missing && std::count(missing->begin(), missing->end(), chart.chart) != 0;
            if (!wanted || chart.place.starts_with("file://")) {
                continue;
            }
            chart.key = "chart dependency " + chart.chart + (chart.ref.empty() ? "" : " " + chart.ref) +
                        (chart.place.empty() ? "" : " of " + chart.place);
            out.push_back(std::move(chart));
        }
    } catch (const YAML::Exception&) {
        return {};
    }
    return out;
}

}  // namespace slipway::artifact
