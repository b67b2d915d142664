#include "steps/kubernetes/inventory.hpp"

#include <algorithm>
#include <boost/json.hpp>

#include "steps/kubernetes/json.hpp"

namespace slipway::kubernetes {

Inventories::Inventories(Kubectl& kubectl, std::string space, std::string component) : kubectl_(kubectl) {
    id_ = {"v1", "ConfigMap", std::move(space), "slipway-inventory-" + std::move(component)};
}

Result<Inventory> Inventories::read() {
    SLIPWAY_TRY(const auto path, kubectl_.path_of(id_));
    if (!path) {
        return environment_error(ErrorCode::kUnsupported, "the cluster has no ConfigMaps");
    }
    SLIPWAY_TRY(const auto stored, kubectl_.get_raw(*path));
    Inventory out;
    if (!stored) {
        return out;
    }
    SLIPWAY_TRY(const auto root, parse_object(text_at(*stored, {"data", "inventory"}), "the inventory"));
    out.op = text_of(root, "op");
    out.key = text_of(root, "key");
    out.owner = text_of(root, "owner");
    out.done = flag_of(root, "done", true);
    out.resource_version = text_at(*stored, {"metadata", "resourceVersion"});
    for (const auto& item : array_of(root, "members")) {
        if (const auto* member = item.if_object()) {
            out.members.push_back({{text_of(*member, "apiVersion"), text_of(*member, "kind"),
                                    text_of(*member, "namespace"), text_of(*member, "name")},
                                   text_of(*member, "uid")});
        }
    }
    return out;
}

Result<void> Inventories::write(const Inventory& inventory) {
    json::array members;
    for (const auto& member : inventory.members) {
        members.push_back(json::object{{"apiVersion", member.id.api_version},
                                       {"kind", member.id.kind},
                                       {"namespace", member.id.space},
                                       {"name", member.id.name},
                                       {"uid", member.uid}});
    }
    const json::object root{{"format", 1},
                            {"op", inventory.op},
                            {"key", inventory.key},
                            {"owner", inventory.owner},
                            {"done", inventory.done},
                            {"members", std::move(members)}};
    json::object object = stub_of(id_);
    object["metadata"].as_object()["labels"] = json::object{{"app.kubernetes.io/managed-by", "slipway"}};
    object["data"] = json::object{{"inventory", canonical(root)}};
    const auto named = id_;
    auto collection = named;
    collection.name.clear();
    const bool fresh = inventory.resource_version.empty();
    SLIPWAY_TRY(const auto path, kubectl_.path_of(fresh ? collection : named));
    if (!path) {
        return environment_error(ErrorCode::kUnsupported, "the cluster has no ConfigMaps");
    }
    if (fresh) {
        return kubectl_.create_raw(*path, object);
    }
    object["metadata"].as_object()["resourceVersion"] = inventory.resource_version;
    return kubectl_.replace_raw(*path, object);
}

Result<void> Inventories::erase() {
    SLIPWAY_TRY(const auto stored, kubectl_.get_all({id_}));
    if (!stored.empty()) {
        SLIPWAY_TRY([[maybe_unused]] const bool gone,
                    kubectl_.remove(id_, text_at(stored.front(), {"metadata", "uid"}), "Background"));
    }
    return {};
}

bool has(const std::vector<Member>& members, const ObjectId& id) {
    return std::any_of(members.begin(), members.end(),
                       [&](const Member& member) { return same_object(member.id, id); });
}

std::vector<Member> union_of(std::vector<Member> a, const std::vector<Member>& b) {
    for (const auto& member : b) {
        if (!has(a, member.id)) {
            a.push_back(member);
        }
    }
    return a;
}

}  // namespace slipway::kubernetes
