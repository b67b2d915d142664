// The artifact store: an OCI image layout in a private directory, and the records of what was built from
// what.
//
//   auto store = ArtifactStore::open("state/artifacts");
//   auto chart = build_chart(**store, "./chart", {.source = "acme/shop", .revision = commit});
//   (*store)->record({.app = "shop", .component = "web", .cause = cause, .artifact = *chart});
//
// Other tools read the layout too: skopeo inspect oci:state/artifacts/oci:shop/web/1f0c…
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "slipway/lifecycle/app.hpp"
#include "slipway/lifecycle/oci.hpp"

namespace slipway::lifecycle {

/// Everything that went into a build, by name: "file values.yaml" -> digest, "repository acme/modules//vpc"
/// -> content, "key vars.region" -> digest, "image nginx:1.25" -> digest.
struct BuildCause {
    StringMap parts;
    StringMap notes;  ///< told with a part of the same name, and no reason to build: a commit, a place

    Digest key() const;

    friend bool operator==(const BuildCause&, const BuildCause&) = default;
};
/// Why `now` needs a build when `before` was built: a sentence for each part that moved, came or went. Empty
/// when the keys are equal.
std::vector<std::string> what_moved(const BuildCause& before, const BuildCause& now);

struct BuildRecord {
    std::string app;
    std::string component;
    BuildCause cause;
    OciDescriptor artifact;
    std::string version;  ///< of the app, that it was first built for; hex
    TimeMs built_ms = 0;
    std::string token = {};  ///< of the request that asked for a rebuild
};

struct CollectKeep {
    std::size_t records = 10;         ///< of each component, the newest ones
    std::set<Digest> artifacts = {};  ///< what installs and versions refer to
    std::set<Digest> blobs = {};      ///< what belongs to no artifact yet
};
struct CollectReport {
    std::size_t records_removed = 0;
    std::size_t blobs_removed = 0;
    std::uint64_t bytes_removed = 0;
    std::size_t blobs_kept = 0;
    std::vector<std::string> passed_over = {};  ///< paths of what is nobody's here: left alone
};

class ArtifactStore;

/// A blob while it is written; not there before finish(). Not thread-safe.
class BlobWriter {
public:
    BlobWriter(BlobWriter&&) noexcept;
    BlobWriter& operator=(BlobWriter&&) = delete;
    BlobWriter(const BlobWriter&) = delete;
    BlobWriter& operator=(const BlobWriter&) = delete;
    ~BlobWriter();
    Result<void> add(std::string_view bytes);
    /// Durable when it returns: digest, size and `media_type`. With `expected` another digest is kCorrupt.
    Result<OciDescriptor> finish(std::string_view media_type, const std::optional<Digest>& expected = {});

private:
    friend class ArtifactStore;
    struct State;
    explicit BlobWriter(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

/// Thread-safe; several processes may share a directory. A kill leaves whole blobs or none, an index that
/// names only what is there, and a record only behind everything that it names.
class ArtifactStore {
public:
    /// `directory` is made (0700) when absent; what a killed process left half-written is removed.
    static Result<std::shared_ptr<ArtifactStore>> open(const std::string& directory);

    /// The OCI image layout.
    std::string layout() const { return directory_ + "/oci"; }
    /// A private folder for what is not an artifact yet; swept when nothing holds the store.
    std::string scratch() const { return directory_ + "/tmp"; }
    /// While it is held nothing is collected. Who builds takes it before the first blob and keeps it until
    /// the record; who reads takes it before find() and keeps it until the last byte. Waits for a collection.
    Result<std::shared_ptr<void>> hold() const;

    Result<BlobWriter> begin() const;
    Result<OciDescriptor> put(std::string_view media_type, std::string_view bytes) const;
    bool has(const Digest& digest) const;
    std::string path_of(const Digest& digest) const;
    /// Compared with its digest: kCorrupt when it is not what it should be, kNotFound, kLimit above `max`.
    Result<std::string> read(const Digest& digest, std::size_t max = kOciDocumentMax) const;
    /// Reads all of an artifact, manifests below it included, and compares every digest and size.
    Result<void> verify(const OciDescriptor& top) const;
    /// The same without reading the layers: they are there and have their sizes.
    Result<void> verify_presence(const OciDescriptor& top) const;
    /// What an artifact consists of, itself included, without what is met twice.
    Result<std::vector<OciDescriptor>> closure(const OciDescriptor& artifact) const;

    /// Names an artifact in the layout's index; a name is given once, the newest meaning counts.
    Result<void> name(const std::string& name, const OciDescriptor& top) const;
    Result<OciIndex> index() const;
    /// Takes an artifact over from another layout, digest by digest. `name`: its ref.name there; empty: the
    /// only one.
    Result<OciDescriptor> import_layout(const std::string& layout, const std::string& name) const;

    /// Durable when it returns, and named "<app>/<component>/<first 12 digits of the key>" in the layout.
    Result<void> record(const BuildRecord& record) const;
    /// Nothing when it was not built or what it names is not whole any more.
    Result<std::optional<BuildRecord>> find(const std::string& app, const std::string& component,
                                            const Digest& key) const;
    /// Newest first; those that cannot be read left out.
    std::vector<BuildRecord> records(const std::string& app, const std::string& component) const;
    /// The same, where none may be missed: only what is damaged is left out, anything else is an error.
    Result<std::vector<BuildRecord>> all_records(const std::string& app, const std::string& component) const;

    /// Removes what neither `keep` nor the newest records name. `keep` is asked once, when nothing is being
    /// built and nothing can begin before the end, so what is referred to by then stays; it must not take
    /// hold(). An error of it ends the collection before anything is removed. kLocked while something is
    /// being built.
    Result<CollectReport> collect(const std::function<Result<CollectKeep>()>& keep) const;
    /// The same with a set that nobody changes meanwhile.
    Result<CollectReport> collect(const CollectKeep& keep) const;

private:
    explicit ArtifactStore(std::string directory) : directory_(std::move(directory)) {}
    std::string directory_;
};

/// What stands in an artifact's annotations; empty members are left out.
struct ArtifactInfo {
    std::string source = {};    ///< the repository
    std::string revision = {};  ///< the commit
    std::string version = {};
    std::string title = {};
    std::string app_version = {};  ///< that it was first built for; hex

    friend bool operator==(const ArtifactInfo&, const ArtifactInfo&) = default;
};

std::map<std::string, std::string> annotations_of(const ArtifactInfo& info);

/// A Terraform module as OpenTofu's module package: one zip.
Result<OciDescriptor> build_module(const ArtifactStore& store, const std::string& folder,
                                   const ArtifactInfo& info);
/// A Helm chart as `helm push` would make it, .helmignore heeded. kInvalidArgument: not a chart, or one whose
/// dependencies are not in charts/.
Result<OciDescriptor> build_chart(const ArtifactStore& store, const std::string& folder,
                                  const ArtifactInfo& info);
/// A chart that is packed already: its bytes are taken as they are.
Result<OciDescriptor> build_packed_chart(const ArtifactStore& store, const std::string& file,
                                         const ArtifactInfo& info);
/// Kubernetes manifests: one YAML document stream.
Result<OciDescriptor> build_manifests(const ArtifactStore& store, std::string_view yaml,
                                      const ArtifactInfo& info);
/// A folder of scripts.
Result<OciDescriptor> build_scripts(const ArtifactStore& store, const std::string& folder,
                                    const ArtifactInfo& info);

/// Dependencies of the chart in `folder` that are not in its charts/.
Result<std::vector<std::string>> missing_chart_dependencies(const std::string& folder);

}  // namespace slipway::lifecycle
