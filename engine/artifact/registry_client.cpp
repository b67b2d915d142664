#include "engine/artifact/registry_state.hpp"

namespace slipway::lifecycle {

using artifact::Call;

RegistryClient::RegistryClient(RegistryClientOptions options)
    : state_(std::make_unique<State>(std::move(options))) {}
RegistryClient::~RegistryClient() = default;

}  // namespace slipway::lifecycle

namespace slipway::artifact {

std::string scope_of(const lifecycle::ImageName& name, bool push) {
    return "repository:" + name.repository + (push ? ":pull,push" : ":pull");
}

std::map<std::string, std::string> accepted_documents() {
    std::string accept;
    for (const auto type : {lifecycle::media::kManifest, lifecycle::media::kIndex,
                            lifecycle::media::kDockerManifest, lifecycle::media::kDockerIndex}) {
        accept += (accept.empty() ? "" : ", ") + std::string(type);
    }
    return {{"Accept", accept}};
}

Error lied(const lifecycle::ImageName& name, const std::string& what, const std::string& promised,
           const std::string& given) {
    return environment_error(ErrorCode::kCorrupt,
                             "registry " + name.host + " lies about " + name.repository + ": " + what +
                                 " should be " + promised + " and is " + given,
                             "do not trust this registry before somebody has looked");
}

Result<Document> fetch_document(RegistryLink& link, const lifecycle::ImageName& name,
                                const std::string& reference, Deadline until) {
    Call call{"GET", link.url(name, "/manifests/" + reference), scope_of(name, false), accepted_documents()};
    call.follow = true;
    call.until = until;
    SLIPWAY_TRY(auto response, link.call(call));
    if (response.status != 200) {
        return RegistryLink::refused(call, response);
    }
    Document out;
    out.descriptor.digest = sha256(response.body);
    out.descriptor.size = response.body.size();
    const std::string actual = lifecycle::oci_digest(out.descriptor.digest);
    const std::string told = response.header("docker-content-digest");
    if (const auto wanted = lifecycle::parse_oci_digest(reference); wanted && reference != actual) {
        return lied(name, "manifest", reference, actual);
    }
    if (!told.empty() && told != actual) {
        return lied(name, "manifest " + reference, told, actual);
    }
    std::string type = response.header("content-type");
    type = type.substr(0, type.find(';'));
    // Without its type a document is read as what it looks like.
    if (!lifecycle::is_index_type(type) && !lifecycle::is_manifest_type(type)) {
        type = std::string(lifecycle::parse_index(response.body) ? lifecycle::media::kIndex
                                                                 : lifecycle::media::kManifest);
    }
    out.descriptor.media_type = std::move(type);
    out.bytes = std::move(response.body);
    return out;
}

}  // namespace slipway::artifact

namespace slipway::lifecycle {

Result<OciDescriptor> RegistryClient::resolve(const ImageName& name) {
    const std::string reference = !name.digest.empty() ? name.digest : name.tag.empty() ? "latest" : name.tag;
    SLIPWAY_TRY(auto document,
                artifact::fetch_document(state_->link, name, reference,
                                         artifact::in_ms(state_->link.options().total_timeout_ms)));
    return document.descriptor;
}

}  // namespace slipway::lifecycle
