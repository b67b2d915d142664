// Where the components of an install stand: built, deployed, behind.
#include <algorithm>

#include "slipway/lifecycle/build.hpp"

namespace slipway::lifecycle {
namespace {

const Component* find_component(const AppVersion& version, const std::string& name) {
    const auto& all = version.config.components;
    const auto found = std::find_if(all.begin(), all.end(), [&](const auto& c) { return c.name == name; });
    return found == all.end() ? nullptr : &*found;
}

/// Newest first: the builds of a component that fit a version but for the digest of its image.
std::vector<BuildRecord> fitting_records(const ArtifactStore& store, const AppVersion& version,
                                         const Component& component) {
    const Digest wanted = build_cause(version, component, "").key();
    auto records = store.records(version.app, component.name);
    std::erase_if(records, [&](const BuildRecord& record) {
        BuildCause cause = record.cause;
        std::erase_if(cause.parts, [](const auto& part) { return part.first.starts_with("image "); });
        return cause.key() != wanted;
    });
    return records;
}

Result<std::optional<BuildRecord>> record_of(const ArtifactStore& store, const AppVersion& version,
                                             const Component& component, const std::string& image) {
    if (component.type == ComponentType::kContainerImage && image.empty()) {
        const auto fitting = fitting_records(store, version, component);
        return fitting.empty() ? std::optional<BuildRecord>() : std::optional<BuildRecord>(fitting.front());
    }
    return store.find(version.app, component.name, build_cause(version, component, image).key());
}

}  // namespace

std::set<Digest> artifacts_of(const ArtifactStore& store, const AppVersion& version) {
    std::set<Digest> out;
    for (const auto& component : version.config.components) {
        for (const auto& record : fitting_records(store, version, component)) {
            out.insert(record.artifact.digest);
        }
    }
    return out;
}

Result<std::vector<BuildStanding>> build_standings(
    const ArtifactStore& store, const AppVersion& pinned, const AppVersion& newest, const InstallState& state,
    const std::map<Digest, std::shared_ptr<const AppVersion>>& deployed,
    const std::map<std::string, std::string>& image_digests) {
    std::vector<BuildStanding> out;
    for (const auto& component : pinned.config.components) {
        const auto digest = image_digests.find(component.name);
        const std::string image = digest == image_digests.end() ? "" : digest->second;
        const BuildCause cause = build_cause(pinned, component, image);
        BuildStanding& standing = out.emplace_back();
        standing.component = component.name;
        SLIPWAY_TRY(const auto record, record_of(store, pinned, component, image));
        standing.artifact = record ? oci_digest(record->artifact.digest) : "";
        if (const Component* next = find_component(newest, component.name)) {
            standing.why = what_moved(cause, build_cause(newest, *next, image));
            standing.config_behind = !standing.why.empty();
        } else {
            standing.why = {"the newest version no longer has it"};
            standing.config_behind = true;
        }
        const auto part = state.components.find(component.name);
        standing.deployed = part != state.components.end() && is_present(part->second.status);
        const auto from = standing.deployed ? deployed.find(part->second.version) : deployed.end();
        const Component* before =
            from == deployed.end() ? nullptr : find_component(*from->second, component.name);
        const auto moved = before == nullptr ? std::vector<std::string>{}
                                             : what_moved(build_cause(*from->second, *before, image), cause);
        standing.built_not_deployed = record && (before == nullptr || !moved.empty());
        standing.why.insert(standing.why.end(), moved.begin(), moved.end());
    }
    return out;
}

}  // namespace slipway::lifecycle
