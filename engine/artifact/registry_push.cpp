// Pushing: blobs first, each asked for before it is sent; manifests from the inside out; the tag last.
#include "engine/artifact/disk.hpp"
#include "engine/artifact/registry_state.hpp"

namespace slipway::lifecycle {
namespace {

using artifact::Call;
using artifact::HttpResponse;
using artifact::RegistryLink;
using artifact::Url;

class Push {
public:
    Push(RegistryLink& link, const ArtifactStore& store, const ImageName& name,
         const std::function<bool()>& cancelled)
        : link_(link),
          store_(store),
          name_(name),
          cancelled_(cancelled),
          until_(artifact::in_ms(link.options().total_timeout_ms)) {}

    Result<void> tag(const OciDescriptor& top) { return document(top, name_.tag); }

    Result<PushReport> run(const OciDescriptor& top) {
        SLIPWAY_TRY(const auto parts, store_.closure(top));
        for (const auto& part : parts) {
            if (!is_document(part)) {
                SLIPWAY_CHECK(blob(part));
            }
        }
        for (auto part = parts.rbegin(); part != parts.rend(); ++part) {
            if (is_document(*part)) {
                SLIPWAY_CHECK(document(*part, oci_digest(part->digest)));
            }
        }
        if (!name_.tag.empty()) {
            SLIPWAY_CHECK(document(top, name_.tag));
        }
        return report_;
    }

private:
    static bool is_document(const OciDescriptor& part) {
        return is_manifest_type(part.media_type) || is_index_type(part.media_type);
    }

    Call call(const std::string& method, Url url) const {
        Call out{method, std::move(url), artifact::scope_of(name_, true)};
        out.until = until_;
        out.cancelled = cancelled_;
        return out;
    }

    Result<void> blob(const OciDescriptor& part) {
        const std::string digest = oci_digest(part.digest);
        const auto ask = call("HEAD", link_.url(name_, "/blobs/" + digest));
        SLIPWAY_TRY(const auto there, link_.call(ask));
        if (there.status == 200) {
            ++report_.blobs_there;
            return {};
        }
        if (there.status != 404) {
            return RegistryLink::refused(ask, there);
        }
        // An upload that fails in passing begins anew: where it stands at the registry is not known.
        Result<void> sent;
        for (std::uint32_t tried = 0; tried < link_.options().tries; ++tried) {
            sent = upload(part, digest);
            const bool over = std::chrono::steady_clock::now() >= until_;
            if (sent || over ||
                (sent.error().code != ErrorCode::kTimeout && sent.error().code != ErrorCode::kIo)) {
                break;
            }
        }
        SLIPWAY_CHECK(sent);
        ++report_.blobs_sent;
        return {};
    }

    Result<Url> begin() {
        auto post = call("POST", link_.url(name_, "/blobs/uploads/"));
        SLIPWAY_TRY(const auto begun, link_.call(post));
        if (begun.status != 202) {
            return RegistryLink::refused(post, begun);
        }
        return next(post.url, begun);
    }

    /// Where the next part goes. Only at the registry itself: what is sent there has our name on it.
    Result<Url> next(const Url& base, const HttpResponse& response) const {
        SLIPWAY_TRY(const Url url, resolve_url(base, response.header("location")));
        if (url.authority() != base.authority() || (base.tls && !url.tls)) {
            return environment_error(
                ErrorCode::kForbidden,
                "registry " + name_.host + " wants an upload to go to " + url.authority());
        }
        return url;
    }

    Result<void> upload(const OciDescriptor& part, const std::string& digest) {
        SLIPWAY_TRY(Url url, begin());
        std::string chunk;
        std::uint64_t sent = 0;
        const auto limit = link_.options().chunk_bytes;
        SLIPWAY_CHECK(artifact::read_in_pieces(
            store_.path_of(part.digest), [&](std::string_view bytes) -> Result<void> {
                chunk += bytes;
                if (chunk.size() < limit || sent + chunk.size() >= part.size) {
                    return {};
                }
                SLIPWAY_TRY(url, patch(url, chunk, sent));
                sent += chunk.size();
                chunk.clear();
                tell(digest, sent, part.size);
                return {};
            }));
        add_query(url, "digest", digest);
        auto put = call("PUT", url);
        put.headers["Content-Type"] = "application/octet-stream";
        put.body = std::move(chunk);
        put.repeatable = false;
        SLIPWAY_TRY(const auto done, link_.call(put));
        if (done.status != 201) {
            return RegistryLink::refused(put, done);
        }
        tell(digest, part.size, part.size);
        return check_told(done, "blob", digest);
    }

    Result<Url> patch(const Url& url, const std::string& chunk, std::uint64_t from) {
        auto patch = call("PATCH", url);
        patch.headers["Content-Type"] = "application/octet-stream";
        patch.headers["Content-Range"] = std::to_string(from) + "-" + std::to_string(from + chunk.size() - 1);
        patch.body = chunk;
        patch.repeatable = false;
        SLIPWAY_TRY(const auto taken, link_.call(patch));
        if (taken.status != 202) {
            return RegistryLink::refused(patch, taken);
        }
        return next(url, taken);
    }

    Result<void> document(const OciDescriptor& part, const std::string& reference) {
        auto put = call("PUT", link_.url(name_, "/manifests/" + reference));
        put.headers["Content-Type"] = part.media_type;
        SLIPWAY_TRY(put.body, store_.read(part.digest));
        SLIPWAY_TRY(const auto done, link_.call(put));
        if (done.status != 201) {
            return RegistryLink::refused(put, done);
        }
        return check_told(done, "manifest", oci_digest(part.digest));
    }

    Result<void> check_told(const HttpResponse& response, const std::string& what,
                            const std::string& digest) const {
        const std::string told = response.header("docker-content-digest");
        if (!told.empty() && told != digest) {
            return artifact::lied(name_, what, digest, told);
        }
        return {};
    }

    void tell(const std::string& digest, std::uint64_t done, std::uint64_t all) const {
        if (link_.options().progress) {
            link_.options().progress(digest, done, all);
        }
    }

    RegistryLink& link_;
    const ArtifactStore& store_;
    const ImageName& name_;
    const std::function<bool()>& cancelled_;
    PushReport report_;
    artifact::Deadline until_;
};

}  // namespace

Result<PushReport> RegistryClient::push(const ArtifactStore& store, const OciDescriptor& artifact,
                                        const ImageName& name, const std::function<bool()>& cancelled) {
    return Push(state_->link, store, name, cancelled).run(artifact);
}

Result<void> RegistryClient::tag(const ArtifactStore& store, const OciDescriptor& artifact,
                                 const ImageName& name, const std::function<bool()>& cancelled) {
    return Push(state_->link, store, name, cancelled).tag(artifact);
}

}  // namespace slipway::lifecycle
