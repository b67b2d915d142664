#include "steps/kubernetes/readiness.hpp"

#include <boost/json.hpp>

#include "steps/kubernetes/json.hpp"

namespace slipway::kubernetes {
namespace {

const json::object* condition(const json::object& object, std::string_view type) {
    for (const auto& item : array_of(object_of(object, "status"), "conditions")) {
        if (item.is_object() && text_of(item.get_object(), "type") == type) {
            return &item.get_object();
        }
    }
    return nullptr;
}

bool is_true(const json::object& object, std::string_view type) {
    const auto* found = condition(object, type);
    return found != nullptr && text_of(*found, "status") == "True";
}

ReadyState waiting(std::string why) {
    return {Readiness::kWaiting, std::move(why)};
}

bool was_seen(const json::object& object) {
    return number_of(object_of(object, "status"), "observedGeneration") >=
           number_of(object_of(object, "metadata"), "generation");
}

ReadyState workload(const json::object& object, const std::string& kind) {
    const auto& status = object_of(object, "status");
    const auto* progressing = condition(object, "Progressing");
    if (progressing != nullptr && text_of(*progressing, "reason") == "ProgressDeadlineExceeded") {
        return {Readiness::kFailed, "its progress deadline is exceeded"};
    }
    if (!was_seen(object)) {
        return waiting("the controller has not seen it yet");
    }
    const bool daemon = kind == "DaemonSet";
    const auto wanted = daemon ? number_of(status, "desiredNumberScheduled")
                               : number_of(object_of(object, "spec"), "replicas", 1);
    const auto updated = number_of(status, daemon ? "updatedNumberScheduled" : "updatedReplicas");
    const auto ready = number_of(status, daemon                  ? "numberAvailable"
                                         : kind == "StatefulSet" ? "readyReplicas"
                                                                 : "availableReplicas");
    if (updated < wanted || ready < wanted) {
        return waiting(std::to_string(updated) + " updated and " + std::to_string(ready) + " ready of " +
                       std::to_string(wanted));
    }
    if (kind == "Deployment" && number_of(status, "replicas") > wanted) {
        return waiting("old replicas are still there");
    }
    return {};
}

}  // namespace

ReadyState readiness_of(const json::object& object) {
    const auto kind = text_of(object, "kind");
    const auto phase = text_at(object, {"status", "phase"});
    if (kind == "Deployment" || kind == "StatefulSet" || kind == "DaemonSet") {
        return workload(object, kind);
    }
    if (kind == "Job") {
        if (is_true(object, "Failed")) {
            return {Readiness::kFailed, "the Job failed"};
        }
        return is_true(object, "Complete") ? ReadyState{} : waiting("the Job has not completed");
    }
    if (kind == "Pod") {
        if (phase == "Failed") {
            return {Readiness::kFailed, "the Pod failed"};
        }
        return phase == "Succeeded" || is_true(object, "Ready") ? ReadyState{}
                                                                : waiting("the Pod is " + phase);
    }
    if (kind == "PersistentVolumeClaim") {
        return phase == "Bound" ? ReadyState{} : waiting("the claim is not bound");
    }
    if (kind == "CustomResourceDefinition") {
        return is_true(object, "Established") ? ReadyState{} : waiting("the definition is not established");
    }
    if (kind == "APIService") {
        return is_true(object, "Available") ? ReadyState{} : waiting("the API is not available");
    }
    if (kind == "Service" && text_at(object, {"spec", "type"}) == "LoadBalancer") {
        const auto& ingress = value_at(object, {"status", "loadBalancer", "ingress"});
        return ingress.is_array() && !ingress.get_array().empty()
                   ? ReadyState{}
                   : waiting("the load balancer has no address");
    }
    const auto* ready = condition(object, "Ready");
    return ready == nullptr || text_of(*ready, "status") == "True" ? ReadyState{}
                                                                   : waiting("it is not Ready");
}

}  // namespace slipway::kubernetes
