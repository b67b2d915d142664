// Manifests and indexes: strictly read, written in one way only.
#include "engine/artifact/json.hpp"
#include "slipway/lifecycle/oci.hpp"

namespace slipway::lifecycle {
namespace {

using artifact::bad;
namespace json = boost::json;

constexpr std::int64_t kSchemaVersion = 2;

Result<OciDescriptor> read_descriptor(const json::value& value, const std::string& where) {
    if (!value.is_object()) {
        return bad(where, "not an object");
    }
    const json::object& object = value.get_object();
    const std::string inside = where + ".";
    OciDescriptor out;
    SLIPWAY_TRY(out.media_type, artifact::needed_text_at(object, "mediaType", inside));
    SLIPWAY_TRY(const std::string digest, artifact::needed_text_at(object, "digest", inside));
    auto parsed = parse_oci_digest(digest);
    if (!parsed) {
        return bad(inside + "digest", parsed.error().message);
    }
    out.digest = *parsed;
    SLIPWAY_TRY(out.size, artifact::size_at(object, "size", inside));
    SLIPWAY_TRY(out.artifact_type, artifact::text_at(object, "artifactType", inside));
    SLIPWAY_TRY(out.annotations, artifact::texts_at(object, "annotations", inside));
    return out;
}

Result<std::vector<OciDescriptor>> read_descriptors(const json::object& object, std::string_view key,
                                                    std::size_t max = kOciDescriptorsMax) {
    const json::value* value = object.if_contains(key);
    if (value == nullptr || !value->is_array()) {
        return bad(std::string(key), "not a list");
    }
    const json::array& list = value->get_array();
    if (list.size() > max) {
        return bad(std::string(key), "more than " + std::to_string(max) + " entries");
    }
    std::vector<OciDescriptor> out;
    for (std::size_t i = 0; i < list.size(); ++i) {
        SLIPWAY_TRY(out.emplace_back(),
                    read_descriptor(list[i], std::string(key) + "[" + std::to_string(i) + "]"));
    }
    return out;
}

/// What both kinds share. A document with the members of both has two meanings, and the digest covers either.
Result<std::string> read_head(const json::object& object, std::string_view foreign, bool index) {
    const json::value* version = object.if_contains("schemaVersion");
    if (version == nullptr || !version->is_int64() || version->get_int64() != kSchemaVersion) {
        return bad("schemaVersion", "not 2");
    }
    if (object.contains(foreign)) {
        return bad(std::string(foreign), "has no place in a document of this kind");
    }
    SLIPWAY_TRY(auto type, artifact::text_at(object, "mediaType", ""));
    if (type.empty()) {
        return std::string(index ? media::kIndex : media::kManifest);
    }
    if (index ? !is_index_type(type) : !is_manifest_type(type)) {
        return bad("mediaType", "'" + type + "' is not that of such a document");
    }
    return type;
}

json::object write_descriptor(const OciDescriptor& descriptor) {
    json::object object;
    object["mediaType"] = descriptor.media_type;
    object["digest"] = oci_digest(descriptor.digest);
    object["size"] = descriptor.size;
    if (!descriptor.artifact_type.empty()) {
        object["artifactType"] = descriptor.artifact_type;
    }
    if (!descriptor.annotations.empty()) {
        object["annotations"] = artifact::to_object(descriptor.annotations);
    }
    return object;
}

json::array write_descriptors(const std::vector<OciDescriptor>& descriptors) {
    json::array list;
    for (const auto& one : descriptors) {
        list.emplace_back(write_descriptor(one));
    }
    return list;
}

json::object write_head(const std::string& media_type, const std::string& artifact_type) {
    json::object object;
    object["schemaVersion"] = kSchemaVersion;
    object["mediaType"] = media_type;
    if (!artifact_type.empty()) {
        object["artifactType"] = artifact_type;
    }
    return object;
}

Result<OciIndex> read_index_of(std::string_view bytes, std::size_t bytes_max, std::size_t entries_max) {
    SLIPWAY_TRY(const auto object, artifact::parse_object(bytes, "index", bytes_max));
    OciIndex out;
    SLIPWAY_TRY(out.media_type, read_head(object, "layers", true));
    SLIPWAY_TRY(out.artifact_type, artifact::text_at(object, "artifactType", ""));
    SLIPWAY_TRY(out.manifests, read_descriptors(object, "manifests", entries_max));
    SLIPWAY_TRY(out.annotations, artifact::texts_at(object, "annotations", ""));
    return out;
}

}  // namespace

bool is_manifest_type(std::string_view media_type) {
    return media_type == media::kManifest || media_type == media::kDockerManifest;
}

bool is_index_type(std::string_view media_type) {
    return media_type == media::kIndex || media_type == media::kDockerIndex;
}

Result<OciManifest> parse_manifest(std::string_view bytes) {
    SLIPWAY_TRY(const auto object, artifact::parse_object(bytes, "manifest", kOciDocumentMax));
    OciManifest out;
    SLIPWAY_TRY(out.media_type, read_head(object, "manifests", false));
    SLIPWAY_TRY(out.artifact_type, artifact::text_at(object, "artifactType", ""));
    const json::value* config = object.if_contains("config");
    if (config == nullptr) {
        return bad("config", "missing");
    }
    SLIPWAY_TRY(out.config, read_descriptor(*config, "config"));
    SLIPWAY_TRY(out.layers, read_descriptors(object, "layers"));
    if (const json::value* subject = object.if_contains("subject")) {
        SLIPWAY_TRY(out.subject, read_descriptor(*subject, "subject"));
    }
    SLIPWAY_TRY(out.annotations, artifact::texts_at(object, "annotations", ""));
    return out;
}

Result<OciIndex> parse_index(std::string_view bytes) {
    return read_index_of(bytes, kOciDocumentMax, kOciDescriptorsMax);
}

Result<OciIndex> parse_store_index(std::string_view bytes) {
    return read_index_of(bytes, kOciStoreIndexMax, kOciStoreDescriptorsMax);
}

std::string write_manifest(const OciManifest& manifest) {
    json::object object = write_head(manifest.media_type, manifest.artifact_type);
    object["config"] = write_descriptor(manifest.config);
    object["layers"] = write_descriptors(manifest.layers);
    if (manifest.subject) {
        object["subject"] = write_descriptor(*manifest.subject);
    }
    if (!manifest.annotations.empty()) {
        object["annotations"] = artifact::to_object(manifest.annotations);
    }
    return json::serialize(object);
}

std::string write_index(const OciIndex& index) {
    json::object object = write_head(index.media_type, index.artifact_type);
    object["manifests"] = write_descriptors(index.manifests);
    if (!index.annotations.empty()) {
        object["annotations"] = artifact::to_object(index.annotations);
    }
    return json::serialize(object);
}

}  // namespace slipway::lifecycle
