// Records of builds: the witness by which a build that was interrupted knows that it was done.
#include <algorithm>

#include "engine/artifact/disk.hpp"
#include "engine/artifact/json.hpp"
#include "engine/artifact/records.hpp"

namespace slipway::lifecycle {
namespace {

using artifact::bad;
namespace json = boost::json;

constexpr std::int64_t kFormat = 1;
constexpr std::size_t kRecordMax = std::size_t{16} * 1024 * 1024;
constexpr std::size_t kKeyDigits = 12;

std::string write_record(const BuildRecord& record) {
    json::object artifact;
    artifact["mediaType"] = record.artifact.media_type;
    artifact["digest"] = oci_digest(record.artifact.digest);
    artifact["size"] = record.artifact.size;
    artifact["artifactType"] = record.artifact.artifact_type;
    json::object object;
    object["format"] = kFormat;
    object["app"] = record.app;
    object["component"] = record.component;
    object["key"] = record.cause.key().hex();
    object["artifact"] = std::move(artifact);
    object["cause"] = artifact::to_object(record.cause.parts);
    object["notes"] = artifact::to_object(record.cause.notes);
    object["version"] = record.version;
    object["built_ms"] = record.built_ms;
    if (!record.token.empty()) {
        object["token"] = record.token;
    }
    return json::serialize(object);
}

Result<OciDescriptor> read_artifact(const json::object& object, const std::string& where) {
    const json::value* value = object.if_contains("artifact");
    if (value == nullptr || !value->is_object()) {
        return bad(where + "artifact", "missing");
    }
    const json::object& inside = value->get_object();
    OciDescriptor out;
    SLIPWAY_TRY(out.media_type, artifact::needed_text_at(inside, "mediaType", where + "artifact."));
    SLIPWAY_TRY(const auto digest, artifact::needed_text_at(inside, "digest", where + "artifact."));
    SLIPWAY_TRY(out.digest, parse_oci_digest(digest));
    SLIPWAY_TRY(out.size, artifact::size_at(inside, "size", where + "artifact."));
    SLIPWAY_TRY(out.artifact_type, artifact::text_at(inside, "artifactType", where + "artifact."));
    return out;
}

std::string folder_of(const std::string& directory, const std::string& app, const std::string& component) {
    return directory + "/builds/" + artifact::folder_name(app) + "/" + artifact::folder_name(component);
}

}  // namespace
}  // namespace slipway::lifecycle

namespace slipway::artifact {

std::string folder_name(std::string_view text) {
    constexpr std::string_view kHex = "0123456789abcdef";
    std::string out;
    for (const char c : text) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                           c == '-' || c == '_' || (c == '.' && !out.empty());
        if (plain) {
            out.push_back(c);
        } else {
            const auto byte = static_cast<unsigned char>(c);
            out += {'%', kHex[byte >> 4U], kHex[byte & 0xfU]};
        }
    }
    return out.empty() ? "%" : out;
}

Result<lifecycle::BuildRecord> read_record(const std::string& path) {
    SLIPWAY_TRY(const auto bytes, read_small(path, lifecycle::kRecordMax));
    SLIPWAY_TRY(const auto object, parse_object(bytes, path, lifecycle::kRecordMax));
    const std::string where = path + ": ";
    SLIPWAY_TRY(const auto format, size_at(object, "format", where));
    if (format > static_cast<std::uint64_t>(lifecycle::kFormat)) {
        return environment_error(ErrorCode::kUnsupportedFormat, path + " was written by a newer version");
    }
    lifecycle::BuildRecord out;
    SLIPWAY_TRY(out.app, needed_text_at(object, "app", where));
    SLIPWAY_TRY(out.component, needed_text_at(object, "component", where));
    SLIPWAY_TRY(out.artifact, lifecycle::read_artifact(object, where));
    SLIPWAY_TRY(out.cause.parts, texts_at(object, "cause", where));
    SLIPWAY_TRY(out.cause.notes, texts_at(object, "notes", where));
    SLIPWAY_TRY(out.version, text_at(object, "version", where));
    SLIPWAY_TRY(out.token, text_at(object, "token", where));
    SLIPWAY_TRY(const auto built, size_at(object, "built_ms", where));
    out.built_ms = static_cast<TimeMs>(built);
    SLIPWAY_TRY(const auto key, needed_text_at(object, "key", where));
    if (out.cause.key().hex() != key) {
        return bad(where + "key", "does not fit the cause");
    }
    return out;
}

}  // namespace slipway::artifact

namespace slipway::lifecycle {

Result<void> ArtifactStore::record(const BuildRecord& record) const {
    SLIPWAY_CHECK(verify_presence(record.artifact));
    const Digest key = record.cause.key();
    const std::string folder = folder_of(directory_, record.app, record.component);
    SLIPWAY_CHECK(artifact::make_folders(folder));
    SLIPWAY_CHECK(name(artifact::folder_name(record.app) + "/" + artifact::folder_name(record.component) +
                           "/" + key.hex().substr(0, kKeyDigits),
                       record.artifact));
    return artifact::write_durably(folder + "/" + key.hex() + ".json", write_record(record));
}

Result<std::optional<BuildRecord>> ArtifactStore::find(const std::string& app, const std::string& component,
                                                       const Digest& key) const {
    const std::string path = folder_of(directory_, app, component) + "/" + key.hex() + ".json";
    if (!artifact::is_there(path)) {
        return std::optional<BuildRecord>();
    }
    auto record = artifact::read_record(path);
    if (!record) {
        return record.error().code == ErrorCode::kUnsupportedFormat
                   ? Result<std::optional<BuildRecord>>(record.error())
                   : std::optional<BuildRecord>();
    }
    if (!verify_presence(record->artifact)) {
        return std::optional<BuildRecord>();
    }
    return std::optional<BuildRecord>(std::move(*record));
}

namespace {

void sort_newest_first(std::vector<BuildRecord>& records) {
    std::stable_sort(records.begin(), records.end(),
                     [](const BuildRecord& a, const BuildRecord& b) { return a.built_ms > b.built_ms; });
}

}  // namespace

std::vector<BuildRecord> ArtifactStore::records(const std::string& app, const std::string& component) const {
    const std::string folder = folder_of(directory_, app, component);
    std::vector<BuildRecord> out;
    for (const auto& file : artifact::names_in(folder)) {
        if (file.ends_with(".json")) {
            if (auto record = artifact::read_record(folder + "/" + file)) {
                out.push_back(std::move(*record));
            }
        }
    }
    sort_newest_first(out);
    return out;
}

Result<std::vector<BuildRecord>> ArtifactStore::all_records(const std::string& app,
                                                            const std::string& component) const {
    const std::string folder = folder_of(directory_, app, component);
    SLIPWAY_TRY(const auto names, artifact::all_names_in(folder));
    std::vector<BuildRecord> out;
    for (const auto& file : names) {
        if (!file.ends_with(".json")) {
            continue;
        }
        auto record = artifact::read_record(folder + "/" + file);
        if (record) {
            out.push_back(std::move(*record));
        } else if (record.error().code != ErrorCode::kCorrupt) {
            return record.error();
        }
    }
    sort_newest_first(out);
    return out;
}

}  // namespace slipway::lifecycle
