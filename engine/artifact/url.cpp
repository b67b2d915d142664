#include <boost/url.hpp>

#include "engine/artifact/http.hpp"

namespace slipway::artifact {
namespace {

Error not_a_url(std::string_view text) {
    return environment_error(ErrorCode::kInvalidArgument,
                             "'" + std::string(text.substr(0, 300)) + "' is not an http(s) URL");
}

}  // namespace

std::string Url::authority() const {
    const bool usual = port == (tls ? "443" : "80");
    return usual ? host : host + ":" + port;
}

std::string Url::str() const {
    return (tls ? "https://" : "http://") + authority() + target;
}

Result<Url> parse_url(std::string_view text) {
    const auto parsed = boost::urls::parse_uri({text.data(), text.size()});
    if (!parsed || !parsed->has_authority() || parsed->encoded_host().empty() || parsed->has_userinfo()) {
        return not_a_url(text);
    }
    Url url;
    const std::string scheme(parsed->scheme().data(), parsed->scheme().size());
    if (scheme != "https" && scheme != "http") {
        return not_a_url(text);
    }
    url.tls = scheme == "https";
    url.host = std::string(parsed->encoded_host().data(), parsed->encoded_host().size());
    url.port = std::string(parsed->port().data(), parsed->port().size());
    if (url.port.empty()) {
        url.port = url.tls ? "443" : "80";
    }
    url.target = std::string(parsed->encoded_path().data(), parsed->encoded_path().size());
    if (url.target.empty()) {
        url.target = "/";
    }
    if (parsed->has_query()) {
        url.target += "?" + std::string(parsed->encoded_query().data(), parsed->encoded_query().size());
    }
    return url;
}

Result<Url> resolve_url(const Url& base, std::string_view text) {
    if (text.starts_with("http://") || text.starts_with("https://")) {
        return parse_url(text);
    }
    if (!text.starts_with('/') || text.starts_with("//")) {
        return not_a_url(text);
    }
    return parse_url((base.tls ? "https://" : "http://") + base.authority() + std::string(text));
}

void add_query(Url& url, std::string_view key, std::string_view value) {
    constexpr std::string_view kHex = "0123456789ABCDEF";
    url.target += url.target.find('?') == std::string::npos ? "?" : "&";
    url.target += std::string(key) + "=";
    for (const char c : value) {
        const auto byte = static_cast<unsigned char>(c);
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                           c == '-' || c == '_' || c == '.' || c == '~';
        if (plain) {
            url.target.push_back(c);
        } else {
            url.target += {'%', kHex[byte >> 4U], kHex[byte & 0xfU]};
        }
    }
}

}  // namespace slipway::artifact
