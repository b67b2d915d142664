// What both kinds of manifest steps share: the input, what is approved, and dealings with a component's
// objects.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "slipway/executor.hpp"
#include "steps/kubernetes/diff.hpp"
#include "steps/kubernetes/inventory.hpp"
#include "steps/kubernetes/json.hpp"

namespace slipway::kubernetes {

inline constexpr const char* kManager = "slipway";

struct ManifestInput {
    std::string component;
    std::string space;
    bool destroy = false;
    bool force = false;  ///< conflicts are shown, and forced once this plan is approved
    bool wait = true;
    DurationMs timeout_ms = 300'000;
    std::vector<json::object> objects;  ///< in the order in which they are applied
    Access access;
    std::string artifact;  ///< what it was built to; empty: it was not built
    std::string owner;     ///< whose objects they are; may be empty
};

/// The YAML stream that an input is about: its text, its objects, or what was built.
Result<std::string> manifest_text(process::Tools& tools, const ClusterOptions& options,
                                  const json::object& input);
/// Authoring errors name the document. Secrets are resolved, and `mask` knows them then.
Result<ManifestInput> read_manifest_input(process::Tools& tools, const ClusterOptions& options, Mask& mask);
/// The namespace of the inventory has to be made first.
Result<bool> lacks_namespace(Kubectl& kubectl, const ManifestInput& input, const Inventory& inventory);

/// What is approved: exactly these objects, forced or not. Canonical.
std::string encode_approved(const ManifestInput& input);
Result<ManifestInput> decode_approved(std::string_view text);

/// Members of the inventory that are not wanted any more and still live as the object that was recorded.
struct Surplus {
    std::vector<std::pair<ObjectId, std::string>> live;  ///< with their uids, in the order of deletion
    std::vector<std::string> kept;                       ///< their own annotation keeps them
};
Result<Surplus> surplus_of(Kubectl& kubectl, const Inventory& inventory,
                           const std::vector<json::object>& wanted, const std::string& component);

/// What would change. Conflicts are told; where there are some the prediction is made as if they were forced.
struct Prediction {
    std::vector<ObjectChange> changes;
    std::string conflicts;
    std::vector<std::string> kept;
};
Result<Prediction> predict(Kubectl& kubectl, const ManifestInput& input, const Inventory& inventory);

std::string manifest_key_of(const AttemptInfo& info);

std::shared_ptr<Executor> make_manifest_plan(const ClusterOptions& options);
std::shared_ptr<Executor> make_manifest_apply(const ClusterOptions& options);
std::shared_ptr<Executor> make_manifest_drift(const ClusterOptions& options);

}  // namespace slipway::kubernetes
