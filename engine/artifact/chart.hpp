// What has to be known of a Helm chart to package it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "slipway/result.hpp"

namespace slipway::artifact {

struct Chart {
    std::string name;
    std::string version;
    std::string config;  ///< Chart.yaml as JSON: the configuration of the chart's artifact
    std::vector<std::string> dependencies;
};

/// kInvalidArgument with the place when it is not a chart's Chart.yaml.
Result<Chart> parse_chart_yaml(const std::string& text, const std::string& where);
Result<Chart> read_chart(const std::string& folder);
Result<Chart> read_packed_chart(const std::string& file);

/// Helm's rules: a pattern a line, `!` takes back, `/` at the end means folders, `/` elsewhere anchors it.
class HelmIgnore {
public:
    explicit HelmIgnore(std::string_view text);
    bool leaves_out(std::string_view path, bool folder) const;

private:
    struct Rule {
        std::string pattern;
        bool negated = false;
        bool folders_only = false;
        bool anchored = false;
    };
    std::vector<Rule> rules_;
};
/// Of the chart in `folder`; one that leaves out next to nothing when it has none.
Result<HelmIgnore> read_helmignore(const std::string& folder);

}  // namespace slipway::artifact
