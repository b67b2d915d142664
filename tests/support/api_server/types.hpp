// Which kinds of objects the stand-in knows, and the documents by which clients find them out.
#pragma once

#include <boost/json.hpp>
#include <string>
#include <vector>

namespace slipway::test {

namespace json = boost::json;

struct ResourceType {
    std::string group;  ///< empty: the core group
    std::string version;
    std::string kind;
    std::string plural;
    bool namespaced = true;
    std::string short_name = {};

    std::string group_version() const { return group.empty() ? version : group + "/" + version; }
    /// "/api/v1" or "/apis/GROUP/VERSION".
    std::string root() const { return group.empty() ? "/api/" + version : "/apis/" + group_version(); }
};

using ResourceTypes = std::vector<ResourceType>;

ResourceTypes builtin_types();
/// The type that a CustomResourceDefinition stands for: its first version.
ResourceType type_of_crd(const json::object& crd);

/// "/api" when `core`, else "/apis"; in the aggregated form (kinds and all) or the short one.
json::object discovery(const ResourceTypes& types, bool core, bool aggregated);
/// What "/apis/GROUP/VERSION" answers; empty when there is no such group version.
json::object resource_list(const ResourceTypes& types, const std::string& group_version);
/// The index of "/openapi/v3", and the document of one root ("apis/apps/v1"): just enough for clients to see
/// that the server validates fields.
json::object openapi_index(const ResourceTypes& types);
json::object openapi_document(const ResourceTypes& types, const std::string& root);

}  // namespace slipway::test
