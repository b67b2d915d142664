// HTTP over a unix socket, as little of it as a local control plane needs. Beast stays behind this header.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "slipway/gate.hpp"
#include "slipway/result.hpp"

namespace host {

struct HttpRequest {
    std::string method;
    std::vector<std::string> path;             ///< decoded segments
    std::map<std::string, std::string> query;  ///< decoded
    std::string body;
    slipway::Principal who;
};

struct HttpResponse {
    unsigned status = 200;
    std::string body;  ///< JSON
};

using HttpHandler = std::function<HttpResponse(const HttpRequest&)>;

/// One thread per connection, at most 512 of them. The socket is made 0600; a stale one is replaced, a live
/// one is kLocked, and whatever else is at its place stays: kAlreadyExists.
class HttpServer {
public:
    static slipway::Result<std::unique_ptr<HttpServer>> listen(const std::string& socket_path,
                                                               HttpHandler handler);
    virtual ~HttpServer() = default;
    /// Returns after stop().
    virtual void run() = 0;
    /// Safe from any thread and twice.
    virtual void stop() = 0;
};

struct HttpAnswer {
    unsigned status = 0;
    std::string body;
};

/// One request on a connection of its own. kNotFound when no daemon listens there.
slipway::Result<HttpAnswer> http_call(const std::string& socket_path, const std::string& method,
                                      const std::string& target, const std::string& body,
                                      const slipway::Principal& who, slipway::DurationMs timeout_ms);

/// Percent-encodes one path segment or query value.
std::string url_encode(const std::string& text);

}  // namespace host
