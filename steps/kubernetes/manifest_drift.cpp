// manifest.drift: what lives against what the component's manifest says, as the server sees it. It reads
// only.
#include <algorithm>
#include <boost/json.hpp>

#include "steps/kubernetes/drift.hpp"
#include "steps/kubernetes/looking_steps.hpp"
#include "steps/kubernetes/manifest.hpp"

namespace slipway::kubernetes {
namespace {

constexpr const char* kGetTools = "install kubectl, or name its folder to the host";

/// What is not applied yet, or not any more, is no drift.
Result<Outcome> check_drift(process::Tools& tools, const ClusterOptions& options, Mask& mask) {
    SLIPWAY_TRY(const auto input, read_manifest_input(tools, options, mask));
    SLIPWAY_TRY(const auto program, process::find_tool("kubectl", options.tool_dirs, kGetTools));
    Kubectl kubectl(tools, program, input.access, "drift", options);
    SLIPWAY_TRY(const auto inventory, Inventories(kubectl, input.space, input.component).read());
    Drift drift{"manifest", "component " + input.component + " in " + input.space, {}, {}, {}};
    const auto op = sha256(encode_approved(input)).hex().substr(0, inventory.op.size());
    if (inventory.resource_version.empty() || !inventory.done) {
        drift.not_applied = inventory.done ? "nothing of it is applied" : "an apply did not come to its end";
    } else if (inventory.op != op) {
        drift.not_applied = "another content than this one is applied";
    } else {
        drift.applied = "content " + inventory.op.substr(0, 12);
        SLIPWAY_TRY(auto prediction, predict(kubectl, input, inventory));
        drift.changes = std::move(prediction.changes);
    }
    return show_drift(drift, mask);
}

}  // namespace

std::shared_ptr<Executor> make_manifest_drift(const ClusterOptions& options) {
    return make_looking_steps(
        "manifest.drift", "manifest", options.supervisor_path,
        [options](process::Tools& tools, Mask& mask) { return check_drift(tools, options, mask); });
}

}  // namespace slipway::kubernetes
