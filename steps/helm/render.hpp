// A chart, brought here and rendered as an upgrade of the release would render it, without changing anything.
#pragma once

#include <string>
#include <vector>

#include "steps/helm/cluster.hpp"

namespace slipway::helm {

struct Rendered {
    Bundle bundle;
    std::vector<std::string> random;  ///< addresses whose two renderings differ
};

/// `fresh`: there is no release yet, so helm will bring the chart's definitions of custom resources.
Result<Rendered> render(process::Tools& tools, Cluster& cluster, const HelmInput& input,
                        const HelmOptions& options, bool fresh);

/// `-f /dev/fd/N` for each, which `run` gets as descriptors: values stand in no argument and no file.
void hand_over_values(const std::vector<std::string>& values, process::ToolRun& run);

/// The flags that plan and apply share.
std::vector<std::string> upgrade_args(const Bundle& bundle, const std::string& chart);

}  // namespace slipway::helm
