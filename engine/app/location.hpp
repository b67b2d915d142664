// Where a repository that an app names is read from.
#pragma once

#include <string>
#include <string_view>

#include "slipway/lifecycle/source.hpp"

namespace slipway::app {

struct Location {
    std::string text;
    bool local = false;  ///< a path that the host gave
};

bool is_url(std::string_view text);
/// `repo` as an app writes it ("owner/name", a URL, ".") after mirrors. kForbidden for a path of this host.
Result<Location> locate(const std::string& repo, const lifecycle::SourceOptions& options);
/// The address without the login that may stand in it, for messages.
std::string without_login(const std::string& url);
/// What a submodule's url means beside the repository that it stands in: "../lib" of "acme/app" is
/// "acme/lib".
std::string submodule_location(const std::string& repository, const std::string& url);

}  // namespace slipway::app
