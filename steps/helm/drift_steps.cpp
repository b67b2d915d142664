// helm.drift: what lives against what the current revision of a release says. It reads only.
#include <boost/json.hpp>

#include "steps/helm/cluster.hpp"
#include "steps/helm/executors.hpp"
#include "steps/helm/inputs.hpp"
#include "steps/kubernetes/drift.hpp"
#include "steps/kubernetes/json.hpp"
#include "steps/kubernetes/looking_steps.hpp"

namespace slipway::helm {
namespace {

Result<Outcome> check_drift(process::Tools& tools, const HelmOptions& options, kubernetes::Mask& mask) {
    SLIPWAY_TRY(const auto input, read_input(tools.context(), options, mask));
    SLIPWAY_TRY(const auto tooling, find_tools(options));
    Cluster cluster(tools, options, tooling, {input.release, input.space, input.driver}, input.access,
                    "drift");
    SLIPWAY_TRY(const auto history, cluster.history());
    const auto* current = current_of(history);
    kubernetes::Drift drift{"helm", "release " + input.release + " in " + input.space, {}, {}, {}};
    if (current == nullptr || current->status != "deployed") {
        drift.not_applied = current == nullptr
                                ? "there is no such release"
                                : "no revision is deployed: the last one is " + current->status;
        return kubernetes::show_drift(drift, mask);
    }
    drift.applied = "revision " + std::to_string(current->revision);
    SLIPWAY_TRY(auto live, cluster.compare(documents_of(current->manifest), {*current}));
    drift.changes = std::move(live.changes);
    return kubernetes::show_drift(drift, mask);
}

}  // namespace

std::shared_ptr<Executor> make_drift_steps(const HelmOptions& options) {
    return kubernetes::make_looking_steps("helm.drift", "helm", options.cluster.supervisor_path,
                                          [options](process::Tools& tools, kubernetes::Mask& mask) {
                                              return check_drift(tools, options, mask);
                                          });
}

}  // namespace slipway::helm
