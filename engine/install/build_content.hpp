// Artifacts by nothing but their digest.
#pragma once

#include "slipway/lifecycle/artifact.hpp"

namespace slipway::lifecycle {

/// The descriptor of a manifest in the store. kNotFound, kCorrupt.
Result<OciDescriptor> describe_artifact(const ArtifactStore& store, const Digest& digest);

}  // namespace slipway::lifecycle
