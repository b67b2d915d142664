#include "steps/kubernetes/manifest.hpp"

#include <algorithm>
#include <boost/json.hpp>

#include "steps/kubernetes/json.hpp"

namespace slipway::kubernetes {
namespace {

/// By which an object is known to be a component's own, before its uid is recorded.
constexpr const char* kComponentAnnotation = "slipway.dev/component";

void mark_as_ours(json::object& object, const std::string& component) {
    auto& annotations = object["metadata"].as_object()["annotations"];
    if (!annotations.is_object()) {
        annotations = json::object();
    }
    annotations.get_object()[kComponentAnnotation] = component;
}

Result<std::vector<json::object>> read_objects(const json::object& input, const std::string& space,
                                               const std::string& component, process::Tools& tools,
                                               const ClusterOptions& options, Mask& mask) {
    SLIPWAY_TRY(const auto text, manifest_text(tools, options, input));
    SLIPWAY_TRY(auto objects, objects_of(text, "manifest", space));
    for (auto& object : objects) {
        json::value value(std::move(object));
        SLIPWAY_CHECK(resolve_secrets(value, tools.context(), mask));
        object = std::move(value.get_object());
        mark_as_ours(object, component);
        mask.add_secret_object(object);
    }
    std::stable_sort(objects.begin(), objects.end(), [](const json::object& a, const json::object& b) {
        return creation_rank(*id_of(a)) < creation_rank(*id_of(b));
    });
    return objects;
}

}  // namespace

std::string manifest_key_of(const AttemptInfo& info) {
    return sha256(info.run.str() + "/" + info.step.str() + "/" + info.idempotency_key).hex().substr(0, 40);
}

namespace {

/// Its objects would stay behind for ever.
Result<void> check_not_moved(const json::object& input, const std::string& space) {
    const auto before = text_at(input, {"deployed", "namespace"});
    return before.empty() || before == space
               ? Result<void>()
               : authoring_error(
                     "the namespace has moved from " + before + " to " + space + " since this was deployed",
                     "tear the component down first, then deploy it");
}

}  // namespace

Result<ManifestInput> read_manifest_input(process::Tools& tools, const ClusterOptions& options, Mask& mask) {
    auto parsed = parse_object(tools.context().info().input.bytes, "the input");
    if (!parsed) {
        return authoring_error(parsed.error().message);
    }
    ManifestInput input;
    input.component = text_of(*parsed, "component");
    input.space = text_of(*parsed, "namespace");
    for (const auto& [name, member] :
         {std::pair{&input.component, "component"}, std::pair{&input.space, "namespace"}}) {
        if (name->empty() || name->size() > 63 ||
            name->find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") != name->npos ||
            name->front() == '-') {
            return authoring_error(std::string(member) + " is no name for Kubernetes: " + *name);
        }
    }
    const auto mode = text_of(*parsed, "mode", "apply");
    if (mode != "apply" && mode != "destroy") {
        return authoring_error("mode is neither apply nor destroy: " + mode);
    }
    input.destroy = mode == "destroy";
    input.force = flag_of(*parsed, "force_conflicts");
    input.wait = flag_of(*parsed, "wait", true);
    input.timeout_ms = number_of(*parsed, "timeout_ms", input.timeout_ms);
    for (const auto& secret : array_of(*parsed, "sensitive_values")) {
        mask.add(secret);
    }
    input.artifact = text_of(*parsed, "artifact");
    input.owner = text_of(*parsed, "owner");
    SLIPWAY_TRY(input.access, access_of(tools.context(), *parsed, options, mask));
    if (!input.destroy && !parsed->contains("plan")) {
        SLIPWAY_CHECK(check_not_moved(*parsed, input.space));
        SLIPWAY_TRY(input.objects, read_objects(*parsed, input.space, input.component, tools, options, mask));
    }
    return input;
}

std::string encode_approved(const ManifestInput& input) {
    json::array objects;
    for (const auto& object : input.objects) {
        objects.push_back(object);
    }
    return canonical(json::object{{"format", 1},
                                  {"component", input.component},
                                  {"namespace", input.space},
                                  {"destroy", input.destroy},
                                  {"force", input.force},
                                  {"wait", input.wait},
                                  {"timeout_ms", input.timeout_ms},
                                  {"objects", std::move(objects)}});
}

Result<ManifestInput> decode_approved(std::string_view text) {
    SLIPWAY_TRY(const auto root, parse_object(text, "what was approved"));
    ManifestInput input;
    input.component = text_of(root, "component");
    input.space = text_of(root, "namespace");
    input.destroy = flag_of(root, "destroy");
    input.force = flag_of(root, "force");
    input.wait = flag_of(root, "wait", true);
    input.timeout_ms = number_of(root, "timeout_ms", input.timeout_ms);
    for (const auto& object : array_of(root, "objects")) {
        input.objects.push_back(object.as_object());
    }
    return input;
}

Result<Surplus> surplus_of(Kubectl& kubectl, const Inventory& inventory,
                           const std::vector<json::object>& wanted, const std::string& component) {
    std::vector<ObjectId> ids;
    for (const auto& member : inventory.members) {
        if (find_object(wanted, member.id) == nullptr) {
            ids.push_back(member.id);
        }
    }
    SLIPWAY_TRY(const auto live, kubectl.get_all(ids));
    Surplus out;
    for (const auto& object : live) {
        const auto id = *id_of(object);
        const auto uid = text_at(object, {"metadata", "uid"});
        const auto member = std::find_if(inventory.members.begin(), inventory.members.end(),
                                         [&](const Member& one) { return same_object(one.id, id); });
        const bool marked = text_at(object, {"metadata", "annotations", kComponentAnnotation}) == component;
        // Another object of the same name is somebody else's.
        if (member == inventory.members.end() || (member->uid.empty() ? !marked : member->uid != uid)) {
            continue;
        }
        if (text_at(object, {"metadata", "annotations", "slipway.dev/prune"}) == "false") {
            out.kept.push_back(id.address());
        } else {
            out.live.emplace_back(id, uid);
        }
    }
    std::stable_sort(out.live.begin(), out.live.end(), [](const auto& a, const auto& b) {
        return creation_rank(a.first) > creation_rank(b.first);
    });
    return out;
}

Result<bool> lacks_namespace(Kubectl& kubectl, const ManifestInput& input, const Inventory& inventory) {
    if (input.destroy || !inventory.resource_version.empty()) {
        return false;  // the inventory lies in it
    }
    const auto found = kubectl.get_raw("/api/v1/namespaces/" + input.space);
    if (!found && found.error().message.find("(Forbidden)") != std::string::npos) {
        return false;  // whoever may not look works where he was let in
    }
    return found ? Result<bool>(!*found) : found.error();
}

Result<Prediction> predict(Kubectl& kubectl, const ManifestInput& input, const Inventory& inventory) {
    Prediction out;
    std::vector<ObjectId> ids;
    for (const auto& object : input.objects) {
        ids.push_back(*id_of(object));
    }
    SLIPWAY_TRY(const auto live, kubectl.get_all(ids));
    // Only what is there can be asked about: its namespace and its kind exist.
    std::vector<json::object> there;
    for (std::size_t i = 0; i < ids.size(); ++i) {
        if (find_object(live, ids[i]) != nullptr) {
            there.push_back(input.objects[i]);
        }
    }
    std::vector<json::object> predicted;
    if (!there.empty()) {
        SLIPWAY_TRY(auto applied, kubectl.apply(there, kManager, false, true));
        if (!applied.conflicts.empty()) {
            out.conflicts = applied.conflicts;
            SLIPWAY_TRY(applied, kubectl.apply(there, kManager, true, true));
        }
        predicted = std::move(applied.objects);
    }
    for (std::size_t i = 0; i < ids.size(); ++i) {
        const auto* now = find_object(live, ids[i]);
        const auto* then = find_object(predicted, ids[i]);
        out.changes.push_back(now != nullptr && then != nullptr ? compare(*now, *then)
                                                                : three_way(input.objects[i], nullptr, now));
    }
    SLIPWAY_TRY(auto surplus, surplus_of(kubectl, inventory, input.objects, input.component));
    for (const auto& [id, uid] : surplus.live) {
        ObjectChange change;
        change.id = id;
        change.action = ObjectAction::kDelete;
        change.note = "no longer in the manifest";
        out.changes.push_back(std::move(change));
    }
    out.kept = std::move(surplus.kept);
    return out;
}

}  // namespace slipway::kubernetes
