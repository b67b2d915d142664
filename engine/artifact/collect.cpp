// What nothing refers to any more is removed: first names, then records, then bytes, so that a kill in
// between leaves nothing that names what is gone.
#include <set>

#include "engine/artifact/disk.hpp"
#include "engine/artifact/lock.hpp"
#include "engine/artifact/records.hpp"

namespace slipway::lifecycle {
namespace {

struct RecordFile {
    std::string path;
    BuildRecord record;
};

/// What is truly damaged or gone. Anything else may be readable the next time, or by a newer version, and
/// then it refers to something.
bool is_lost(const Error& error) {
    return error.code == ErrorCode::kCorrupt || error.code == ErrorCode::kNotFound;
}

/// Of one component, newest first; a record that does not decode names nothing and goes.
Result<std::vector<RecordFile>> read_records(const std::string& folder,
                                             std::vector<std::string>& unreadable) {
    std::vector<RecordFile> out;
    SLIPWAY_TRY(const auto names, artifact::all_names_in(folder));
    for (const auto& name : names) {
        const std::string path = folder + "/" + name;
        auto record = artifact::read_record(path);
        if (record) {
            out.push_back({path, std::move(*record)});
        } else if (is_lost(record.error())) {
            unreadable.push_back(path);
        } else {
            return record.error();
        }
    }
    std::stable_sort(out.begin(), out.end(), [](const RecordFile& a, const RecordFile& b) {
        return a.record.built_ms > b.record.built_ms;
    });
    return out;
}

struct Marked {
    std::vector<std::string> records_to_remove;
    std::map<Digest, OciDescriptor> artifacts;  ///< to keep
};

Result<void> mark_component(const std::string& folder, const CollectKeep& keep, Marked& marked) {
    SLIPWAY_TRY(const auto records, read_records(folder, marked.records_to_remove));
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

Result<Marked> mark(const std::string& builds, const CollectKeep& keep) {
    Marked marked;
    SLIPWAY_TRY(const auto apps, artifact::all_names_in(builds));
    for (const auto& app : apps) {
        SLIPWAY_TRY(const auto components, artifact::all_names_in(builds + "/" + app));
        for (const auto& component : components) {
            std::string folder = builds;
            folder += "/" + app + "/" + component;
            SLIPWAY_CHECK(mark_component(folder, keep, marked));
        }
    }
    return marked;
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

}  // namespace

Result<CollectReport> ArtifactStore::collect(const CollectKeep& keep) const {
    SLIPWAY_TRY(const auto alone,
                artifact::lock_file(directory_ + "/hold.lock", artifact::LockMode::kTryExclusive));
    SLIPWAY_TRY(const Marked marked, mark(directory_ + "/builds", keep));
    SLIPWAY_TRY(const auto kept, parts_of(*this, marked));
    SLIPWAY_TRY(const auto blobs, artifact::all_names_in(layout() + "/blobs/sha256"));
    {
        SLIPWAY_TRY(const auto lock,
                    artifact::lock_file(directory_ + "/index.lock", artifact::LockMode::kExclusive));
        SLIPWAY_TRY(auto names, index());
        std::erase_if(names.manifests, [&](const OciDescriptor& one) { return kept.count(one.digest) == 0; });
        SLIPWAY_CHECK(artifact::write_durably(layout() + "/index.json", write_index(names)));
    }
    CollectReport report;
    std::set<std::string> folders;
    for (const auto& path : marked.records_to_remove) {
        artifact::remove_file(path);
        folders.insert(path.substr(0, path.rfind('/')));
        ++report.records_removed;
    }
    for (const auto& folder : folders) {
        SLIPWAY_CHECK(artifact::sync_folder(folder));
    }
    for (const auto& name : blobs) {
        const Digest digest = Digest::from_hex(name);
        if (!digest.is_zero() && kept.count(digest) != 0) {
            ++report.blobs_kept;
            continue;
        }
        const std::string path = layout() + "/blobs/sha256/" + name;
        report.bytes_removed += artifact::size_of(path).value_or(0);
        ++report.blobs_removed;
        artifact::remove_file(path);
    }
    return report;
}

}  // namespace slipway::lifecycle
