#include "tests/support/api_server/types.hpp"

#include <algorithm>
#include <map>

namespace slipway::test {
namespace {

json::array verbs() {
    return {"create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"};
}

std::string lower(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return text;
}

json::object aggregated_resource(const ResourceType& type) {
    json::object out{
        {"resource", type.plural},
        {"responseKind", json::object{{"group", type.group}, {"version", type.version}, {"kind", type.kind}}},
        {"scope", type.namespaced ? "Namespaced" : "Cluster"},
        {"singularResource", lower(type.kind)},
        {"verbs", verbs()},
    };
    if (!type.short_name.empty()) {
        out["shortNames"] = json::array{json::value(type.short_name)};
    }
    return out;
}

/// group -> version -> types, in the order of the table.
std::map<std::string, std::map<std::string, std::vector<const ResourceType*>>> by_group(
    const ResourceTypes& types, bool core) {
    std::map<std::string, std::map<std::string, std::vector<const ResourceType*>>> out;
    for (const auto& type : types) {
        if (type.group.empty() == core) {
            out[type.group][type.version].push_back(&type);
        }
    }
    return out;
}

json::object aggregated_list(const ResourceTypes& types, bool core) {
    json::array items;
    for (const auto& [group, versions] : by_group(types, core)) {
        json::array list;
        for (const auto& [version, members] : versions) {
            json::array resources;
            for (const auto* type : members) {
                resources.push_back(aggregated_resource(*type));
            }
            list.push_back(json::object{
                {"version", version}, {"resources", std::move(resources)}, {"freshness", "Current"}});
        }
        json::object metadata;
        if (!group.empty()) {
            metadata["name"] = group;
        }
        items.push_back(json::object{{"metadata", std::move(metadata)}, {"versions", std::move(list)}});
    }
    return {{"kind", "APIGroupDiscoveryList"},
            {"apiVersion", "apidiscovery.k8s.io/v2"},
            {"metadata", json::object()},
            {"items", std::move(items)}};
}

}  // namespace

ResourceTypes builtin_types() {
    return {
        {"", "v1", "Namespace", "namespaces", false, "ns"},
        {"", "v1", "ConfigMap", "configmaps", true, "cm"},
        {"", "v1", "Secret", "secrets"},
        {"", "v1", "Service", "services", true, "svc"},
        {"", "v1", "ServiceAccount", "serviceaccounts", true, "sa"},
        {"", "v1", "Pod", "pods", true, "po"},
        {"", "v1", "PersistentVolumeClaim", "persistentvolumeclaims", true, "pvc"},
        {"", "v1", "Event", "events"},
        {"apps", "v1", "Deployment", "deployments", true, "deploy"},
        {"apps", "v1", "ReplicaSet", "replicasets", true, "rs"},
        {"apps", "v1", "StatefulSet", "statefulsets", true, "sts"},
        {"apps", "v1", "DaemonSet", "daemonsets", true, "ds"},
        {"batch", "v1", "Job", "jobs"},
        {"batch", "v1", "CronJob", "cronjobs", true, "cj"},
        {"networking.k8s.io", "v1", "Ingress", "ingresses", true, "ing"},
        {"rbac.authorization.k8s.io", "v1", "Role", "roles"},
        {"rbac.authorization.k8s.io", "v1", "RoleBinding", "rolebindings"},
        {"rbac.authorization.k8s.io", "v1", "ClusterRole", "clusterroles", false},
        {"rbac.authorization.k8s.io", "v1", "ClusterRoleBinding", "clusterrolebindings", false},
        {"apiextensions.k8s.io", "v1", "CustomResourceDefinition", "customresourcedefinitions", false, "crd"},
    };
}

ResourceType type_of_crd(const json::object& crd) {
    const auto& spec = crd.at("spec").as_object();
    const auto& names = spec.at("names").as_object();
    const auto text = [](const json::value& value) { return std::string(value.as_string()); };
    return {text(spec.at("group")), text(spec.at("versions").as_array().at(0).as_object().at("name")),
            text(names.at("kind")), text(names.at("plural")), spec.at("scope").as_string() == "Namespaced"};
}

json::object discovery(const ResourceTypes& types, bool core, bool aggregated) {
    if (aggregated) {
        return aggregated_list(types, core);
    }
    if (core) {
        return {{"kind", "APIVersions"}, {"versions", json::array{"v1"}}};
    }
    json::array groups;
    for (const auto& [group, versions] : by_group(types, false)) {
        json::array list;
        for (const auto& entry : versions) {
            list.push_back(
                json::object{{"groupVersion", group + "/" + entry.first}, {"version", entry.first}});
        }
        const auto preferred = list.front();
        groups.push_back(
            json::object{{"name", group}, {"versions", std::move(list)}, {"preferredVersion", preferred}});
    }
    return {{"kind", "APIGroupList"}, {"apiVersion", "v1"}, {"groups", std::move(groups)}};
}

json::object resource_list(const ResourceTypes& types, const std::string& group_version) {
    json::array resources;
    for (const auto& type : types) {
        if (type.group_version() == group_version) {
            resources.push_back(json::object{{"name", type.plural},
                                             {"singularName", lower(type.kind)},
                                             {"namespaced", type.namespaced},
                                             {"kind", type.kind},
                                             {"verbs", verbs()}});
        }
    }
    if (resources.empty()) {
        return {};
    }
    return {{"kind", "APIResourceList"},
            {"apiVersion", "v1"},
            {"groupVersion", group_version},
            {"resources", std::move(resources)}};
}

json::object openapi_index(const ResourceTypes& types) {
    json::object paths;
    for (const auto& type : types) {
        const auto root = type.root().substr(1);
        paths[root] = json::object{{"serverRelativeURL", "/openapi/v3/" + root + "?hash=1"}};
    }
    return {{"paths", std::move(paths)}};
}

json::object openapi_document(const ResourceTypes& types, const std::string& root) {
    json::object paths;
    for (const auto& type : types) {
        if (type.root() != "/" + root) {
            continue;
        }
        json::array parameters;
        for (const char* name : {"dryRun", "fieldManager", "fieldValidation", "force"}) {
            parameters.push_back(
                json::object{{"name", name}, {"in", "query"}, {"schema", json::object{{"type", "string"}}}});
        }
        const json::object gvk{{"group", type.group}, {"version", type.version}, {"kind", type.kind}};
        const auto place = type.namespaced ? "/namespaces/{namespace}/" : "/";
        paths[type.root() + place + type.plural + "/{name}"] =
            json::object{{"patch", json::object{{"x-kubernetes-action", "patch"},
                                                {"x-kubernetes-group-version-kind", gvk},
                                                {"parameters", std::move(parameters)},
                                                {"responses", json::object()}}}};
    }
    return {{"openapi", "3.0.0"},
            {"info", json::object{{"title", "stand-in"}, {"version", "v1"}}},
            {"paths", std::move(paths)},
            {"components", json::object{{"schemas", json::object()}}}};
}

}  // namespace slipway::test
