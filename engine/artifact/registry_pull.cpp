// Pulling: documents are read first, blobs are fetched and compared, documents are kept last.
#include "engine/artifact/registry_state.hpp"
#include "engine/artifact/sha.hpp"

namespace slipway::lifecycle {
namespace {

using artifact::Call;
using artifact::Document;
using artifact::RegistryLink;

constexpr int kNestedMax = 4;
constexpr std::size_t kDocumentsMax = 1'000;
constexpr std::uint64_t kDocumentBytesMax = std::uint64_t{64} * 1024 * 1024;  // they stay in memory

class Pull {
public:
    Pull(RegistryLink& link, const ArtifactStore& store, const ImageName& name)
        : link_(link), store_(store), name_(name), until_(artifact::in_ms(link.options().total_timeout_ms)) {}

    Result<OciDescriptor> run(const std::string& reference) {
        SLIPWAY_TRY(auto top, artifact::fetch_document(link_, name_, reference, until_));
        const OciDescriptor descriptor = top.descriptor;
        SLIPWAY_CHECK(take(std::move(top), 0));
        SLIPWAY_CHECK(check_sizes());
        for (const auto& [digest, blob] : blobs_) {
            SLIPWAY_CHECK(fetch(blob));
        }
        for (const auto& document : documents_) {
            SLIPWAY_CHECK(store_.put(document.descriptor.media_type, document.bytes));
        }
        return descriptor;
    }

private:
    /// What it names comes in front of it in `documents_`.
    Result<void> take(Document document, int depth) {
        document_bytes_ += document.bytes.size();
        if (depth > kNestedMax || documents_.size() > kDocumentsMax || document_bytes_ > kDocumentBytesMax) {
            return environment_error(ErrorCode::kLimit, "registry " + name_.host + ": " + name_.repository +
                                                            " has too many parts");
        }
        if (is_index_type(document.descriptor.media_type)) {
            SLIPWAY_TRY(const auto index, named(parse_index(document.bytes), document));
            for (const auto& one : index.manifests) {
                SLIPWAY_TRY(auto below,
                            artifact::fetch_document(link_, name_, oci_digest(one.digest), until_));
                below.descriptor.media_type = one.media_type;
                SLIPWAY_CHECK(take(std::move(below), depth + 1));
            }
        } else {
            SLIPWAY_TRY(const auto manifest, named(parse_manifest(document.bytes), document));
            blobs_[manifest.config.digest] = manifest.config;
            for (const auto& layer : manifest.layers) {
                blobs_[layer.digest] = layer;
            }
        }
        documents_.push_back(std::move(document));
        return {};
    }

    template <class T>
    Result<T> named(Result<T> parsed, const Document& document) const {
        if (!parsed) {
            Error error = std::move(parsed).error();
            error.message = "registry " + name_.host + ": " + name_.repository + "@" +
                            oci_digest(document.descriptor.digest) + ": " + error.message;
            return error;
        }
        return parsed;
    }

    /// By what the documents say; more than that is never read.
    Result<void> check_sizes() const {
        const auto& options = link_.options();
        std::uint64_t all = 0;
        for (const auto& [digest, blob] : blobs_) {
            if (blob.size > options.blob_max) {
                return environment_error(ErrorCode::kLimit, "registry " + name_.host + ": " +
                                                                oci_digest(digest) + " is too large");
            }
            all = blob.size > UINT64_MAX - all ? UINT64_MAX : all + blob.size;
        }
        if (all > options.pull_max) {
            return environment_error(ErrorCode::kLimit,
                                     "registry " + name_.host + ": " + name_.repository + " has " +
                                         std::to_string(all) + " bytes, more than the " +
                                         std::to_string(options.pull_max) + " that one pull may bring");
        }
        return {};
    }

    Result<void> fetch(const OciDescriptor& blob) {
        if (store_.has(blob.digest)) {
            const auto found = artifact::sha256_of_file(store_.path_of(blob.digest));
            if (found && found->digest == blob.digest) {
                return {};
            }
        }
        std::optional<BlobWriter> writer;
        Call call{"GET", link_.url(name_, "/blobs/" + oci_digest(blob.digest)),
                  artifact::scope_of(name_, false)};
        call.follow = true;
        call.until = until_;
        // A refusal may be longer than a small blob.
        call.body_max = std::max<std::uint64_t>(blob.size, 64ULL * 1024);
        call.restart = [&]() -> Result<void> {
            SLIPWAY_TRY(auto fresh, store_.begin());
            writer.reset();
            writer.emplace(std::move(fresh));
            return {};
        };
        std::uint64_t got = 0;
        call.sink = [&](std::string_view bytes) {
            got += bytes.size();
            if (link_.options().progress) {
                link_.options().progress(oci_digest(blob.digest), got, blob.size);
            }
            return writer->add(bytes);
        };
        SLIPWAY_TRY(const auto response, link_.call(call));
        if (response.status != 200) {
            return RegistryLink::refused(call, response);
        }
        auto written = writer->finish(blob.media_type, blob.digest);
        if (!written && written.error().code == ErrorCode::kCorrupt) {
            return environment_error(
                ErrorCode::kCorrupt,
                "registry " + name_.host + " lies about " + name_.repository + ": " + written.error().message,
                "do not trust this registry before somebody has looked");
        }
        if (!written) {
            return written.error();
        }
        return {};
    }

    RegistryLink& link_;
    const ArtifactStore& store_;
    const ImageName& name_;
    std::map<Digest, OciDescriptor> blobs_;
    std::vector<Document> documents_;
    std::uint64_t document_bytes_ = 0;
    artifact::Deadline until_;
};

}  // namespace

Result<OciDescriptor> RegistryClient::pull(const ArtifactStore& store, const ImageName& name) {
    const std::string reference = !name.digest.empty() ? name.digest : name.tag.empty() ? "latest" : name.tag;
    SLIPWAY_TRY(const auto hold, store.hold());
    return Pull(state_->link, store, name).run(reference);
}

}  // namespace slipway::lifecycle
