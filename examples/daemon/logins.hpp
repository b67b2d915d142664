// Logins for repositories and registries, out of files that only their owner can read.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "slipway/lifecycle/registry_client.hpp"
#include "slipway/lifecycle/source.hpp"

namespace host {

using RegistryLogins = std::map<std::string, slipway::lifecycle::RegistryCredentials>;
using RegistryHook = std::function<slipway::Result<std::optional<slipway::lifecycle::RegistryCredentials>>(
    const std::string&)>;

/// A line for each login, as git's own store has them: "https://USER:TOKEN@HOST[/PATH]" (percent-encoded), or
/// "ssh://USER@HOST[/PATH] KEYFILE". The longest path that fits counts; '#' begins a comment. Errors name the
/// line and nothing of what stands in it.
class GitLogins {
public:
    static slipway::Result<GitLogins> parse(std::string_view text);
    /// For "https://host/path", "ssh://user@host/path" or "user@host:path".
    std::optional<slipway::lifecycle::Login> find(const std::string& url) const;

private:
    struct Entry {
        std::string scheme;
        std::string host;  ///< with its port, if one is given
        std::string path;
        slipway::lifecycle::Login login;
    };
    std::vector<Entry> entries_;
};

/// The "auths" of a docker config.json. Helpers ("credsStore", "credHelpers") are programs and refused.
slipway::Result<RegistryLogins> parse_registry_logins(std::string_view text);
/// "docker.io" for each of the names that Docker Hub goes by.
std::string registry_of(const std::string& host);

/// Hooks that read the file anew each time they are asked, so that a new token needs no restart; the file is
/// looked at once at once, so that a mistake is told at the start. No file: no hook.
slipway::Result<slipway::lifecycle::LoginHook> git_login_hook(const std::string& file);
slipway::Result<RegistryHook> registry_login_hook(const std::string& file);

}  // namespace host
