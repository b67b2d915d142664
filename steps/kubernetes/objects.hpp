// Objects of a cluster as manifests name them.
#pragma once

#include <boost/json/value.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "slipway/result.hpp"

namespace slipway::kubernetes {

/// Which object. The version of its API is no part of what it is: only of how it is asked for.
struct ObjectId {
    std::string api_version;  ///< "v1", "apps/v1"
    std::string kind;
    std::string space;  ///< namespace; empty for kinds without one, or where it was not said
    std::string name;

    std::string group() const;
    /// "apps/Deployment/default/web": names it wherever one is recorded.
    std::string address() const;
    friend bool operator==(const ObjectId&, const ObjectId&) = default;
};

/// Authoring errors: no object, or without apiVersion, kind or name. Lists are taken apart by objects_of().
Result<ObjectId> id_of(const boost::json::object& object);
/// The same kind and name; the namespace counts as equal where one of them does not say it.
bool same_object(const ObjectId& a, const ObjectId& b);

/// All objects of a YAML stream, Lists taken apart; what does not say its namespace gets `space` unless its
/// kind is known to have none. Duplicates are authoring errors.
Result<std::vector<boost::json::object>> objects_of(std::string_view yaml, std::string_view what,
                                                    const std::string& space);

/// Kinds of Kubernetes itself that have no namespace. Kinds of others have to say theirs.
bool is_cluster_wide(const ObjectId& id);

/// Where a kind stands in the order of creation: namespaces 0, definitions 1, … workloads, what intercepts
/// others last.
int creation_rank(const ObjectId& id);

/// Just enough of an object for a client to look for it.
boost::json::object stub_of(const ObjectId& id);

}  // namespace slipway::kubernetes
