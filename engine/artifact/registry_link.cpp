#include "engine/artifact/registry_link.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <boost/json.hpp>
#include <charconv>
#include <chrono>
#include <thread>

namespace slipway::artifact {
namespace {

constexpr int kRedirectsMax = 5;
constexpr std::size_t kShownMax = 300;
constexpr DurationMs kPauseMax = 30'000;
constexpr std::size_t kTokenMax = std::size_t{1024} * 1024;

std::string base64(const std::string& text) {
    std::string out((text.size() + 2) / 3 * 4 + 1, '\0');
    const int n =
        EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                        reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size()));
    out.resize(static_cast<std::size_t>(n));
    return out;
}

std::string basic(const lifecycle::RegistryCredentials& credentials) {
    return "Basic " + base64(credentials.user + ":" + credentials.password);
}

std::string printable(std::string_view text) {
    std::string out;
    for (const char c : text.substr(0, kShownMax)) {
        out.push_back(static_cast<unsigned char>(c) < 0x20U ? ' ' : c);
    }
    return out;
}

bool passes(unsigned status) {
    return status == 429 || status >= 500;
}

bool is_redirect(unsigned status) {
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

/// What a call's errors begin with: the method and where to, without the query, which may hold a signature.
std::string named(const Call& call) {
    return call.method + " " + call.url.authority() + call.url.target.substr(0, call.url.target.find('?'));
}

Error with_name(const Call& call, Error error) {
    error.message = "registry " + named(call) + ": " + error.message;
    return error;
}

Error out_of_time(const Call& call, const lifecycle::RegistryClientOptions& options) {
    return environment_error(ErrorCode::kTimeout,
                             "registry " + named(call) + ": not done in " +
                                 std::to_string(options.total_timeout_ms) + " ms, tries and pauses included",
                             "what has arrived whole is not fetched or sent again; raise "
                             "RegistryClientOptions::total_timeout_ms if "
                             "the registry is honest and slow");
}

}  // namespace

Url RegistryLink::url(const lifecycle::ImageName& name, const std::string& path) const {
    Url url;
    const std::string host =
        name.host.empty() || name.host == "docker.io" ? "registry-1.docker.io" : name.host;
    url.tls = options_.plain_http.count(host) == 0;
    const auto colon = host.rfind(':');
    const bool has_port = colon != std::string::npos && host.find(']', colon) == std::string::npos;
    url.host = host.substr(0, has_port ? colon : host.size());
    url.port = has_port ? host.substr(colon + 1) : (url.tls ? "443" : "80");
    const bool library = host == "registry-1.docker.io" && name.repository.find('/') == std::string::npos;
    url.target = "/v2/" + (library ? "library/" : std::string()) + name.repository + path;
    return url;
}

Error RegistryLink::refused(const Call& call, const HttpResponse& response) {
    const unsigned status = response.status;
    const ErrorCode code = status == 404                    ? ErrorCode::kNotFound
                           : status == 401 || status == 403 ? ErrorCode::kForbidden
                           : passes(status)                 ? ErrorCode::kTimeout
                                                            : ErrorCode::kRefused;
    const std::string hint = code == ErrorCode::kForbidden ? "check the credentials for this registry" : "";
    const std::string said = printable(response.body);
    return environment_error(
        code, "registry " + named(call) + ": " + std::to_string(status) + (said.empty() ? "" : " " + said),
        hint);
}

Result<void> RegistryLink::pause(const Call& call, std::uint32_t tried,
                                 const std::string& retry_after) const {
    DurationMs wait = options_.retry_delay_ms << std::min<std::uint32_t>(tried, 10);
    DurationMs seconds = 0;
    const auto [end, code] =
        std::from_chars(retry_after.data(), retry_after.data() + retry_after.size(), seconds);
    if (code == std::errc() && seconds > 0) {
        wait = std::max(wait, seconds * 1000);
    }
    wait = std::min(wait, kPauseMax);
    if (in_ms(wait) >= call.until) {
        return out_of_time(call, options_);
    }
    constexpr DurationMs kStep = 50;
    for (DurationMs waited = 0; waited < wait; waited += kStep) {
        if (is_cancelled(call)) {
            return usage_error(ErrorCode::kStopped, "cancelled");
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(std::min(kStep, wait - waited)));
    }
    return {};
}

Result<HttpResponse> RegistryLink::call(const Call& call) {
    for (std::uint32_t tried = 0;; ++tried) {
        if (is_cancelled(call)) {
            return with_name(call, usage_error(ErrorCode::kStopped, "cancelled"));
        }
        if (std::chrono::steady_clock::now() >= call.until) {
            return out_of_time(call, options_);
        }
        if (call.restart) {
            SLIPWAY_CHECK(call.restart());
        }
        bool in_passing = false;
        auto response = once(call, in_passing);
        if (!in_passing) {
            return response;
        }
        if (tried + 1 >= options_.tries || !call.repeatable) {
            Error error = response ? refused(call, *response) : std::move(response).error();
            error.message += " (tried " + std::to_string(tried + 1) + (tried == 0 ? " time)" : " times)");
            return error;
        }
        if (std::chrono::steady_clock::now() >= call.until) {
            return out_of_time(call, options_);
        }
        SLIPWAY_CHECK(pause(call, tried, response ? response->header("retry-after") : ""));
    }
}

Result<HttpResponse> RegistryLink::once(const Call& call, bool& in_passing) {
    std::string authorization = known_authorization(call);
    auto response = exchange(call, call.url, authorization);
    if (response && response->status == 401) {
        SLIPWAY_TRY(authorization, authorize(call, response->header("www-authenticate")));
        if (call.restart) {
            SLIPWAY_CHECK(call.restart());
        }
        response = exchange(call, call.url, authorization);
        if (response && response->status == 401) {
            return refused(call, *response);
        }
    }
    if (response && call.follow && is_redirect(response->status)) {
        response = follow(call, call.url, std::move(*response), authorization);
    }
    if (!response) {
        const auto code = response.error().code;
        in_passing = code == ErrorCode::kIo || code == ErrorCode::kTimeout;
        return with_name(call, std::move(response).error());
    }
    in_passing = passes(response->status);
    return response;
}

Result<HttpResponse> RegistryLink::exchange(const Call& call, const Url& url,
                                            const std::string& authorization) {
    HttpRequest request{call.method, url, call.headers, call.body};
    if (!authorization.empty()) {
        request.headers["Authorization"] = authorization;
    }
    HttpOptions options = http(call);
    options.body_max = call.body_max;
    options.sink = call.sink;
    return http_exchange(request, options);
}

HttpOptions RegistryLink::http(const Call& call) const {
    HttpOptions options;
    options.ca_file = options_.ca_file;
    options.io_timeout_ms = options_.io_timeout_ms;
    options.until = call.until;
    if (options_.cancelled || call.cancelled) {
        options.cancelled = [this, &call] { return is_cancelled(call); };
    }
    return options;
}

bool RegistryLink::is_cancelled(const Call& call) const {
    return (options_.cancelled && options_.cancelled()) || (call.cancelled && call.cancelled());
}

// What a registry keeps elsewhere it points to; who we are is nobody's business there.
Result<HttpResponse> RegistryLink::follow(const Call& call, Url from, HttpResponse response,
                                          const std::string& authorization) {
    const bool began_with_tls = from.tls;
    std::string allowed = authorization;
    for (int i = 0; i < kRedirectsMax; ++i) {
        SLIPWAY_TRY(const Url to, resolve_url(from, response.header("location")));
        if (began_with_tls && !to.tls) {
            return environment_error(ErrorCode::kForbidden, "redirected from TLS to " + to.authority());
        }
        if (to.tls != from.tls || to.authority() != from.authority()) {
            allowed.clear();
        }
        SLIPWAY_TRY(response, exchange(call, to, allowed));
        if (!is_redirect(response.status)) {
            return response;
        }
        from = to;
    }
    return environment_error(ErrorCode::kLimit,
                             "redirected more than " + std::to_string(kRedirectsMax) + " times");
}

std::string RegistryLink::known_authorization(const Call& call) {
    const std::scoped_lock lock(mutex_);
    const auto found = authorizations_.find(call.url.authority() + " " + call.scope);
    return found == authorizations_.end() ? std::string() : found->second;
}

Result<std::string> RegistryLink::authorize(const Call& call, const std::string& text) {
    std::optional<lifecycle::RegistryCredentials> credentials;
    if (options_.credentials) {
        SLIPWAY_TRY(credentials, options_.credentials(call.url.authority()));
    }
    const auto challenge = parse_challenge(text);
    std::string authorization;
    if (challenge.at("") == "bearer") {
        SLIPWAY_TRY(authorization, fetch_token(call, challenge, credentials));
    } else if (challenge.at("") == "basic" && credentials) {
        authorization = basic(*credentials);
    } else {
        return environment_error(ErrorCode::kForbidden, "registry " + named(call) + ": asks for credentials",
                                 "no credentials are known for " + call.url.authority());
    }
    const std::scoped_lock lock(mutex_);
    authorizations_[call.url.authority() + " " + call.scope] = authorization;
    return authorization;
}

Result<std::string> RegistryLink::fetch_token(
    const Call& call, const std::map<std::string, std::string>& challenge,
    const std::optional<lifecycle::RegistryCredentials>& credentials) {
    const auto realm = challenge.find("realm");
    SLIPWAY_TRY(Url url, parse_url(realm == challenge.end() ? "" : realm->second));
    // A registry behind TLS must not make us send a password in the clear.
    if (!url.tls && (call.url.tls || options_.plain_http.count(url.authority()) == 0)) {
        return environment_error(ErrorCode::kForbidden, "registry " + named(call) + ": its token service " +
                                                            url.authority() + " is not behind TLS");
    }
    if (const auto service = challenge.find("service"); service != challenge.end()) {
        add_query(url, "service", service->second);
    }
    add_query(url, "scope", call.scope);
    HttpRequest request{"GET", url, {}, {}};
    if (credentials) {
        request.headers["Authorization"] = basic(*credentials);
    }
    HttpOptions options = http(call);
    options.body_max = kTokenMax;
    SLIPWAY_TRY(const auto response, http_exchange(request, options));
    if (response.status != 200) {
        return environment_error(ErrorCode::kForbidden,
                                 "registry " + named(call) + ": the token service " + url.authority() +
                                     " answers " + std::to_string(response.status),
                                 "check the credentials for this registry");
    }
    boost::system::error_code code;
    const auto value = boost::json::parse(response.body, code);
    for (const char* key : {"token", "access_token"}) {
        const auto* token = code || !value.is_object() ? nullptr : value.get_object().if_contains(key);
        if (token != nullptr && token->is_string() && !token->get_string().empty()) {
            return "Bearer " + std::string(token->get_string());
        }
    }
    return environment_error(ErrorCode::kCorrupt, "registry " + named(call) + ": the token service " +
                                                      url.authority() + " gives no token");
}

}  // namespace slipway::artifact
