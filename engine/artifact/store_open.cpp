#include <filesystem>

#include "engine/artifact/disk.hpp"
#include "engine/artifact/lock.hpp"
#include "slipway/lifecycle/artifact.hpp"

namespace slipway::lifecycle {
namespace {

constexpr std::string_view kLayoutFile = R"({"imageLayoutVersion":"1.0.0"})";

/// What a killed process left; only while nobody builds.
void sweep(const std::string& folder) {
    for (const auto& name : artifact::names_in(folder)) {
        std::error_code ignored;
        std::filesystem::remove_all(folder + "/" + name, ignored);
    }
}

void sweep_parts(const std::string& folder) {
    for (const auto& name : artifact::names_in(folder)) {
        if (name.find(".part-") != std::string::npos) {
            artifact::remove_file(folder + "/" + name);
        }
    }
}

}  // namespace

Result<std::shared_ptr<ArtifactStore>> ArtifactStore::open(const std::string& directory) {
    std::shared_ptr<ArtifactStore> store(new ArtifactStore(directory));
    SLIPWAY_CHECK(artifact::make_folders(store->layout() + "/blobs/sha256"));
    SLIPWAY_CHECK(artifact::make_folders(store->scratch()));
    SLIPWAY_CHECK(artifact::make_folders(directory + "/builds"));
    if (const auto alone = artifact::lock_file(directory + "/hold.lock", artifact::LockMode::kTryExclusive)) {
        sweep(store->scratch());
        sweep_parts(store->layout());
    }
    SLIPWAY_TRY(const auto index_lock,
                artifact::lock_file(directory + "/index.lock", artifact::LockMode::kExclusive));
    if (!artifact::is_there(store->layout() + "/oci-layout")) {
        SLIPWAY_CHECK(artifact::write_durably(store->layout() + "/oci-layout", kLayoutFile));
    }
    if (!artifact::is_there(store->layout() + "/index.json")) {
        SLIPWAY_CHECK(artifact::write_durably(store->layout() + "/index.json", write_index({})));
    }
    return store;
}

Result<std::shared_ptr<void>> ArtifactStore::hold() const {
    // Who waits says so, and no collection begins meanwhile: a lock alone goes to who asks most often.
    SLIPWAY_TRY(const auto waiting,
                artifact::lock_file(directory_ + "/waiting.lock", artifact::LockMode::kShared));
    return artifact::lock_file(directory_ + "/hold.lock", artifact::LockMode::kShared);
}

}  // namespace slipway::lifecycle
