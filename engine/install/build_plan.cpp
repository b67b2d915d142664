// Which builds an app version needs, and why.
#include <algorithm>

#include "engine/install/build_parts.hpp"
#include "engine/install/long_texts.hpp"
#include "engine/install/step_inputs.hpp"
#include "slipway/lifecycle/pins.hpp"

namespace slipway::lifecycle {
namespace {

bool has_source(const Component& component) {
    return component.repository.kind == RepositoryKind::kPublic ||
           component.repository.kind == RepositoryKind::kConnected;
}

/// "nginx" and "acme/web" live where every other tool looks for them too.
std::string full_image_name(const ContainerImage& image) {
    auto name = parse_image_name(image.image_url + ":" + image.tag);
    if (!name) {
        return {};
    }
    if (name->host.empty()) {
        name->host = "docker.io";
        if (name->repository.find('/') == std::string::npos) {
            name->repository = "library/" + name->repository;
        }
    }
    return name->str();
}

/// Fills what a type needs; the sentence that comes back says why it cannot be built.
class Describe {
public:
    Describe(const AppVersion& version, const BuildPart& part, const std::string& image_digest)
        : version_(version), part_(part), component_(*part.component), digest_(image_digest) {}

    std::string into(BuildPlan& plan) {
        input_ = &plan.input;
        plan.kind = "build.archive";
        if (std::string why = per_install_reason(component_); !why.empty()) {
            plan.per_install = true;
            return why;
        }
        switch (component_.type) {
            case ComponentType::kTerraformModule:
                return source("module");
            case ComponentType::kHelmChart:
                return component_.repository.kind == RepositoryKind::kHelm ? chart_repository()
                                                                           : source("chart");
            case ComponentType::kKubernetesManifest:
                return manifest();
            case ComponentType::kPulumi:
                return source("scripts");
            case ComponentType::kDockerBuild:
                plan.kind = "build.image";
                input_->path = component_.docker.dockerfile;
                input_->target = component_.docker.target;
                input_->arguments = component_.docker.build_args;
                return source("image");
            case ComponentType::kContainerImage:
                plan.kind = "image.copy";
                return image();
            case ComponentType::kJob:
                break;
        }
        return "nothing is built for the type " + std::string(to_string(component_.type));
    }

private:
    std::string source(const std::string& what) {
        input_->what = what;
        const auto found = version_.sources.find(part_.source);
        if (found == version_.sources.end()) {
            return "its repository " + component_.repository.repo + " was not checked out";
        }
        input_->folder = found->second.path;
        return {};
    }

    std::string chart_repository() {
        input_->what = "chart_repository";
        input_->repository = component_.repository.repo;
        input_->name = component_.repository.chart;
        const PinnedChart pinned = pinned_chart(version_, component_);
        input_->chart_version = pinned.version.empty() ? component_.repository.version : pinned.version;
        if (!pinned.digest.empty()) {
            input_->arguments["chart_digest"] = pinned.digest;
        }
        return {};
    }

    std::string manifest() {
        if (component_.manifest.kustomize) {
            const auto& kustomize = *component_.manifest.kustomize;
            // Either would let a stranger's app read this machine's files, or run helm plugins on it.
            if (kustomize.load_restrictor == "none") {
                return "kustomize.load_restrictor = \"none\" is not allowed here: it reads files outside of "
                       "the component's folder";
            }
            if (kustomize.enable_helm) {
                return "kustomize.enable_helm is not allowed here: it runs helm on what the app names";
            }
            input_->path = kustomize.path;
            return source("kustomization");
        }
        input_->what = "manifests";
        input_->text = component_.manifest.manifest.value;
        return component_.manifest.manifest.pending
                   ? "its manifest " + component_.manifest.manifest.location + " was not fetched"
                   : "";
    }

    std::string image() {
        input_->what = "image_copy";
        const std::string name = full_image_name(component_.image);
        if (name.empty()) {
            return component_.image.image_url + ":" + component_.image.tag + " does not name an image";
        }
        if (digest_.empty()) {
            return "its image " + name + " could not be resolved to a digest";
        }
        ImageName by_digest = *parse_image_name(name);
        by_digest.tag.clear();
        by_digest.digest = digest_;
        input_->name = by_digest.str();
        return {};
    }

    const AppVersion& version_;
    const BuildPart& part_;
    const Component& component_;
    const std::string& digest_;
    BuildInput* input_ = nullptr;
};

/// "1.4", "v2.0.1": a branch says nothing about what is in it.
bool is_version(std::string_view ref) {
    ref.remove_prefix(ref.starts_with('v') ? 1 : 0);
    return !ref.empty() && ref.size() < 40 && ref.front() >= '0' && ref.front() <= '9';
}

ArtifactInfo info_of(const AppVersion& version, const BuildPart& part) {
    const Component& component = *part.component;
    ArtifactInfo info;
    info.title = component.name;
    info.app_version = version.digest.hex();
    const auto source = version.sources.find(part.source);
    if (has_source(component)) {
        // "." is the app's own repository, wherever that is.
        info.source = component.repository.repo == "." ? std::string() : component.repository.repo;
        info.version = is_version(component.repository.ref) ? component.repository.ref : std::string();
    } else if (!version.dirty) {
        info.revision = version.commit;  // it stands in the app's own files
    }
    if (source != version.sources.end() && !source->second.content.starts_with("sha256:")) {
        info.revision = source->second.commit;
    }
    if (component.type == ComponentType::kContainerImage) {
        info.source = component.image.image_url;
        info.version = component.image.tag;
    }
    return info;
}

/// What it has to say about one part must not keep the others from being built.
void look_up(BuildPlan& plan, const ArtifactStore& store, const Component& component) {
    auto record = store.find(plan.input.app, plan.component, plan.input.cause.key());
    plan.left_out = record ? "" : "its record cannot be read: " + record.error().message;
    if (record && *record) {
        plan.record = std::move(*record);
    } else if (record) {
        plan.left_out = too_long_to_build(component, plan.input);
    }
}

void explain(BuildPlan& plan, const ArtifactStore& store, const BuildCause& cause) {
    if (plan.record) {
        plan.why = {plan.rebuild ? "a rebuild was asked for" : "nothing that it is built from has changed"};
        return;
    }
    const auto earlier = store.records(plan.input.app, plan.component);
    if (earlier.empty()) {
        plan.why = {"it was never built"};
        return;
    }
    plan.why = what_moved(earlier.front().cause, cause);
    if (plan.why.empty()) {
        plan.why = {"its artifact is gone or damaged"};
    }
}

}  // namespace

std::map<std::string, std::string> images_to_resolve(const AppConfig& config) {
    std::map<std::string, std::string> out;
    for (const auto& component : config.components) {
        if (component.type != ComponentType::kContainerImage || !is_built(component)) {
            continue;
        }
        if (auto name = full_image_name(component.image); !name.empty()) {
            out[part_id(component.name)] = std::move(name);
        }
    }
    return out;
}

Result<std::vector<BuildPlan>> plan_builds(const AppVersion& version, const ArtifactStore& store,
                                           const BuildRequest& request) {
    std::vector<BuildPlan> plans;
    const BuildParts parts(version.config);
    for (const auto& part : parts.all()) {
        if (!request.components.empty() && request.components.count(part.id) == 0) {
            continue;
        }
        const auto digest = request.image_digests.find(part.id);
        const std::string image_digest = digest == request.image_digests.end() ? "" : digest->second;
        BuildPlan& plan = plans.emplace_back();
        plan.component = part.id;
        plan.rebuild = request.rebuild;
        plan.input.token = request.rebuild ? request.token : std::string();
        plan.input.app = version.app;
        plan.input.component = part.id;
        plan.input.version = version.digest.hex();
        plan.input.cause = cause_of(version, part, image_digest);
        plan.input.info = info_of(version, part);
        plan.left_out = Describe(version, part, image_digest).into(plan);
        if (plan.left_out.empty() && !request.available_kinds.empty() &&
            request.available_kinds.count(plan.kind) == 0) {
            plan.left_out = "steps of kind " + plan.kind + " cannot be carried out here";
        }
        if (plan.left_out.empty()) {
            look_up(plan, store, *part.component);
        }
        if (!plan.left_out.empty()) {
            plan.kind.clear();
            continue;
        }
        explain(plan, store, plan.input.cause);
    }
    return plans;
}

Result<void> stage_texts(const ArtifactStore& store, std::vector<BuildPlan>& plans) {
    for (auto& plan : plans) {
        if (!plan.needed() || plan.input.text.size() <= kBuildTextInline) {
            continue;
        }
        SLIPWAY_TRY(const auto blob, store.put(media::kManifestsLayer, plan.input.text));
        plan.input.text_blob = oci_digest(blob.digest);
        plan.input.text.clear();
    }
    return {};
}

Result<void> renew_records(const ArtifactStore& store, const std::vector<BuildPlan>& plans, TimeMs now) {
    for (const auto& plan : plans) {
        if (!plan.record || plan.input.what != "image_copy") {
            continue;  // of everything else the version itself tells which build it is
        }
        SLIPWAY_TRY(const auto records, store.all_records(plan.input.app, plan.component));
        const auto& newest = records.empty() ? *plan.record : records.front();
        if (newest.cause.key() == plan.record->cause.key()) {
            continue;
        }
        BuildRecord again = *plan.record;
        again.built_ms = std::max(now, newest.built_ms + 1);
        SLIPWAY_CHECK(store.record(again));
    }
    return {};
}

}  // namespace slipway::lifecycle
