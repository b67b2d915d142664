// Chart.yaml: read by yaml-cpp, written as the JSON that Helm keeps as a chart's configuration.
#include "engine/artifact/chart.hpp"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <boost/json.hpp>

#include "engine/artifact/disk.hpp"
#include "slipway/lifecycle/archive.hpp"
#include "slipway/lifecycle/artifact.hpp"

namespace slipway::artifact {
namespace {

namespace json = boost::json;

constexpr std::size_t kChartYamlMax = std::size_t{1024} * 1024;
constexpr int kDeepest = 20;
constexpr std::size_t kValuesMax = 20'000;

Error not_a_chart(const std::string& where, const std::string& why) {
    return authoring_error(where + ": " + why);
}

/// Aliases may name the same value again and again, so values are counted as they are written.
class ToJson {
public:
    Result<json::value> value(const YAML::Node& node, const std::string& key, int depth) {
        if (depth > kDeepest || ++values_ > kValuesMax) {
            return authoring_error("nested too deeply, or too many values");
        }
        if (node.IsMap()) {
            json::object object;
            for (const auto& member : node) {
                const auto name = member.first.as<std::string>();
                SLIPWAY_TRY(object[name], value(member.second, name, depth + 1));
            }
            return json::value(std::move(object));
        }
        if (node.IsSequence()) {
            json::array array;
            for (const auto& element : node) {
                SLIPWAY_TRY(auto one, value(element, "", depth + 1));
                array.push_back(std::move(one));
            }
            return json::value(std::move(array));
        }
        if (!node.IsScalar()) {
            return json::value(nullptr);
        }
        // The one member of a chart's metadata that is no text; versions like 1.10 must stay as they are.
        if (key == "deprecated" && node.Scalar() == "true") {
            return json::value(true);
        }
        if (key == "deprecated" && node.Scalar() == "false") {
            return json::value(false);
        }
        return json::value(node.Scalar());
    }

private:
    std::size_t values_ = 0;
};

bool is_chart_name(std::string_view name) {
    return !name.empty() && name.size() <= 250 && std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
               c == '_' || c == '.';
    }) && name.front() != '.';
}

std::string text_of(const json::object& object, std::string_view key) {
    const auto* value = object.if_contains(key);
    return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

Result<Chart> from_object(const json::object& object, const std::string& where) {
    Chart chart;
    chart.name = text_of(object, "name");
    chart.version = text_of(object, "version");
    if (!is_chart_name(chart.name)) {
        return not_a_chart(where, "name: missing, or not the name of a chart");
    }
    if (chart.version.empty() || chart.version.size() > 250) {
        return not_a_chart(where, "version: missing");
    }
    if (text_of(object, "apiVersion").empty()) {
        return not_a_chart(where, "apiVersion: missing");
    }
    if (const auto* list = object.if_contains("dependencies"); list != nullptr && list->is_array()) {
        for (const auto& one : list->get_array()) {
            if (one.is_object() && !text_of(one.get_object(), "name").empty()) {
                chart.dependencies.push_back(text_of(one.get_object(), "name"));
            }
        }
    }
    chart.config = json::serialize(object);
    return chart;
}

}  // namespace

Result<Chart> parse_chart_yaml(const std::string& text, const std::string& where) {
    try {
        const YAML::Node root = YAML::Load(text);
        if (!root.IsMap()) {
            return not_a_chart(where, "not a map");
        }
        auto value = ToJson().value(root, "", 0);
        if (!value) {
            return not_a_chart(where, value.error().message);
        }
        return from_object(value->as_object(), where);
    } catch (const YAML::Exception& e) {
        return not_a_chart(where + ":" + std::to_string(e.mark.line + 1), "not YAML: " + e.msg);
    }
}

Result<Chart> read_chart(const std::string& folder) {
    auto text = read_small(folder + "/Chart.yaml", kChartYamlMax);
    if (!text) {
        return not_a_chart(folder, "not a chart: " + text.error().message);
    }
    return parse_chart_yaml(*text, "Chart.yaml");
}

Result<Chart> read_packed_chart(const std::string& file) {
    std::string text;
    auto read = lifecycle::read_archive(
        file, {}, [&](const lifecycle::ArchiveFile& entry, const auto& content) -> Result<void> {
            const auto slash = entry.path.find('/');
            if (slash == std::string::npos || entry.path.substr(slash) != "/Chart.yaml") {
                return content([](std::string_view) { return Result<void>(); });
            }
            return content([&](std::string_view bytes) -> Result<void> {
                text += bytes;
                return text.size() > kChartYamlMax
                           ? Result<void>(environment_error(ErrorCode::kLimit, "Chart.yaml is too long"))
                           : Result<void>();
            });
        });
    if (!read) {
        return read.error();
    }
    return parse_chart_yaml(text, "Chart.yaml");
}

}  // namespace slipway::artifact

namespace slipway::lifecycle {

Result<std::vector<std::string>> missing_chart_dependencies(const std::string& folder) {
    SLIPWAY_TRY(const auto chart, artifact::read_chart(folder));
    std::vector<std::string> missing;
    const auto there = artifact::names_in(folder + "/charts");
    for (const auto& name : chart.dependencies) {
        const bool found = std::any_of(there.begin(), there.end(), [&](const std::string& entry) {
            return entry == name || (entry.starts_with(name + "-") && entry.ends_with(".tgz"));
        });
        if (!found) {
            missing.push_back(name);
        }
    }
    return missing;
}

}  // namespace slipway::lifecycle
