// Inputs of the steps that work on a cluster or bring images.
#pragma once

#include <string>

#include "engine/install/json.hpp"
#include "slipway/lifecycle/state.hpp"

namespace slipway::lifecycle {

struct ClusterPart {
    const Install& install;
    const Component& component;
    const PartState& deployed;  ///< as it is now
    bool destroy = false;
};

/// A removal is given only what it needs to find what is there.
json::object helm_input(const ClusterPart& part);
json::object manifest_input(const ClusterPart& part);
/// The pod that a component of the type `job` describes, as a manifest made for it.
json::object job_input(const ClusterPart& part);
json::object image_input(const ClusterPart& part);

/// The name of the release of a chart: what the app calls it, or the component's.
std::string release_of(const Component& component);

/// A component's name in the letters that Kubernetes takes; different names stay different.
std::string kubernetes_name(const std::string& component);

}  // namespace slipway::lifecycle
