// Blobs of the layout: written beside, synced, and given their name by their digest.
#include <unistd.h>

#include <atomic>
#include <cstdio>

#include "engine/artifact/disk.hpp"
#include "engine/artifact/lock.hpp"
#include "engine/artifact/sha.hpp"
#include "slipway/lifecycle/artifact.hpp"

namespace slipway::lifecycle {

struct BlobWriter::State {
    std::string path;
    std::string layout;
    artifact::Fd file;
    artifact::Sha256 sha;
    std::uint64_t size = 0;
    bool finished = false;
};

namespace {

std::string blob_path(const std::string& layout, const Digest& digest) {
    return layout + "/blobs/sha256/" + digest.hex();
}

std::string free_name(const std::string& folder) {
    static std::atomic<unsigned> counter{0};
    return folder + "/blob-" + std::to_string(::getpid()) + "-" + std::to_string(counter.fetch_add(1));
}

bool is_whole(const std::string& path, const Digest& digest, std::uint64_t size) {
    if (!artifact::is_there(path)) {
        return false;
    }
    const auto found = artifact::sha256_of_file(path);
    return found && found->digest == digest && found->size == size;
}

}  // namespace

BlobWriter::BlobWriter(std::unique_ptr<State> state) : state_(std::move(state)) {}
BlobWriter::BlobWriter(BlobWriter&&) noexcept = default;

BlobWriter::~BlobWriter() {
    if (state_ && !state_->finished) {
        artifact::remove_file(state_->path);
    }
}

Result<void> BlobWriter::add(std::string_view bytes) {
    state_->sha.add(bytes);
    state_->size += bytes.size();
    return artifact::write_all(state_->file, bytes, state_->path);
}

Result<OciDescriptor> BlobWriter::finish(std::string_view media_type, const std::optional<Digest>& expected) {
    const Digest digest = state_->sha.finish();
    if (expected && *expected != digest) {
        return environment_error(ErrorCode::kCorrupt,
                                 "what should be " + oci_digest(*expected) + " is " + oci_digest(digest));
    }
    const std::string target = blob_path(state_->layout, digest);
    // Equal bytes that are there already stay; damaged ones are replaced.
    if (!is_whole(target, digest, state_->size)) {
        SLIPWAY_CHECK(artifact::sync_file(state_->file, state_->path));
        SLIPWAY_CHECK(artifact::move_durably(state_->path, target));
        state_->finished = true;
    }
    return OciDescriptor{std::string(media_type), digest, state_->size, {}, {}};
}

Result<BlobWriter> ArtifactStore::begin() const {
    auto state = std::make_unique<BlobWriter::State>();
    state->path = free_name(scratch());
    state->layout = layout();
    SLIPWAY_TRY(state->file, artifact::open_new(state->path));
    return BlobWriter(std::move(state));
}

Result<OciDescriptor> ArtifactStore::put(std::string_view media_type, std::string_view bytes) const {
    SLIPWAY_TRY(auto writer, begin());
    SLIPWAY_CHECK(writer.add(bytes));
    return writer.finish(media_type);
}

bool ArtifactStore::has(const Digest& digest) const {
    return artifact::is_there(path_of(digest));
}

std::string ArtifactStore::path_of(const Digest& digest) const {
    return blob_path(layout(), digest);
}

Result<std::string> ArtifactStore::read(const Digest& digest, std::size_t max) const {
    auto bytes = artifact::read_small(path_of(digest), max);
    if (!bytes) {
        Error error = std::move(bytes).error();
        error.message = "artifact " + oci_digest(digest) + ": " + error.message;
        return error;
    }
    if (sha256(*bytes) != digest) {
        return environment_error(
            ErrorCode::kCorrupt,
            "artifact " + oci_digest(digest) + " is damaged: it is " + oci_digest(sha256(*bytes)),
            "build it again");
    }
    return bytes;
}

}  // namespace slipway::lifecycle
