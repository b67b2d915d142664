// Charts of these tests, as small as they may be.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace slipway::test {

using Templates = std::vector<std::pair<std::string, std::string>>;

inline std::string config_map(const std::string& name, const std::string& value,
                              const std::string& annotations = {}) {
    return "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: " + name +
           (annotations.empty() ? "" : "\n  annotations: {" + annotations + "}") + "\ndata:\n  value: \"" +
           value + "\"\n";
}

inline std::string deployment(const std::string& name, const std::string& image) {
    return "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: " + name +
           "\nspec:\n  replicas: 2\n  selector: {matchLabels: {app: " + name +
           "}}\n  template:\n    metadata: {labels: {app: " + name +
           "}}\n    spec:\n      containers:\n      - name: main\n        image: " + image + "\n";
}

inline std::string hook_job(const std::string& name, const std::string& events,
                            const std::string& more = {}) {
    return "apiVersion: batch/v1\nkind: Job\nmetadata:\n  name: " + name +
           "\n  annotations:\n    helm.sh/hook: " + events +
           "\n    helm.sh/hook-delete-policy: before-hook-creation\n" + more +
           "spec:\n  template:\n    spec:\n      restartPolicy: Never\n      containers: [{name: j, image: "
           "busybox}]\n";
}

/// A ConfigMap and a Deployment.
inline Templates small_chart(const std::string& version) {
    return {{"a.yaml", config_map("settings", version)}, {"b.yaml", deployment("web", "nginx:" + version)}};
}

}  // namespace slipway::test
