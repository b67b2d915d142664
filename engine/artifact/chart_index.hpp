// index.yaml of a chart repository: tens of megabytes of it, of which one chart's versions matter.
#pragma once

#include <string>
#include <vector>

#include "slipway/result.hpp"

namespace slipway::artifact {

struct IndexedChart {
    std::string version;
    std::string digest;  ///< as written, usually 64 hex digits; may be empty
};
/// Every version of `chart`, in the order of the index. kCorrupt: no index.
Result<std::vector<IndexedChart>> charts_in_index(const std::string& text, const std::string& chart);

}  // namespace slipway::artifact
