#include "steps/helm/cluster.hpp"

#include <algorithm>
#include <boost/json.hpp>

#include "steps/kubernetes/json.hpp"

namespace slipway::helm {

using kubernetes::ObjectAction;
using kubernetes::ObjectChange;
using kubernetes::ObjectId;
using kubernetes::text_at;
using kubernetes::text_of;

namespace {

constexpr const char* kGetTools = "install helm and kubectl, or name their folder to the host";

/// What is read of a manifest to show and compare. What cannot be read is left to helm to refuse.
std::vector<json::object> objects_in(const std::string& document, const std::string& space) {
    auto objects = kubernetes::objects_of(document, "a rendered document", space);
    return objects ? std::move(*objects) : std::vector<json::object>();
}

std::vector<json::object> objects_in(const std::vector<std::string>& documents, const std::string& space) {
    std::vector<json::object> out;
    for (const auto& document : documents) {
        for (auto& object : objects_in(document, space)) {
            out.push_back(std::move(object));
        }
    }
    return out;
}

std::vector<ObjectId> ids_of(const std::vector<json::object>& objects) {
    std::vector<ObjectId> out;
    out.reserve(objects.size());
    for (const auto& object : objects) {
        out.push_back(*kubernetes::id_of(object));
    }
    return out;
}

bool among(const std::vector<ObjectId>& list, const ObjectId& id) {
    return std::any_of(list.begin(), list.end(),
                       [&](const ObjectId& other) { return kubernetes::same_object(other, id); });
}

}  // namespace

Result<Tooling> find_tools(const HelmOptions& options) {
    SLIPWAY_TRY(auto helm, process::find_tool("helm", options.cluster.tool_dirs, kGetTools));
    SLIPWAY_TRY(auto kubectl, process::find_tool("kubectl", options.cluster.tool_dirs, kGetTools));
    return Tooling{std::move(helm), std::move(kubectl)};
}

Cluster::Cluster(process::Tools& tools, const HelmOptions& options, const Tooling& tooling, ReleaseName name,
                 kubernetes::Access access, const std::string& prefix)
    : tools_(tools),
      options_(options),
      tooling_(tooling),
      name_(std::move(name)),
      access_(std::move(access)),
      kubectl_(tools_, tooling_.kubectl, access_, prefix, options_.cluster) {}

std::string Cluster::records_path() const {
    return "/api/v1/namespaces/" + name_.space +
           (name_.driver == Driver::kConfigMap ? "/configmaps" : "/secrets");
}

Result<std::vector<ReleaseRecord>> Cluster::history() {
    SLIPWAY_TRY(const auto list,
                kubectl_.get_raw(records_path() + "?labelSelector=owner%3Dhelm%2Cname%3D" + name_.release));
    std::vector<ReleaseRecord> out;
    if (!list) {
        return out;
    }
    for (const auto& item : kubernetes::array_of(*list, "items")) {
        auto stored = item.as_object();
        stored["kind"] = name_.driver == Driver::kConfigMap ? "ConfigMap" : "Secret";
        stored["apiVersion"] = "v1";
        SLIPWAY_TRY(auto record, decode_record(stored));
        out.push_back(std::move(record));
    }
    std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.revision < b.revision; });
    return out;
}

Result<void> Cluster::mark(const ReleaseRecord& record, const std::string& status,
                           const std::string& description) {
    SLIPWAY_TRY(const auto stored, with_status(record.stored, status, description));
    return kubectl_.replace_raw(records_path() + "/" + text_at(stored, {"metadata", "name"}), stored);
}

std::string known_objects(const std::vector<ReleaseRecord>& history, const std::string& space) {
    std::vector<ObjectId> seen;
    std::string out;
    for (const auto& record : history) {
        for (const auto& id : ids_of(objects_in(documents_of(record.manifest), space))) {
            if (!among(seen, id)) {
                seen.push_back(id);
                out += "---\n" + json::serialize(kubernetes::stub_of(id)) + "\n";
            }
        }
    }
    return out;
}

const ReleaseRecord* current_of(const std::vector<ReleaseRecord>& history) {
    const auto deployed = std::find_if(history.rbegin(), history.rend(), [](const ReleaseRecord& record) {
        return record.status == "deployed";
    });
    return deployed != history.rend() ? &*deployed : history.empty() ? nullptr : &history.back();
}

RevisionFacts facts_of(const ReleaseRecord& record, const Bundle* bundle) {
    RevisionFacts facts;
    facts.revision = record.revision;
    facts.status = record.status;
    facts.key = record.label(kKeyLabel);
    facts.marked = record.is_marked();
    facts.manifest_is_approved = bundle != nullptr && is_same(*bundle, record);
    for (const auto& hook : record.hooks) {
        const bool once =
            hook.once ||
            (bundle != nullptr &&
             std::any_of(bundle->hooks.begin(), bundle->hooks.end(), [&](const HookRecord& planned) {
                 return planned.once && planned.name == hook.name && planned.kind == hook.kind;
             }));
        facts.ran_once_hook = facts.ran_once_hook || (once && hook.ran);
    }
    return facts;
}

// Helm itself deletes what the current revision has and the next one has not. What only crashed or failed
// revisions brought is nobody's: it is found here, by the mark of the release on the object itself.
Result<std::vector<std::pair<ObjectId, std::string>>> Cluster::leftovers(
    const std::vector<ObjectId>& wanted, const std::vector<ReleaseRecord>& history,
    std::vector<std::string>& kept) {
    std::vector<ObjectId> candidates;
    for (const auto& record : history) {
        for (const auto& id : ids_of(objects_in(documents_of(record.manifest), name_.space))) {
            if (!among(wanted, id) && !among(candidates, id)) {
                candidates.push_back(id);
            }
        }
    }
    SLIPWAY_TRY(const auto live, kubectl_.get_all(candidates));
    std::vector<std::pair<ObjectId, std::string>> out;
    for (const auto& object : live) {
        const auto id = kubernetes::id_of(object);
        const bool owned =
            text_at(object, {"metadata", "annotations", "meta.helm.sh/release-name"}) == name_.release &&
            text_at(object, {"metadata", "annotations", "meta.helm.sh/release-namespace"}) == name_.space;
        const bool going = !text_at(object, {"metadata", "deletionTimestamp"}).empty();
        if (!id || !owned || going) {
            continue;
        }
        if (text_at(object, {"metadata", "annotations", "helm.sh/resource-policy"}) == "keep") {
            kept.push_back(id->address());
        } else {
            out.emplace_back(*id, text_at(object, {"metadata", "uid"}));
        }
    }
    return out;
}

Result<Cluster::Live> Cluster::compare(const std::vector<std::string>& documents,
                                       const std::vector<ReleaseRecord>& history) {
    const auto wanted = objects_in(documents, name_.space);
    const auto ids = ids_of(wanted);
    const auto* current = current_of(history);
    const auto previous = current == nullptr ? std::vector<json::object>()
                                             : objects_in(documents_of(current->manifest), name_.space);
    SLIPWAY_TRY(const auto live, kubectl_.get_all(ids));
    Live out;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        out.changes.push_back(kubernetes::three_way(wanted[i], kubernetes::find_object(previous, ids[i]),
                                                    kubernetes::find_object(live, ids[i])));
    }
    SLIPWAY_TRY(const auto gone, leftovers(ids, history, out.kept));
    for (const auto& [id, uid] : gone) {
        ObjectChange change;
        change.id = id;
        change.action = ObjectAction::kDelete;
        change.note = among(ids_of(previous), id) ? "no longer in the chart"
                                                  : "left by a revision that did not become the current one";
        out.changes.push_back(std::move(change));
    }
    return out;
}

Result<std::vector<std::string>> Cluster::prune(const std::vector<std::string>& documents,
                                                const std::vector<ReleaseRecord>& history) {
    std::vector<std::string> kept;
    std::vector<std::string> out;
    SLIPWAY_TRY(auto gone, leftovers(ids_of(objects_in(documents, name_.space)), history, kept));
    std::sort(gone.begin(), gone.end(), [](const auto& a, const auto& b) {
        return kubernetes::creation_rank(a.first) > kubernetes::creation_rank(b.first);
    });
    for (const auto& [id, uid] : gone) {
        SLIPWAY_TRY(const bool removed, kubectl_.remove(id, uid, "Background"));
        if (removed) {
            out.push_back(id.address());
        }
    }
    return out;
}

process::ToolRun Cluster::helm_run(const std::string& name, std::vector<std::string> args,
                                   const std::string& folder) const {
    process::ToolRun run;
    run.name = name;
    run.program = tooling_.helm;
    run.argv = {"helm"};
    run.argv.insert(run.argv.end(), args.begin(), args.end());
    run.env = options_.cluster.env;
    run.env["KUBECONFIG"] = kubernetes::hand_over_kubeconfig(access_, run);
    run.env["HELM_DRIVER"] = name_.driver == Driver::kConfigMap ? "configmap" : "secret";
    run.env["HELM_NAMESPACE"] = name_.space;
    for (const auto& [variable, below] :
         {std::pair{"HELM_CACHE_HOME", "/helm-cache"}, std::pair{"HELM_CONFIG_HOME", "/helm-config"},
          std::pair{"HELM_DATA_HOME", "/helm-data"}}) {
        run.env[variable] = folder + below;
    }
    if (!access_.context.empty()) {
        run.env["HELM_KUBECONTEXT"] = access_.context;
    }
    if (!options_.registry_config.empty()) {
        run.env["HELM_REGISTRY_CONFIG"] = options_.registry_config;
    }
    if (!options_.repository_config.empty()) {
        run.env["HELM_REPOSITORY_CONFIG"] = options_.repository_config;
    }
    run.grace_ms = options_.cluster.stop_grace_ms;
    return run;
}

}  // namespace slipway::helm
