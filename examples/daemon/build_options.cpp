#include "build_options.hpp"

namespace host {

using namespace slipway;

BuildOptions build_options(const BuildAccess& access) {
    lifecycle::RegistryClientOptions client;
    client.plain_http = access.plain_http;
    client.credentials = access.logins;
    BuildOptions options;
    options.store = access.store;
    options.registry = std::make_shared<lifecycle::RegistryClient>(std::move(client));
    options.plain_http = access.plain_http;
    options.allow_network = access.allow_network;
    if (access.logins) {
        options.image_credentials =
            [logins = access.logins](
                const std::string& host) -> Result<std::optional<std::pair<std::string, std::string>>> {
            SLIPWAY_TRY(const auto login, logins(host));
            return login ? std::make_optional(std::make_pair(login->user, login->password)) : std::nullopt;
        };
    }
    return options;
}

}  // namespace host
