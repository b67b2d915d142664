// Where the components of an install stand: built, deployed, behind.
#include "engine/install/build_content.hpp"
#include "engine/install/build_parts.hpp"

namespace slipway::lifecycle {
namespace {

/// Newest first: the builds of a part that fit a version but for the digest of its image.
std::vector<BuildRecord> fitting(std::vector<BuildRecord> records, const AppVersion& version,
                                 const BuildPart& part) {
    const Digest wanted = cause_of(version, part, "").key();
    std::erase_if(records, [&](const BuildRecord& record) {
        BuildCause cause = record.cause;
        std::erase_if(cause.parts, [](const auto& one) { return one.first.starts_with("image "); });
        return cause.key() != wanted;
    });
    return records;
}

Result<std::optional<BuildRecord>> record_of(const ArtifactStore& store, const AppVersion& version,
                                             const BuildPart& part, const std::string& image) {
    if (part.component->type == ComponentType::kContainerImage && image.empty()) {
        for (auto& record : fitting(store.records(version.app, part.id), version, part)) {
            if (store.verify_presence(record.artifact)) {
                return std::optional<BuildRecord>(std::move(record));
            }
        }
        return std::optional<BuildRecord>();
    }
    return store.find(version.app, part.id, cause_of(version, part, image).key());
}

const PartState* state_of(const InstallState& state, const BuildPart& part) {
    if (part.id == kSandboxPart) {
        return &state.sandbox;
    }
    const auto found = state.components.find(part.component->name);
    return found == state.components.end() ? nullptr : &found->second;
}

bool is_whole(const ArtifactStore& store, const Digest& artifact) {
    const auto top = describe_artifact(store, artifact);
    return top && store.verify_presence(*top);
}

/// What moved since a part was deployed; nothing when that cannot be told.
std::vector<std::string> moved_since(const PartState& deployed, const BuildPart& part, const BuildCause& now,
                                     const std::string& image,
                                     const std::map<Digest, std::shared_ptr<const AppVersion>>& versions,
                                     bool& known) {
    known = false;
    const auto from = versions.find(deployed.version);
    if (from == versions.end()) {
        return {};
    }
    const BuildParts before(from->second->config);
    const BuildPart* old = before.find(part.id);
    known = old != nullptr;
    return known ? what_moved(cause_of(*from->second, *old, image), now) : std::vector<std::string>{};
}

}  // namespace

Result<std::set<Digest>> artifacts_of(const ArtifactStore& store, const AppVersion& version) {
    std::set<Digest> out;
    const BuildParts parts(version.config);
    for (const auto& part : parts.all()) {
        SLIPWAY_TRY(auto records, store.all_records(version.app, part.id));
        for (const auto& record : fitting(std::move(records), version, part)) {
            out.insert(record.artifact.digest);
        }
    }
    return out;
}

Result<std::map<std::string, Digest>> artifacts_to_deploy(const ArtifactStore& store,
                                                          const AppVersion& version) {
    std::map<std::string, Digest> out;
    const BuildParts parts(version.config);
    for (const auto& part : parts.all()) {
        SLIPWAY_TRY(const auto record, record_of(store, version, part, ""));
        if (record) {
            out[part.id] = record->artifact.digest;
        }
    }
    return out;
}

Result<std::map<std::string, Digest>> artifacts_to_remove(const ArtifactStore& store,
                                                          const AppVersion& version,
                                                          const InstallState& state) {
    SLIPWAY_TRY(auto out, artifacts_to_deploy(store, version));
    const BuildParts parts(version.config);
    for (const auto& part : parts.all()) {
        const PartState* deployed = state_of(state, part);
        if (deployed == nullptr || deployed->artifact.is_zero()) {
            continue;
        }
        const bool of_this_version = deployed->version == version.digest;
        if ((of_this_version || out.count(part.id) == 0) && is_whole(store, deployed->artifact)) {
            out[part.id] = deployed->artifact;
        }
    }
    return out;
}

namespace {

Result<BuildStanding> standing_of(const ArtifactStore& store, const AppVersion& pinned, const BuildPart& part,
                                  const PartState* deployed,
                                  const std::map<Digest, std::shared_ptr<const AppVersion>>& versions,
                                  const std::string& image) {
    BuildStanding standing;
    standing.component = part.id;
    standing.per_install = !per_install_reason(*part.component).empty();
    SLIPWAY_TRY(const auto record, record_of(store, pinned, part, image));
    standing.artifact = record ? oci_digest(record->artifact.digest) : "";
    standing.deployed = deployed != nullptr && is_present(deployed->status);
    if (!standing.deployed) {
        standing.built_not_deployed = record.has_value();
        return standing;
    }
    standing.deployed_artifact = deployed->artifact.is_zero() ? "" : oci_digest(deployed->artifact);
    bool known = false;
    const auto moved = moved_since(*deployed, part, cause_of(pinned, part, image), image, versions, known);
    standing.why = moved;
    const bool same_artifact =
        deployed->artifact.is_zero() ? known : record && deployed->artifact == record->artifact.digest;
    if (record && !same_artifact && moved.empty()) {
        standing.why.emplace_back("another build of it is deployed");
    }
    if (deployed->status == PartStatus::kDeploying) {
        standing.why.emplace_back("its last deploy did not come to its end");
    }
    standing.built_not_deployed =
        record && (!same_artifact || !moved.empty() || deployed->status != PartStatus::kActive);
    return standing;
}

}  // namespace

Result<std::vector<BuildStanding>> build_standings(
    const ArtifactStore& store, const AppVersion& pinned, const AppVersion& newest, const InstallState& state,
    const std::map<Digest, std::shared_ptr<const AppVersion>>& deployed,
    const std::map<std::string, std::string>& image_digests) {
    std::vector<BuildStanding> out;
    const BuildParts parts(pinned.config);
    const BuildParts next_parts(newest.config);
    for (const auto& part : parts.all()) {
        const auto digest = image_digests.find(part.id);
        const std::string image = digest == image_digests.end() ? "" : digest->second;
        SLIPWAY_TRY(auto standing, standing_of(store, pinned, part, state_of(state, part), deployed, image));
        std::vector<std::string> behind{"the newest version no longer has it"};
        if (const BuildPart* next = next_parts.find(part.id)) {
            behind = what_moved(cause_of(pinned, part, image), cause_of(newest, *next, image));
        }
        standing.config_behind = !behind.empty();
        standing.why.insert(standing.why.begin(), behind.begin(), behind.end());
        out.push_back(std::move(standing));
    }
    return out;
}

}  // namespace slipway::lifecycle
