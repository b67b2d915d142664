#include "logins.hpp"

#include <boost/json.hpp>
#include <boost/url.hpp>
#include <cstdio>
#include <sstream>

#include "private_file.hpp"

namespace host {

using namespace slipway;

namespace {

namespace json = boost::json;
namespace urls = boost::urls;

struct Address {
    std::string scheme;
    std::string host;
    std::string path;
    std::string user;
    std::string password;
};

/// "git@host:path" is another way to write "ssh://git@host/path".
std::string as_url(const std::string& text) {
    const std::size_t colon = text.find(':');
    const std::size_t slash = text.find('/');
    if (text.find("://") != std::string::npos || colon == std::string::npos ||
        (slash != std::string::npos && slash < colon)) {
        return text;
    }
    return "ssh://" + text.substr(0, colon) + "/" + text.substr(colon + 1);
}

std::optional<Address> address_of(const std::string& text) {
    const std::string whole = as_url(text);  // the view refers to it
    const auto url = urls::parse_uri(whole);
    if (!url) {
        return std::nullopt;
    }
    Address out;
    out.scheme = url->scheme();
    out.host = url->host();
    if (url->has_port() && !url->port().empty()) {
        out.host += ":" + std::string(url->port());
    }
    out.path = url->path();
    while (out.path.ends_with('/')) {
        out.path.pop_back();
    }
    out.user = url->user();
    out.password = url->password();
    return out;
}

Error bad_line(std::size_t number, const std::string& why) {
    return authoring_error("line " + std::to_string(number) + ": " + why,
                           "https://USER:TOKEN@HOST[/PATH], or ssh://USER@HOST[/PATH] KEYFILE");
}

Result<std::string> decoded(const std::string& host, const std::string& text) {
    constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out;
    unsigned bits = 0;
    int count = 0;
    for (const char c : text) {
        const std::size_t value = kLetters.find(c);
        if (value == std::string_view::npos) {
            if (c == '=') {
                break;
            }
            return authoring_error("auths." + host + ".auth is not base64");
        }
        bits = (bits << 6U) | static_cast<unsigned>(value);
        count += 6;
        if (count >= 8) {
            count -= 8;
            out.push_back(static_cast<char>((bits >> static_cast<unsigned>(count)) & 0xffU));
        }
    }
    return out;
}

std::string text_in(const json::object& object, std::string_view key) {
    const auto* value = object.if_contains(key);
    return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

Result<lifecycle::RegistryCredentials> login_of(const std::string& host, const json::object& entry) {
    lifecycle::RegistryCredentials out{text_in(entry, "username"), text_in(entry, "password")};
    if (const std::string auth = text_in(entry, "auth"); !auth.empty()) {
        SLIPWAY_TRY(const std::string pair, decoded(host, auth));
        const std::size_t colon = pair.find(':');
        if (colon == std::string::npos) {
            return authoring_error("auths." + host + ".auth is not USER:PASSWORD");
        }
        out = {pair.substr(0, colon), pair.substr(colon + 1)};
    }
    if (out.user.empty() || out.password.empty()) {
        return authoring_error("auths." + host + " has neither \"auth\" nor \"username\" and \"password\"");
    }
    return out;
}

bool is_empty(const json::object& file, std::string_view key) {
    const auto* value = file.if_contains(key);
    return value == nullptr || value->is_null() || (value->is_string() && value->get_string().empty()) ||
           (value->is_object() && value->get_object().empty());
}

}  // namespace

Result<GitLogins> GitLogins::parse(std::string_view text) {
    GitLogins out;
    std::istringstream lines{std::string(text)};
    std::size_t number = 0;
    for (std::string line; std::getline(lines, line);) {
        ++number;
        std::istringstream words(line);
        std::string place;
        std::string key;
        std::string more;
        if (!(words >> place) || place.starts_with('#')) {
            continue;
        }
        words >> key >> more;
        const auto address = address_of(place);
        const bool ssh = address && address->scheme == "ssh";
        const bool https = address && (address->scheme == "https" || address->scheme == "http");
        if ((!ssh && !https) || address->host.empty() || !more.empty() || ssh == key.empty()) {
            return bad_line(number, "not a login");
        }
        Entry entry{address->scheme, address->host, address->path, {}};
        entry.login.user = address->user;
        if (https) {
            entry.login.token = address->password;
            if (entry.login.token.empty()) {
                return bad_line(number, "the token is missing");
            }
        } else {
            auto pem = read_private_file(key);
            if (!pem) {
                return bad_line(number, pem.error().message);
            }
            entry.login.ssh_private_key = std::move(*pem);
        }
        out.entries_.push_back(std::move(entry));
    }
    return out;
}

std::optional<lifecycle::Login> GitLogins::find(const std::string& url) const {
    const auto wanted = address_of(url);
    const Entry* best = nullptr;
    for (const auto& entry : entries_) {
        const bool fits =
            wanted && entry.scheme == wanted->scheme && entry.host == wanted->host &&
            (wanted->user.empty() || entry.login.user.empty() || entry.scheme != "ssh" ||
             wanted->user == entry.login.user) &&
            (entry.path.empty() || wanted->path == entry.path || wanted->path.starts_with(entry.path + "/"));
        if (fits && (best == nullptr || entry.path.size() > best->path.size())) {
            best = &entry;
        }
    }
    return best == nullptr ? std::nullopt : std::optional<lifecycle::Login>(best->login);
}

std::string registry_of(const std::string& host) {
    return host == "index.docker.io" || host == "registry-1.docker.io" || host.empty() ? "docker.io" : host;
}

Result<RegistryLogins> parse_registry_logins(std::string_view text) {
    boost::system::error_code code;
    const json::value value = json::parse(text, code);
    if (code || !value.is_object()) {
        return authoring_error("not a docker config.json: it is not one JSON object");
    }
    const auto& file = value.get_object();
    for (const char* key : {"credsStore", "credHelpers"}) {
        if (!is_empty(file, key)) {
            return authoring_error(std::string(key) + ": login helpers are programs, and are not run here",
                                   "write the logins into \"auths\"");
        }
    }
    RegistryLogins out;
    const auto* auths = file.if_contains("auths");
    if (auths == nullptr || !auths->is_object()) {
        return authoring_error("\"auths\" is missing: {\"auths\": {\"HOST\": {\"auth\": …}}}");
    }
    for (const auto& member : auths->get_object()) {
        std::string host(member.key());
        host = host.substr(host.find("://") == std::string::npos ? 0 : host.find("://") + 3);
        const std::size_t slash = host.find('/');
        const std::string path = slash == std::string::npos ? "" : host.substr(slash);
        host = host.substr(0, slash);
        if (path.size() > 1 && path != "/v1/" && path != "/v2/") {
            return authoring_error("auths." + std::string(member.key()) +
                                   ": a login is for a whole registry");
        }
        if (!member.value().is_object()) {
            return authoring_error("auths." + host + " is not an object");
        }
        SLIPWAY_TRY(out[registry_of(host)], login_of(host, member.value().get_object()));
    }
    return out;
}

Result<lifecycle::LoginHook> git_login_hook(const std::string& file) {
    if (file.empty()) {
        return lifecycle::LoginHook();
    }
    const auto read = [file]() -> Result<GitLogins> {
        SLIPWAY_TRY(const std::string text, read_private_file(file));
        auto logins = GitLogins::parse(text);
        if (!logins) {
            return authoring_error(file + ": " + logins.error().message, logins.error().hint);
        }
        return logins;
    };
    SLIPWAY_CHECK(read());
    return lifecycle::LoginHook([read](const std::string& url) {
        const auto now = read();
        if (!now) {
            // A login that was taken away is not used again; nothing of the file is repeated.
            std::fprintf(stderr, "no login for a repository: %s\n", now.error().message.c_str());
        }
        return now ? now->find(url) : std::nullopt;
    });
}

Result<RegistryHook> registry_login_hook(const std::string& file) {
    if (file.empty()) {
        return RegistryHook();
    }
    const auto read = [file]() -> Result<RegistryLogins> {
        SLIPWAY_TRY(const std::string text, read_private_file(file));
        auto logins = parse_registry_logins(text);
        if (!logins) {
            return authoring_error(file + ": " + logins.error().message, logins.error().hint);
        }
        return logins;
    };
    SLIPWAY_CHECK(read());
    return RegistryHook(
        [read](const std::string& host) -> Result<std::optional<lifecycle::RegistryCredentials>> {
            SLIPWAY_TRY(const auto logins, read());
            const auto found = logins.find(registry_of(host));
            return found == logins.end() ? std::nullopt
                                         : std::optional<lifecycle::RegistryCredentials>(found->second);
        });
}

}  // namespace host
