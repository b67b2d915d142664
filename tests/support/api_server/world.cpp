// What controllers of a real cluster would do, and the doors for tests.
#include <algorithm>
#include <chrono>

#include "tests/support/api_server/objects.hpp"
#include "tests/support/api_server/protobuf.hpp"

namespace slipway::test {
namespace {

std::string name_of(const json::object& object, const char* member) {
    const auto* metadata = object.if_contains("metadata");
    const auto* value = metadata == nullptr ? nullptr : metadata->as_object().if_contains(member);
    return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

json::array condition(const char* type) {
    return {json::object{{"type", type}, {"status", "True"}}};
}

std::int64_t replicas_of(const json::object& object) {
    const auto* spec = object.if_contains("spec");
    const auto* replicas = spec == nullptr ? nullptr : spec->as_object().if_contains("replicas");
    return replicas == nullptr || !replicas->is_number() ? 1 : replicas->to_number<std::int64_t>();
}

void fold_string_data(json::object& secret) {
    auto* plain = secret.if_contains("stringData");
    if (plain == nullptr || !plain->is_object()) {
        return;
    }
    auto& data = secret["data"];
    if (!data.is_object()) {
        data = json::object();
    }
    for (const auto& member : plain->get_object()) {
        data.get_object()[member.key()] = base64(std::string(member.value().as_string()));
    }
    secret.erase("stringData");
}

}  // namespace

void Objects::settle(Entry& entry) {
    auto& object = entry.object;
    const auto name = name_of(object, "name");
    const auto& kind = entry.type.kind;
    const bool held = unready_.contains(name);
    const auto generation = object.at("metadata").as_object().at("generation");
    const auto replicas = held ? 0 : replicas_of(object);
    if (kind == "Secret") {
        fold_string_data(object);
    } else if (kind == "Service") {
        auto& spec = object["spec"];
        if (spec.is_object() && !spec.get_object().contains("clusterIP")) {
            spec.get_object()["clusterIP"] = "10.0.0." + std::to_string(1 + uid_ % 250);
        }
    } else if (kind == "Deployment" || kind == "StatefulSet" || kind == "ReplicaSet") {
        object["status"] = json::object{{"observedGeneration", generation}, {"replicas", replicas},
                                        {"updatedReplicas", replicas},      {"readyReplicas", replicas},
                                        {"availableReplicas", replicas},    {"currentReplicas", replicas}};
    } else if (kind == "Job") {
        object["status"] = held ? json::object{{"active", 1}}
                                : json::object{{"succeeded", 1}, {"conditions", condition("Complete")}};
    } else if (kind == "Pod") {
        object["status"] = json::object{{"phase", held ? "Pending" : "Succeeded"}};
    } else if (kind == "PersistentVolumeClaim") {
        object["status"] = json::object{{"phase", held ? "Pending" : "Bound"}};
    } else if (kind == "CustomResourceDefinition") {
        object["status"] = json::object{
            {"conditions", json::array{json::object{{"type", "Established"}, {"status", "True"}},
                                       json::object{{"type", "NamesAccepted"}, {"status", "True"}}}}};
    } else if (kind == "Namespace") {
        object["status"] = json::object{{"phase", "Active"}};
    }
}

void Objects::make_replica_set(const json::object& deployment) {
    const auto* spec = deployment.if_contains("spec");
    if (spec == nullptr || !spec->is_object() || !spec->get_object().contains("template")) {
        return;
    }
    const auto space = name_of(deployment, "namespace");
    const auto name = name_of(deployment, "name");
    const json::value wanted = spec->get_object().at("template");
    const auto hash = std::to_string(std::hash<std::string>{}(json::serialize(wanted)) % 1000000000U);
    const auto type = *find_type("/apis/apps/v1", "replicasets");
    const Place place{type, space, name + "-" + hash};
    if (entries_.contains(key_of(place))) {
        return;
    }
    json::value pods = wanted;
    pods.as_object()["metadata"].emplace_object();
    if (const auto* own = wanted.as_object().if_contains("metadata"); own != nullptr && own->is_object()) {
        pods.as_object()["metadata"] = *own;
    }
    auto& labels = pods.as_object()["metadata"].as_object()["labels"];
    if (!labels.is_object()) {
        labels = json::object();
    }
    labels.as_object()["pod-template-hash"] = hash;
    json::object owner{{"apiVersion", "apps/v1"},
                       {"kind", "Deployment"},
                       {"name", name},
                       {"uid", name_of(deployment, "uid")},
                       {"controller", true}};
    json::object set{
        {"apiVersion", "apps/v1"},
        {"kind", "ReplicaSet"},
        {"metadata",
         json::object{
             {"name", place.name}, {"labels", labels}, {"ownerReferences", json::array{std::move(owner)}}}},
        {"spec", json::object{{"replicas", replicas_of(deployment)}, {"template", std::move(pods)}}}};
    if (unready_.contains(name)) {
        unready_[place.name] = true;
    }
    (void)create(place, {"POST", "", "controller"}, std::move(set));
}

std::vector<std::string> Objects::listing() const {
    const std::lock_guard lock(mutex_);
    std::vector<std::string> out;
    for (const auto& [key, entry] : entries_) {
        const auto space = name_of(entry.object, "namespace");
        const auto name = name_of(entry.object, "name");
        if (entry.type.kind != "ReplicaSet" && (entry.type.kind != "Namespace" || name != "kube-system")) {
            out.push_back(entry.type.kind + "/" + (space.empty() ? "" : space + "/") + name);
        }
    }
    std::sort(out.begin(), out.end());
    return out;
}

std::optional<json::object> Objects::find(const std::string& kind, const std::string& space,
                                          const std::string& name) const {
    const std::lock_guard lock(mutex_);
    for (const auto& [key, entry] : entries_) {
        if (entry.type.kind == kind && name_of(entry.object, "namespace") == space &&
            name_of(entry.object, "name") == name) {
            return entry.object;
        }
    }
    return std::nullopt;
}

void Objects::change(const std::string& kind, const std::string& space, const std::string& name,
                     const json::value& merge, const std::string& manager) {
    const std::lock_guard lock(mutex_);
    for (auto& [key, entry] : entries_) {
        if (entry.type.kind == kind && name_of(entry.object, "namespace") == space &&
            name_of(entry.object, "name") == name) {
            auto copy = entry;
            (void)patch({copy.type, space, name}, {"PATCH", "application/merge-patch+json", manager}, merge);
            return;
        }
    }
}

void Objects::erase(const std::string& kind, const std::string& space, const std::string& name) {
    const std::lock_guard lock(mutex_);
    for (const auto& [key, entry] : entries_) {
        if (entry.type.kind == kind && name_of(entry.object, "namespace") == space &&
            name_of(entry.object, "name") == name) {
            drop(Key(key));
            return;
        }
    }
}

void Objects::hold_unready(const std::string& name) {
    const std::lock_guard lock(mutex_);
    unready_[name] = true;
}

std::vector<WatchEvent> Objects::events_after(std::uint64_t version, int wait_ms) const {
    std::unique_lock lock(mutex_);
    const auto is_new = [&] { return !events_.empty() && events_.back().version > version; };
    changed_.wait_for(lock, std::chrono::milliseconds(wait_ms), is_new);
    std::vector<WatchEvent> out;
    for (const auto& event : events_) {
        if (event.version > version) {
            out.push_back(event);
        }
    }
    return out;
}

std::uint64_t Objects::version() const {
    const std::lock_guard lock(mutex_);
    return version_;
}

}  // namespace slipway::test
