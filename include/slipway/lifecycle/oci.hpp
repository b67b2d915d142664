// OCI documents: what an artifact's manifest says, read strictly and written the same on every machine.
//
//   auto manifest = slipway::lifecycle::parse_manifest(bytes);      // hostile bytes: an error with its place
//   for (const auto& layer : manifest->layers) fetch(oci_digest(layer.digest));
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "slipway/ids.hpp"
#include "slipway/result.hpp"

namespace slipway::lifecycle {

namespace media {
inline constexpr std::string_view kManifest = "application/vnd.oci.image.manifest.v1+json";
inline constexpr std::string_view kIndex = "application/vnd.oci.image.index.v1+json";
inline constexpr std::string_view kDockerManifest = "application/vnd.docker.distribution.manifest.v2+json";
inline constexpr std::string_view kDockerIndex = "application/vnd.docker.distribution.manifest.list.v2+json";
inline constexpr std::string_view kImageConfig = "application/vnd.oci.image.config.v1+json";
inline constexpr std::string_view kEmpty = "application/vnd.oci.empty.v1+json";
inline constexpr std::string_view kModulePackage = "application/vnd.opentofu.modulepkg";
inline constexpr std::string_view kZip = "archive/zip";
inline constexpr std::string_view kHelmConfig = "application/vnd.cncf.helm.config.v1+json";
inline constexpr std::string_view kHelmChart = "application/vnd.cncf.helm.chart.content.v1.tar+gzip";
inline constexpr std::string_view kManifests = "application/vnd.slipway.manifests.v1";
inline constexpr std::string_view kManifestsLayer = "application/vnd.slipway.manifests.layer.v1+yaml";
inline constexpr std::string_view kScripts = "application/vnd.slipway.scripts.v1";
inline constexpr std::string_view kScriptsLayer = "application/vnd.slipway.scripts.layer.v1.tar+gzip";
}  // namespace media

/// Keys of annotations.
namespace annotation {
inline constexpr std::string_view kSource = "org.opencontainers.image.source";
inline constexpr std::string_view kRevision = "org.opencontainers.image.revision";
inline constexpr std::string_view kVersion = "org.opencontainers.image.version";
inline constexpr std::string_view kTitle = "org.opencontainers.image.title";
inline constexpr std::string_view kRefName = "org.opencontainers.image.ref.name";
/// The app's version (64 hex digits) that an artifact was first built for.
inline constexpr std::string_view kAppVersion = "dev.slipway.app.version";
/// SHA-256 of an archive layer before it was wrapped: names the content whatever wrapped it.
inline constexpr std::string_view kContent = "dev.slipway.content.digest";
}  // namespace annotation

struct OciDescriptor {
    std::string media_type;
    Digest digest;
    std::uint64_t size = 0;
    std::string artifact_type;  ///< may be empty
    std::map<std::string, std::string> annotations;

    friend bool operator==(const OciDescriptor&, const OciDescriptor&) = default;
};

struct OciManifest {
    std::string media_type{media::kManifest};
    std::string artifact_type;  ///< may be empty
    OciDescriptor config;
    std::vector<OciDescriptor> layers;
    std::optional<OciDescriptor> subject;
    std::map<std::string, std::string> annotations;

    friend bool operator==(const OciManifest&, const OciManifest&) = default;
};

struct OciIndex {
    std::string media_type{media::kIndex};
    std::string artifact_type;
    std::vector<OciDescriptor> manifests;
    std::map<std::string, std::string> annotations;

    friend bool operator==(const OciIndex&, const OciIndex&) = default;
};

inline constexpr std::size_t kOciDocumentMax = std::size_t{4} * 1024 * 1024;
inline constexpr std::size_t kOciDescriptorsMax = 10'000;
inline constexpr std::size_t kOciStoreIndexMax = std::size_t{64} * 1024 * 1024;
inline constexpr std::size_t kOciStoreDescriptorsMax = 1'000'000;

/// kCorrupt with the place ("layers[1].digest: …") for anything that is not such a document; unknown keys are
/// let through, as the specification demands. A document that could be read as both kinds is refused.
Result<OciManifest> parse_manifest(std::string_view bytes);
Result<OciIndex> parse_index(std::string_view bytes);
/// The index that a store keeps of its own artifacts: the same, with limits that a store does not outgrow (64
/// MiB, 1,000,000 entries).
Result<OciIndex> parse_store_index(std::string_view bytes);
/// Fixed order of keys, no white space: equal values, equal bytes.
std::string write_manifest(const OciManifest& manifest);
std::string write_index(const OciIndex& index);

bool is_manifest_type(std::string_view media_type);
bool is_index_type(std::string_view media_type);

/// "sha256:<64 hex digits>".
std::string oci_digest(const Digest& digest);
/// kInvalidArgument for anything else, other algorithms included.
Result<Digest> parse_oci_digest(std::string_view text);

/// "host:port/path/name:tag" or "…@sha256:…". `host` is empty for a short name ("nginx", "acme/web").
struct ImageName {
    std::string host;
    std::string repository;
    std::string tag;     ///< empty when there is a digest or nothing
    std::string digest;  ///< as text; may be empty

    std::string str() const;
};
Result<ImageName> parse_image_name(std::string_view text);

}  // namespace slipway::lifecycle
