// The values of a chart: files in their order, then single values, the later ones winning.
#pragma once

#include <boost/json/value.hpp>
#include <map>
#include <string>
#include <vector>

#include "slipway/result.hpp"

namespace slipway::helm {

struct ValuesFile {
    std::string name;
    std::string contents;
};

/// {"image.tag": "2", "hosts[0].name": "a"} as a tree. Keys are paths as in helm's --set ("\." is a dot in a
/// name); a text that reads as true, false, null or a whole number is one, as helm has it. Authoring errors
/// name the key.
Result<boost::json::object> tree_of(const boost::json::object& values);

/// Where each value comes from: path -> name of the file, or "values". Later files win, maps are merged.
Result<std::map<std::string, std::string>> provenance(const std::vector<ValuesFile>& files);

}  // namespace slipway::helm
