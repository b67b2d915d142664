// Manifests of these tests.
#pragma once

#include <string>

#include "tests/support/cluster/world.hpp"

namespace slipway::test {

inline std::string config(const std::string& name, const std::string& value) {
    return "---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: " + name + "\ndata:\n  value: \"" +
           value + "\"\n";
}

inline json::object manifest_input(const std::string& manifest, const std::string& mode = "apply") {
    return {{"component", "shop"},
            {"namespace", "default"},
            {"mode", mode},
            {"manifest", manifest},
            {"timeout_ms", 8000}};
}

inline std::string value_in(ClusterWorld& world, const std::string& name) {
    const auto object = world.server.objects().find("ConfigMap", "default", name);
    return object ? std::string(object->at("data").as_object().at("value").as_string()) : "(none)";
}

}  // namespace slipway::test
