#include "steps/kubernetes/objects.hpp"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <set>

#include "slipway/ids.hpp"
#include "steps/kubernetes/json.hpp"
#include "steps/kubernetes/yaml.hpp"

namespace slipway::kubernetes {
namespace {

/// A name of its own for every content: then applying it twice is applying it once (K5).
Result<void> settle_name(json::object& object) {
    auto* metadata = object.if_contains("metadata");
    if (metadata == nullptr || !metadata->is_object() || !metadata->get_object().contains("generateName")) {
        return {};
    }
    const auto prefix = text_of(metadata->get_object(), "generateName");
    if (text_of(object, "kind") != "Job") {
        return authoring_error(text_of(object, "kind") + " " + prefix +
                                   ": generateName makes another object each time it is applied",
                               "give it a name");
    }
    metadata->get_object().erase("generateName");
    metadata->get_object()["name"] = prefix + sha256(canonical(object)).hex().substr(0, 10);
    return {};
}

Result<void> take(json::value value, const std::string& space, std::vector<json::object>& out) {
    if (!value.is_object()) {
        return authoring_error("a document is no object");
    }
    auto& object = value.get_object();
    const auto kind = text_of(object, "kind");
    if (kind.ends_with("List") && object.contains("items")) {
        for (const auto& item : array_of(object, "items")) {
            SLIPWAY_CHECK(take(item, space, out));
        }
        return {};
    }
    SLIPWAY_CHECK(settle_name(object));
    SLIPWAY_TRY(auto id, id_of(object));
    if (id.space.empty() && !space.empty() && !is_cluster_wide(id)) {
        object["metadata"].get_object()["namespace"] = space;
        id.space = space;
    }
    out.push_back(std::move(object));
    return {};
}

}  // namespace

std::string ObjectId::group() const {
    const auto at = api_version.find('/');
    return at == std::string::npos ? std::string() : api_version.substr(0, at);
}

std::string ObjectId::address() const {
    const auto of = group();
    return (of.empty() ? "" : of + "/") + kind + "/" + (space.empty() ? "" : space + "/") + name;
}

Result<ObjectId> id_of(const json::object& object) {
    ObjectId id{text_of(object, "apiVersion"), text_of(object, "kind"),
                text_at(object, {"metadata", "namespace"}), text_at(object, {"metadata", "name"})};
    for (const auto& [value, what] : {std::pair{&id.api_version, "apiVersion"}, std::pair{&id.kind, "kind"},
                                      std::pair{&id.name, "metadata.name"}}) {
        if (value->empty()) {
            return authoring_error("an object has no " + std::string(what) +
                                   (id.kind.empty() ? "" : " (its kind is " + id.kind + ")"));
        }
    }
    return id;
}

bool same_object(const ObjectId& a, const ObjectId& b) {
    const bool spaces = a.space == b.space || a.space.empty() || b.space.empty();
    return spaces && a.kind == b.kind && a.name == b.name && a.group() == b.group();
}

Result<std::vector<json::object>> objects_of(std::string_view yaml, std::string_view what,
                                             const std::string& space) {
    SLIPWAY_TRY(auto documents, parse_yaml(yaml, what));
    std::vector<json::object> out;
    for (auto& document : documents) {
        if (auto taken = take(std::move(document), space, out); !taken) {
            return authoring_error(std::string(what) + ": " + taken.error().message);
        }
    }
    std::set<std::string> seen;
    for (const auto& object : out) {
        const auto address = id_of(object)->address();
        if (!seen.insert(address).second) {
            return authoring_error(std::string(what) + ": " + address + " stands in it twice");
        }
    }
    return out;
}

bool is_cluster_wide(const ObjectId& id) {
    static const std::set<std::string> kKinds = {"Namespace",
                                                 "Node",
                                                 "PersistentVolume",
                                                 "ClusterRole",
                                                 "ClusterRoleBinding",
                                                 "CustomResourceDefinition",
                                                 "StorageClass",
                                                 "PriorityClass",
                                                 "IngressClass",
                                                 "RuntimeClass",
                                                 "APIService",
                                                 "MutatingWebhookConfiguration",
                                                 "ValidatingWebhookConfiguration",
                                                 "ValidatingAdmissionPolicy",
                                                 "ValidatingAdmissionPolicyBinding",
                                                 "CSIDriver",
                                                 "VolumeSnapshotClass",
                                                 "ClusterIssuer",
                                                 "ClusterSecretStore",
                                                 "ClusterPolicy",
                                                 "NodePool",
                                                 "EC2NodeClass",
                                                 "GatewayClass"};
    return kKinds.contains(id.kind);
}

int creation_rank(const ObjectId& id) {
    static const std::array<std::set<std::string>, 6> kOrder = {{
        {"Namespace"},
        {"CustomResourceDefinition"},
        {"ServiceAccount", "Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding", "PriorityClass",
         "ResourceQuota", "LimitRange", "NetworkPolicy"},
        {"ConfigMap", "Secret", "StorageClass", "PersistentVolume", "PersistentVolumeClaim"},
        {"Service", "IngressClass"},
        {},
    }};
    static const std::set<std::string> kLast = {"APIService", "MutatingWebhookConfiguration",
                                                "ValidatingWebhookConfiguration"};
    for (std::size_t rank = 0; rank < kOrder.size(); ++rank) {
        if (kOrder[rank].contains(id.kind)) {
            return static_cast<int>(rank);
        }
    }
    return kLast.contains(id.kind) ? 6 : 5;
}

json::object stub_of(const ObjectId& id) {
    json::object metadata{{"name", id.name}};
    if (!id.space.empty()) {
        metadata["namespace"] = id.space;
    }
    return {{"apiVersion", id.api_version}, {"kind", id.kind}, {"metadata", std::move(metadata)}};
}

}  // namespace slipway::kubernetes
