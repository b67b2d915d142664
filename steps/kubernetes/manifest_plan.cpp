// manifest.plan: asks the server what an apply would do, and seals exactly what would be applied. It changes
// nothing; after a crash it is simply done again.
#include <boost/json.hpp>

#include "steps/kubernetes/drift.hpp"
#include "steps/kubernetes/json.hpp"
#include "steps/kubernetes/looking_steps.hpp"
#include "steps/kubernetes/manifest.hpp"

namespace slipway::kubernetes {
namespace {

constexpr const char* kGetTools = "install kubectl, or name its folder to the host";

bool changes_anything(const Prediction& prediction) {
    for (const auto& change : prediction.changes) {
        if (change.action != ObjectAction::kNone) {
            return true;
        }
    }
    return false;
}

json::object plan_json(const ManifestInput& input, const Prediction& prediction, const Inventory& inventory,
                       bool lacks, const std::string& digest, const Digest& blob, const Mask& mask) {
    const auto op = digest.substr(0, 40);
    auto shown = prediction.changes;
    // No part of the digest: once it was made by an attempt that was interrupted, the same is applied.
    if (const ObjectId space{"v1", "Namespace", {}, input.space};
        lacks && find_object(input.objects, space) == nullptr) {
        shown.insert(shown.begin(),
                     {space, ObjectAction::kCreate, {}, "it is not there; a removal leaves it"});
    }
    json::array warnings;
    for (const auto& address : prediction.kept) {
        warnings.emplace_back(address + " is no longer in the manifest, but its annotation keeps it");
    }
    if (!inventory.done) {
        warnings.emplace_back("an earlier apply did not come to its end: what it left is dealt with here");
    }
    const bool changes = changes_anything(prediction);
    const bool listed = !inventory.resource_version.empty();
    const bool nothing = input.destroy ? !listed : !changes && listed && inventory.done && inventory.op == op;
    return {{"format", 1},
            {"kind", "manifest"},
            {"artifact", input.artifact},
            {"mode", input.destroy ? "destroy" : "apply"},
            {"component", input.component},
            {"namespace", input.space},
            {"summary", summary_of(shown)},
            {"nothing_to_do", nothing},
            {"drift", changes && inventory.done && inventory.op == op},
            {"changes", show_changes(shown, mask)},
            {"output_changes", json::array()},
            {"conflicts", mask.text(prediction.conflicts)},
            {"warnings", std::move(warnings)},
            {"digest", digest},
            {"blob", blob.hex()},
            {"base", json::object{{"op", inventory.op}, {"live_digest", digest_of(prediction.changes)}}}};
}

Result<Outcome> plan(process::Tools& tools, const ClusterOptions& options, Mask& mask) {
    SLIPWAY_TRY(const auto input, read_manifest_input(tools, options, mask));
    SLIPWAY_TRY(const auto program, process::find_tool("kubectl", options.tool_dirs, kGetTools));
    Kubectl kubectl(tools, program, input.access, "plan", options);
    SLIPWAY_TRY(const auto inventory, Inventories(kubectl, input.space, input.component).read());
    if (!inventory.owner.empty() && !input.owner.empty() && inventory.owner != input.owner) {
        return usage_error(ErrorCode::kRefused,
                           "component " + input.component + " in " + input.space + " belongs to " +
                               inventory.owner + ", not to " + input.owner,
                           "give one of them another namespace");
    }
    SLIPWAY_TRY(const auto prediction, predict(kubectl, input, inventory));
    SLIPWAY_TRY(const bool lacks, lacks_namespace(kubectl, input, inventory));
    if (!prediction.conflicts.empty() && !input.force) {
        StepFailure failure;
        failure.failure_class = FailureClass::kPermanent;
        failure.message = mask.text("other managers own fields that would change: " + prediction.conflicts);
        failure.detail = "with force_conflicts the plan shows them, and its approval takes them over";
        return Outcome(Failed{std::move(failure)});
    }
    learn_secrets(prediction.changes, mask);
    const auto approved = encode_approved(input);
    SLIPWAY_TRY(const auto blob, tools.context().put_blob({approved, true}));
    return Outcome(Succeeded{
        {json::serialize(plan_json(input, prediction, inventory, lacks, sha256(approved).hex(), blob, mask)),
         false}});
}

}  // namespace

std::shared_ptr<Executor> make_manifest_plan(const ClusterOptions& options) {
    return make_looking_steps(
        "manifest.plan", "manifest", options.supervisor_path,
        [options](process::Tools& tools, Mask& mask) { return plan(tools, options, mask); });
}

}  // namespace slipway::kubernetes
