// What a step deploys comes out of the artifact store, each byte compared with its digest.
#include "engine/install/build_content.hpp"

#include <sys/stat.h>

#include <fstream>
#include <optional>

#include "engine/install/json.hpp"
#include "slipway/lifecycle/archive.hpp"
#include "slipway/lifecycle/build.hpp"

namespace slipway::lifecycle {
namespace {

/// Of all members of that name, wherever they stand.
void collect_digests(const json::value& value, std::string_view key, std::set<Digest>& out) {
    if (const auto* object = value.if_object()) {
        for (const auto& member : *object) {
            if (member.key() == key && member.value().is_string()) {
                if (const auto digest = parse_oci_digest(std::string_view(member.value().get_string()))) {
                    out.insert(*digest);
                }
            }
            collect_digests(member.value(), key, out);
        }
    } else if (const auto* array = value.if_array()) {
        for (const auto& item : *array) {
            collect_digests(item, key, out);
        }
    }
}

Result<OciDescriptor> layer_of(const OciManifest& manifest, const std::string& artifact) {
    const std::string_view wanted = manifest.artifact_type == media::kModulePackage ? media::kZip
                                    : manifest.artifact_type == media::kScripts     ? media::kScriptsLayer
                                                                                    : std::string_view{};
    if (wanted.empty() || manifest.layers.size() != 1 || manifest.layers.front().media_type != wanted) {
        return environment_error(ErrorCode::kCorrupt, artifact + " is not a packaged module");
    }
    return manifest.layers.front();
}

}  // namespace

Result<OciDescriptor> describe_artifact(const ArtifactStore& store, const Digest& digest) {
    SLIPWAY_TRY(const std::string bytes, store.read(digest));
    SLIPWAY_TRY(const json::object document, parse_object(bytes, oci_digest(digest)));
    OciDescriptor out;
    out.media_type = get_string(document, "mediaType", std::string(media::kManifest));
    out.digest = digest;
    out.size = bytes.size();
    out.artifact_type = get_string(document, "artifactType");
    return out;
}

namespace {

/// Its manifest, read while nothing is collected.
Result<OciManifest> manifest_of(const ArtifactStore& store, const std::string& artifact,
                                const Digest& digest) {
    auto bytes = store.read(digest);
    if (!bytes && bytes.error().code == ErrorCode::kNotFound) {
        return environment_error(ErrorCode::kNotFound,
                                 "the artifact " + artifact + " is not in the store any more",
                                 "build it again, and start the run anew");
    }
    if (!bytes) {
        return bytes.error();
    }
    return parse_manifest(*bytes);
}

struct ClusterContent {
    std::string_view layer;  ///< its media type
    const char* file;
};

std::optional<ClusterContent> content_for_cluster(const OciManifest& manifest) {
    if (manifest.config.media_type == media::kHelmConfig) {
        return ClusterContent{media::kHelmChart, "/chart.tgz"};
    }
    if (manifest.artifact_type == media::kManifests) {
        return ClusterContent{media::kManifestsLayer, "/manifests.yaml"};
    }
    return std::nullopt;
}

}  // namespace

Result<void> unpack_module(const ArtifactStore& store, const std::string& artifact,
                           const std::string& folder) {
    SLIPWAY_TRY(const Digest digest, parse_oci_digest(artifact));
    SLIPWAY_TRY(const auto hold, store.hold());
    SLIPWAY_TRY(const OciManifest manifest, manifest_of(store, artifact, digest));
    SLIPWAY_TRY(const OciDescriptor layer, layer_of(manifest, artifact));
    SLIPWAY_TRY(const OciDescriptor top, describe_artifact(store, digest));
    SLIPWAY_CHECK(store.verify(top));
    return unpack_archive(store.path_of(layer.digest), folder);
}

Result<void> unpack_for_cluster(const ArtifactStore& store, const std::string& artifact,
                                const std::string& folder) {
    SLIPWAY_TRY(const Digest digest, parse_oci_digest(artifact));
    SLIPWAY_TRY(const auto hold, store.hold());
    SLIPWAY_TRY(const OciManifest manifest, manifest_of(store, artifact, digest));
    const auto content = content_for_cluster(manifest);
    if (!content || manifest.layers.size() != 1 || manifest.layers.front().media_type != content->layer) {
        return environment_error(ErrorCode::kCorrupt, artifact + " is neither a chart nor manifests");
    }
    const OciDescriptor& layer = manifest.layers.front();
    SLIPWAY_TRY(const std::string bytes, store.read(layer.digest, layer.size));
    if (::mkdir(folder.c_str(), 0700) != 0) {
        return environment_error(ErrorCode::kIo, "cannot make " + folder);
    }
    std::ofstream out(folder + content->file, std::ios::binary);
    out << bytes;
    out.close();
    return out ? Result<void>() : environment_error(ErrorCode::kIo, "cannot write " + folder + content->file);
}

namespace {

std::set<Digest> digests_in(const WorkflowSpec& spec, std::string_view key) {
    std::set<Digest> out;
    for (const auto& step : spec.steps) {
        if (const auto input = parse_json(step.input.bytes, step.id.str())) {
            collect_digests(*input, key, out);
        }
    }
    return out;
}

}  // namespace

std::set<Digest> artifacts_in(const WorkflowSpec& spec) {
    return digests_in(spec, "artifact");
}

std::set<Digest> texts_in(const WorkflowSpec& spec) {
    return digests_in(spec, "text_blob");
}

}  // namespace slipway::lifecycle
