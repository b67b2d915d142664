// What nothing refers to any more is removed: first names, then records, then bytes, so that a kill in
// between leaves nothing that names what is gone.
#include <set>

#include "engine/artifact/disk.hpp"
#include "engine/artifact/json.hpp"
#include "engine/artifact/lock.hpp"
#include "engine/artifact/records.hpp"

namespace slipway::lifecycle {
namespace {

struct RecordFile {
    std::string path;
    BuildRecord record;
};

struct Marked {
    std::vector<std::string> records_to_remove;
    std::map<Digest, OciDescriptor> artifacts;  ///< to keep
    std::vector<std::string> passed_over;
};

/// What is truly damaged or gone. Anything else may be readable the next time, or by a newer version, and
/// then it refers to something.
bool is_lost(const Error& error) {
    return error.code == ErrorCode::kCorrupt || error.code == ErrorCode::kNotFound;
}

/// Whether this room could have written a record under that name.
bool is_record_name(std::string_view name) {
    constexpr std::string_view kEnding = ".json";
    return name.ends_with(kEnding) &&
           !Digest::from_hex(name.substr(0, name.size() - kEnding.size())).is_zero();
}

/// Of one component, newest first; a record that does not decode names nothing and goes.
Result<std::vector<RecordFile>> read_records(const std::string& folder, Marked& marked) {
    std::vector<RecordFile> out;
    SLIPWAY_TRY(const auto names, artifact::all_names_in(folder));
    for (const auto& name : names) {
        const std::string path = folder + "/" + name;
        if (!is_record_name(name)) {
            marked.passed_over.push_back(path);
            continue;
        }
        auto record = artifact::read_record(path);
        if (record) {
            out.push_back({path, std::move(*record)});
        } else if (is_lost(record.error())) {
            marked.records_to_remove.push_back(path);
        } else {
            return record.error();
        }
    }
    std::stable_sort(out.begin(), out.end(), [](const RecordFile& a, const RecordFile& b) {
        return a.record.built_ms > b.record.built_ms;
    });
    return out;
}

Result<void> mark_component(const std::string& folder, const CollectKeep& keep, Marked& marked) {
    SLIPWAY_TRY(const auto records, read_records(folder, marked));
    for (std::size_t i = 0; i < records.size(); ++i) {
        const auto& artifact = records[i].record.artifact;
        if (i < keep.records || keep.artifacts.count(artifact.digest) != 0) {
            marked.artifacts.emplace(artifact.digest, artifact);
        } else {
            marked.records_to_remove.push_back(records[i].path);
        }
    }
    return {};
}

/// The folders in `folder`; what else lies there is somebody else's.
Result<std::vector<std::string>> folders_in(const std::string& folder, Marked& marked) {
    SLIPWAY_TRY(const auto names, artifact::all_names_in(folder));
    std::vector<std::string> out;
    for (const auto& name : names) {
        std::string path = folder + "/" + name;
        (artifact::is_folder(path) ? out : marked.passed_over).push_back(std::move(path));
    }
    return out;
}

Result<Marked> mark(const std::string& builds, const CollectKeep& keep) {
    Marked marked;
    SLIPWAY_TRY(const auto apps, folders_in(builds, marked));
    for (const auto& app : apps) {
        SLIPWAY_TRY(const auto components, folders_in(app, marked));
        for (const auto& component : components) {
            SLIPWAY_CHECK(mark_component(component, keep, marked));
        }
    }
    return marked;
}

/// What a manifest or an index is, by its own bytes.
Result<OciDescriptor> describe(const ArtifactStore& store, const Digest& digest) {
    SLIPWAY_TRY(const auto bytes, store.read(digest));
    SLIPWAY_TRY(const auto document, artifact::parse_object(bytes, oci_digest(digest), kOciDocumentMax));
    OciDescriptor out;
    SLIPWAY_TRY(out.media_type, artifact::text_at(document, "mediaType", oci_digest(digest) + ": "));
    if (out.media_type.empty()) {
        out.media_type = document.contains("manifests") ? media::kIndex : media::kManifest;
    }
    out.digest = digest;
    out.size = bytes.size();
    return out;
}

/// What was asked for stays also when no record names it any more: a build anew has taken the record over, or
/// it is damaged.
Result<void> mark_wanted(const ArtifactStore& store, const CollectKeep& keep, Marked& marked) {
    for (const auto& digest : keep.artifacts) {
        if (digest.is_zero() || marked.artifacts.count(digest) != 0) {
            continue;
        }
        auto found = describe(store, digest);
        if (found) {
            marked.artifacts.emplace(digest, std::move(*found));
        } else if (!is_lost(found.error())) {
            return found.error();
        }
    }
    return {};
}

/// Everything that the artifacts consist of.
Result<std::set<Digest>> parts_of(const ArtifactStore& store, const Marked& marked) {
    std::set<Digest> kept;
    for (const auto& [digest, descriptor] : marked.artifacts) {
        const auto parts = store.closure(descriptor);
        if (!parts) {
            if (is_lost(parts.error())) {
                continue;  // damaged: its record is not believed by anybody either
            }
            return parts.error();
        }
        for (const auto& part : *parts) {
            kept.insert(part.digest);
        }
    }
    return kept;
}

Result<void> remove_records(const std::vector<std::string>& paths) {
    std::set<std::string> folders;
    for (const auto& path : paths) {
        artifact::remove_file(path);
        folders.insert(path.substr(0, path.rfind('/')));
    }
    for (const auto& folder : folders) {
        SLIPWAY_CHECK(artifact::sync_folder(folder));
    }
    return {};
}

void remove_blobs(const std::string& folder, const std::vector<std::string>& blobs,
                  const std::set<Digest>& kept, CollectReport& report) {
    for (const auto& name : blobs) {
        const Digest digest = Digest::from_hex(name);
        const std::string path = folder + name;
        if (digest.is_zero() || artifact::is_folder(path)) {
            report.passed_over.push_back(path);
        } else if (kept.count(digest) != 0) {
            ++report.blobs_kept;
        } else {
            report.bytes_removed += artifact::size_of(path).value_or(0);
            ++report.blobs_removed;
            artifact::remove_file(path);
        }
    }
}

}  // namespace

Result<CollectReport> ArtifactStore::collect(const CollectKeep& keep) const {
    return collect([&]() -> Result<CollectKeep> { return keep; });
}

Result<CollectReport> ArtifactStore::collect(const std::function<Result<CollectKeep>()>& keep) const {
    SLIPWAY_TRY(const auto alone,
                artifact::lock_file(directory_ + "/hold.lock", artifact::LockMode::kTryExclusive));
    if (const auto nobody =
            artifact::lock_file(directory_ + "/waiting.lock", artifact::LockMode::kTryExclusive);
        !nobody) {
        return nobody.error();
    }
    // Only now: what was recorded or referred to up to here is in it, and nobody records anything before the
    // end.
    SLIPWAY_TRY(const CollectKeep wanted, keep());
    SLIPWAY_TRY(Marked marked, mark(directory_ + "/builds", wanted));
    SLIPWAY_CHECK(mark_wanted(*this, wanted, marked));
    SLIPWAY_TRY(auto kept, parts_of(*this, marked));
    SLIPWAY_TRY(const auto blobs, artifact::all_names_in(layout() + "/blobs/sha256"));
    {
        SLIPWAY_TRY(const auto lock,
                    artifact::lock_file(directory_ + "/index.lock", artifact::LockMode::kExclusive));
        SLIPWAY_TRY(auto names, index());
        std::erase_if(names.manifests, [&](const OciDescriptor& one) { return kept.count(one.digest) == 0; });
        SLIPWAY_CHECK(artifact::write_durably(layout() + "/index.json", write_index(names)));
    }
    CollectReport report;
    report.passed_over = std::move(marked.passed_over);
    SLIPWAY_CHECK(remove_records(marked.records_to_remove));
    report.records_removed = marked.records_to_remove.size();
    kept.insert(wanted.blobs.begin(), wanted.blobs.end());
    remove_blobs(layout() + "/blobs/sha256/", blobs, kept, report);
    return report;
}

}  // namespace slipway::lifecycle
