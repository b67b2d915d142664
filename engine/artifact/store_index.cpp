// The layout's index, what artifacts consist of, and artifacts of other layouts.
#include <algorithm>
#include <set>

#include "engine/artifact/disk.hpp"
#include "engine/artifact/lock.hpp"
#include "engine/artifact/sha.hpp"
#include "slipway/lifecycle/artifact.hpp"

namespace slipway::lifecycle {
namespace {

constexpr int kNestedMax = 4;

using Read = std::function<Result<std::string>(const OciDescriptor&)>;

/// Goes through an artifact, documents first. Everything comes once.
class Closure {
public:
    explicit Closure(const Read& read) : read_(read) {}

    Result<void> add(const OciDescriptor& descriptor, int depth) {
        if (!seen_.insert(descriptor.digest).second) {
            return {};
        }
        if (found_.size() >= 10 * kOciDescriptorsMax || depth > kNestedMax) {
            return environment_error(ErrorCode::kLimit,
                                     "artifact " + oci_digest(descriptor.digest) + " has too many parts");
        }
        found_.push_back(descriptor);
        if (is_index_type(descriptor.media_type)) {
            SLIPWAY_TRY(const std::string bytes, read_(descriptor));
            SLIPWAY_TRY(const auto index, named(parse_index(bytes), descriptor));
            for (const auto& one : index.manifests) {
                SLIPWAY_CHECK(add(one, depth + 1));
            }
        } else if (is_manifest_type(descriptor.media_type)) {
            SLIPWAY_TRY(const std::string bytes, read_(descriptor));
            SLIPWAY_TRY(const auto manifest, named(parse_manifest(bytes), descriptor));
            // A layer of a manifest is bytes, whatever its type claims.
            add_blob(manifest.config);
            for (const auto& layer : manifest.layers) {
                add_blob(layer);
            }
        }
        return {};
    }

    std::vector<OciDescriptor> take() { return std::move(found_); }

private:
    template <class T>
    static Result<T> named(Result<T> parsed, const OciDescriptor& descriptor) {
        if (!parsed) {
            Error error = std::move(parsed).error();
            error.message = "artifact " + oci_digest(descriptor.digest) + ": " + error.message;
            return error;
        }
        return parsed;
    }

    void add_blob(const OciDescriptor& descriptor) {
        if (seen_.insert(descriptor.digest).second) {
            found_.push_back(descriptor);
        }
    }

    const Read& read_;
    std::set<Digest> seen_;
    std::vector<OciDescriptor> found_;
};

Result<std::vector<OciDescriptor>> closure_of(const OciDescriptor& top, const Read& read) {
    Closure closure(read);
    SLIPWAY_CHECK(closure.add(top, 0));
    return closure.take();
}

std::string name_of(const OciDescriptor& descriptor) {
    const auto found = descriptor.annotations.find(std::string(annotation::kRefName));
    return found == descriptor.annotations.end() ? std::string() : found->second;
}

using Parse = Result<OciIndex> (*)(std::string_view);

Result<OciIndex> read_index(const std::string& layout, std::size_t max, Parse parse) {
    SLIPWAY_TRY(const std::string bytes, artifact::read_small(layout + "/index.json", max));
    auto index = parse(bytes);
    if (!index) {
        Error error = std::move(index).error();
        error.message = layout + "/index.json: " + error.message;
        return error;
    }
    return index;
}

/// What one can write, one must be able to read again: never with the limits meant for strangers' documents.
Result<OciIndex> read_own_index(const std::string& layout) {
    return read_index(layout, kOciStoreIndexMax, parse_store_index);
}

Result<OciDescriptor> pick(const OciIndex& index, const std::string& layout, const std::string& name) {
    if (name.empty() && index.manifests.size() == 1) {
        return index.manifests.front();
    }
    for (const auto& one : index.manifests) {
        if (!name.empty() && name_of(one) == name) {
            return one;
        }
    }
    return environment_error(ErrorCode::kNotFound, layout + " holds no artifact named '" + name + "'");
}

Result<void> check_size(const std::string& path, const OciDescriptor& descriptor, std::uint64_t size) {
    if (size != descriptor.size) {
        return environment_error(ErrorCode::kCorrupt, path + " has " + std::to_string(size) + " bytes, not " +
                                                          std::to_string(descriptor.size));
    }
    return {};
}

}  // namespace

Result<std::vector<OciDescriptor>> ArtifactStore::closure(const OciDescriptor& artifact) const {
    return closure_of(artifact, [this](const OciDescriptor& one) { return read(one.digest); });
}

Result<void> ArtifactStore::verify(const OciDescriptor& top) const {
    SLIPWAY_TRY(const auto parts, closure(top));
    for (const auto& part : parts) {
        const std::string path = path_of(part.digest);
        SLIPWAY_TRY(const auto found, artifact::sha256_of_file(path));
        SLIPWAY_CHECK(check_size(path, part, found.size));
        if (found.digest != part.digest) {
            return environment_error(
                ErrorCode::kCorrupt,
                "artifact " + oci_digest(part.digest) + " is damaged: it is " + oci_digest(found.digest));
        }
    }
    return {};
}

Result<void> ArtifactStore::verify_presence(const OciDescriptor& top) const {
    SLIPWAY_TRY(const auto parts, closure(top));
    for (const auto& part : parts) {
        const std::string path = path_of(part.digest);
        SLIPWAY_TRY(const auto size, artifact::size_of(path));
        SLIPWAY_CHECK(check_size(path, part, size));
    }
    return {};
}

Result<OciIndex> ArtifactStore::index() const {
    return read_own_index(layout());
}

Result<void> ArtifactStore::name(const std::string& name, const OciDescriptor& top) const {
    SLIPWAY_TRY(const auto lock,
                artifact::lock_file(directory_ + "/index.lock", artifact::LockMode::kExclusive));
    SLIPWAY_TRY(auto index, read_own_index(layout()));
    std::erase_if(index.manifests, [&](const OciDescriptor& one) { return name_of(one) == name; });
    OciDescriptor entry = top;
    entry.annotations = {{std::string(annotation::kRefName), name}};
    const auto place = std::upper_bound(
        index.manifests.begin(), index.manifests.end(), entry,
        [](const OciDescriptor& a, const OciDescriptor& b) { return name_of(a) < name_of(b); });
    index.manifests.insert(place, std::move(entry));
    return artifact::write_durably(layout() + "/index.json", write_index(index));
}

Result<OciDescriptor> ArtifactStore::import_layout(const std::string& layout, const std::string& name) const {
    SLIPWAY_TRY(const auto index, read_index(layout, kOciDocumentMax, parse_index));
    SLIPWAY_TRY(OciDescriptor top, pick(index, layout, name));
    top.annotations.clear();
    const auto path_there = [&](const Digest& digest) { return layout + "/blobs/sha256/" + digest.hex(); };
    const Read read_there = [&](const OciDescriptor& one) -> Result<std::string> {
        SLIPWAY_TRY(auto bytes, artifact::read_small(path_there(one.digest), kOciDocumentMax));
        if (sha256(bytes) != one.digest) {
            return environment_error(
                ErrorCode::kCorrupt,
                layout + ": what should be " + oci_digest(one.digest) + " is " + oci_digest(sha256(bytes)));
        }
        return bytes;
    };
    SLIPWAY_TRY(const auto parts, closure_of(top, read_there));
    // What is named comes before what names it.
    for (auto part = parts.rbegin(); part != parts.rend(); ++part) {
        SLIPWAY_TRY(auto writer, begin());
        SLIPWAY_CHECK(artifact::read_in_pieces(path_there(part->digest),
                                               [&](std::string_view bytes) { return writer.add(bytes); }));
        SLIPWAY_TRY(const auto written, writer.finish(part->media_type, part->digest));
        SLIPWAY_CHECK(check_size(path_there(part->digest), *part, written.size));
    }
    return top;
}

}  // namespace slipway::lifecycle
