// How clients change objects: JSON merge patch, strategic merge patch, and server-side apply with owners of
// fields.
#pragma once

#include <boost/json.hpp>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace slipway::test {

namespace json = boost::json;

/// The owners of each field, by its path ("spec.template.spec.containers[name=web].image").
using Owners = std::map<std::string, std::set<std::string>>;

void merge_patch(json::value& target, const json::value& patch);
void strategic_patch(json::value& target, const json::value& patch);

/// Paths of all leaves of what clients decide about (not status, nor what the server sets in metadata). Lists
/// of objects go by their merge key; others are leaves.
std::map<std::string, json::value> leaves(const json::value& object);

/// After a write that is no apply: `manager` owns what it changed.
void own_changes(Owners& owners, const json::value& before, const json::value& after,
                 const std::string& manager);

struct FieldConflict {
    std::string path;
    std::string owner;
};
/// Applies `wanted` for `manager`. Conflicts are found first, and nothing is changed when there are some and
/// `force` is off.
std::vector<FieldConflict> apply_fields(json::value& live, Owners& owners, const json::value& wanted,
                                        const std::string& manager, bool force);

}  // namespace slipway::test
