// One registry as a client talks to it: who we are, what is tried again, where redirects lead.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "engine/artifact/http.hpp"
#include "slipway/lifecycle/registry_client.hpp"

namespace slipway::artifact {

struct Call {
    std::string method;
    Url url;
    std::string scope;  ///< "repository:acme/web:pull,push", asked for where tokens are given
    std::map<std::string, std::string> headers = {};
    std::string body = {};
    std::uint64_t body_max = lifecycle::kOciDocumentMax;
    std::function<Result<void>(std::string_view)> sink = {};
    /// Called before each try: what a sink took of a try that failed is void.
    std::function<Result<void>()> restart = {};
    bool follow = false;  ///< redirects, which a download may give
    /// A request whose first try may have had its effect is not tried again here.
    bool repeatable = true;
    Deadline until = Deadline::max();
    std::function<bool()> cancelled = {};  ///< of this call, beside the client's own
};

/// Thread-safe.
class RegistryLink {
public:
    explicit RegistryLink(lifecycle::RegistryClientOptions options) : options_(std::move(options)) {}

    const lifecycle::RegistryClientOptions& options() const { return options_; }
    Url url(const lifecycle::ImageName& name, const std::string& path) const;
    /// Any status below 500 but 401 and 429 comes back; those are dealt with here.
    Result<HttpResponse> call(const Call& call);
    /// "PUT ghcr.io/v2/…: 400 …" with what the registry says.
    static Error refused(const Call& call, const HttpResponse& response);

private:
    Result<HttpResponse> once(const Call& call, bool& in_passing);
    Result<HttpResponse> exchange(const Call& call, const Url& url, const std::string& authorization);
    Result<HttpResponse> follow(const Call& call, Url from, HttpResponse response,
                                const std::string& authorization);
    Result<std::string> authorize(const Call& call, const std::string& text);
    Result<std::string> fetch_token(const Call& call, const std::map<std::string, std::string>& challenge,
                                    const std::optional<lifecycle::RegistryCredentials>& credentials);
    std::string known_authorization(const Call& call);
    Result<void> pause(const Call& call, std::uint32_t tried, const std::string& retry_after) const;
    HttpOptions http(const Call& call) const;
    bool is_cancelled(const Call& call) const;

    lifecycle::RegistryClientOptions options_;
    std::mutex mutex_;
    std::map<std::string, std::string> authorizations_;  ///< by host and scope
};

/// `Bearer realm="…",service="…"` taken apart; the scheme under "" in lower case.
std::map<std::string, std::string> parse_challenge(std::string_view text);

}  // namespace slipway::artifact
