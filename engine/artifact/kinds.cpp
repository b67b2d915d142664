// The kinds of artifacts: which bytes, under which types.
#include "engine/artifact/chart.hpp"
#include "engine/artifact/disk.hpp"
#include "slipway/lifecycle/archive.hpp"
#include "slipway/lifecycle/artifact.hpp"

namespace slipway::lifecycle {
namespace {

constexpr std::string_view kEmptyConfig = "{}";

Result<OciDescriptor> put_manifest(const ArtifactStore& store, const OciManifest& manifest) {
    SLIPWAY_TRY(auto written, store.put(manifest.media_type, write_manifest(manifest)));
    written.artifact_type = manifest.artifact_type;
    return written;
}

/// One layer under an artifact type of its own, as the specification lays it down for what is no image.
Result<OciDescriptor> put_artifact(const ArtifactStore& store, std::string_view type, OciDescriptor layer,
                                   const ArtifactInfo& info) {
    OciManifest manifest;
    manifest.artifact_type = type;
    SLIPWAY_TRY(manifest.config, store.put(media::kEmpty, kEmptyConfig));
    manifest.layers.push_back(std::move(layer));
    manifest.annotations = annotations_of(info);
    return put_manifest(store, manifest);
}

Result<OciDescriptor> pack_layer(const ArtifactStore& store, const std::string& folder, ArchiveFormat format,
                                 std::string_view type, const PackOptions& options) {
    SLIPWAY_TRY(auto writer, store.begin());
    SLIPWAY_TRY(const auto packed,
                pack_folder(
                    folder, format, [&](std::string_view bytes) { return writer.add(bytes); }, options));
    SLIPWAY_TRY(auto layer, writer.finish(type));
    if (packed.content != layer.digest) {
        layer.annotations[std::string(annotation::kContent)] = oci_digest(packed.content);
    }
    return layer;
}

Result<OciDescriptor> put_chart(const ArtifactStore& store, const artifact::Chart& chart, OciDescriptor layer,
                                ArtifactInfo info) {
    OciManifest manifest;
    SLIPWAY_TRY(manifest.config, store.put(media::kHelmConfig, chart.config));
    manifest.layers.push_back(std::move(layer));
    info.title = chart.name;
    info.version = chart.version;
    manifest.annotations = annotations_of(info);
    SLIPWAY_TRY(auto written, put_manifest(store, manifest));
    written.artifact_type = media::kHelmConfig;
    return written;
}

}  // namespace

std::map<std::string, std::string> annotations_of(const ArtifactInfo& info) {
    std::map<std::string, std::string> out;
    const auto add = [&](std::string_view key, const std::string& value) {
        if (!value.empty()) {
            out[std::string(key)] = value;
        }
    };
    add(annotation::kSource, info.source);
    add(annotation::kRevision, info.revision);
    add(annotation::kVersion, info.version);
    add(annotation::kTitle, info.title);
    add(annotation::kAppVersion, info.app_version);
    return out;
}

Result<OciDescriptor> build_module(const ArtifactStore& store, const std::string& folder,
                                   const ArtifactInfo& info) {
    SLIPWAY_TRY(auto layer, pack_layer(store, folder, ArchiveFormat::kZip, media::kZip, {}));
    return put_artifact(store, media::kModulePackage, std::move(layer), info);
}

Result<OciDescriptor> build_scripts(const ArtifactStore& store, const std::string& folder,
                                    const ArtifactInfo& info) {
    SLIPWAY_TRY(auto layer, pack_layer(store, folder, ArchiveFormat::kTarGzip, media::kScriptsLayer, {}));
    return put_artifact(store, media::kScripts, std::move(layer), info);
}

Result<OciDescriptor> build_manifests(const ArtifactStore& store, std::string_view yaml,
                                      const ArtifactInfo& info) {
    SLIPWAY_TRY(auto layer, store.put(media::kManifestsLayer, yaml));
    layer.annotations[std::string(annotation::kTitle)] = "manifests.yaml";
    return put_artifact(store, media::kManifests, std::move(layer), info);
}

Result<OciDescriptor> build_chart(const ArtifactStore& store, const std::string& folder,
                                  const ArtifactInfo& info) {
    SLIPWAY_TRY(const auto chart, artifact::read_chart(folder));
    SLIPWAY_TRY(const auto ignore, artifact::read_helmignore(folder));
    SLIPWAY_TRY(const auto missing, missing_chart_dependencies(folder));
    if (!missing.empty()) {
        std::string names;
        for (const auto& name : missing) {
            names += (names.empty() ? "" : ", ") + name;
        }
        return authoring_error(
            "chart " + chart.name + " depends on " + names + ", which its charts/ folder does not hold",
            "helm dependency build puts it there; commit what it makes");
    }
    PackOptions options;
    options.prefix = chart.name;
    options.leave_out = [&ignore](std::string_view path, bool is_folder) {
        return ignore.leaves_out(path, is_folder);
    };
    SLIPWAY_TRY(auto layer, pack_layer(store, folder, ArchiveFormat::kTarGzip, media::kHelmChart, options));
    return put_chart(store, chart, std::move(layer), info);
}

Result<OciDescriptor> build_packed_chart(const ArtifactStore& store, const std::string& file,
                                         const ArtifactInfo& info) {
    SLIPWAY_TRY(const auto chart, artifact::read_packed_chart(file));
    SLIPWAY_TRY(auto writer, store.begin());
    SLIPWAY_CHECK(artifact::read_in_pieces(file, [&](std::string_view bytes) { return writer.add(bytes); }));
    SLIPWAY_TRY(auto layer, writer.finish(media::kHelmChart));
    return put_chart(store, chart, std::move(layer), info);
}

}  // namespace slipway::lifecycle
