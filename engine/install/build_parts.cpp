#include "engine/install/build_parts.hpp"

#include <algorithm>

#include "engine/install/step_inputs.hpp"

namespace slipway::lifecycle {
namespace {

constexpr std::int64_t kSandboxBuildMs = 300'000;  // as of a component that is a module

bool has_template(const std::string& text) {
    return text.find("{{") != std::string::npos;
}

/// The account's own registry: whose role or address an install fills in, only an install can ask.
bool is_private_per_install(const ContainerImage& image) {
    return image.registry != "public" &&
           std::any_of(image.settings.begin(), image.settings.end(),
                       [](const auto& setting) { return has_template(setting.second); });
}

Component component_of(const Sandbox& sandbox) {
    Component out;
    out.name = kSandboxPart;
    out.type = sandbox.type == "pulumi" ? ComponentType::kPulumi : ComponentType::kTerraformModule;
    out.repository = sandbox.repository;
    out.terraform.var_files = sandbox.var_files;
    out.build_timeout_ms = kSandboxBuildMs;
    out.raw_json = sandbox.raw_json;
    out.place = sandbox.place;
    return out;
}

}  // namespace

BuildParts::BuildParts(const AppConfig& config) : sandbox_(component_of(config.sandbox)) {
    if (config.sandbox.repository.kind != RepositoryKind::kNone) {
        all_.push_back({kSandboxPart, kSandboxPart, &sandbox_});
    }
    for (const auto& component : config.components) {
        all_.push_back({part_id(component.name), component_source_key(component.name), &component});
    }
}

const BuildPart* BuildParts::find(const std::string& id) const {
    const auto found = std::find_if(all_.begin(), all_.end(), [&](const BuildPart& p) { return p.id == id; });
    return found == all_.end() ? nullptr : &*found;
}

std::string per_install_reason(const Component& component) {
    const auto& image = component.image;
    if (component.type == ComponentType::kContainerImage &&
        (has_template(image.image_url + image.tag) || is_private_per_install(image))) {
        return "its image is named by a template, which only an install can fill";
    }
    const auto& repository = component.repository;
    if (component.type == ComponentType::kHelmChart && repository.kind == RepositoryKind::kHelm &&
        has_template(repository.repo + repository.version)) {
        return "its chart repository is named by a template, which only an install can fill";
    }
    return {};
}

bool is_built(const Component& component) {
    return component.type != ComponentType::kJob && per_install_reason(component).empty();
}

}  // namespace slipway::lifecycle
