// HTTP as a client of registries needs it: one request, one answer, deadlines, TLS.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "slipway/ids.hpp"
#include "slipway/result.hpp"

namespace slipway::artifact {

struct Url {
    bool tls = true;
    std::string host;  ///< without port
    std::string port;
    std::string target;  ///< path and query

    /// "host:port", the port left out where it is the usual one.
    std::string authority() const;
    std::string str() const;
};
Result<Url> parse_url(std::string_view text);
/// `text` as a reference within `base`: absolute, or a path of the same host.
Result<Url> resolve_url(const Url& base, std::string_view text);
/// With "key=value" at the end of its query; the value is escaped.
void add_query(Url& url, std::string_view key, std::string_view value);

struct HttpRequest {
    std::string method;
    Url url;
    std::map<std::string, std::string> headers;
    std::string body;
};

struct HttpResponse {
    unsigned status = 0;
    std::map<std::string, std::string> headers;  ///< names in lower case
    std::string body;                            ///< empty when a sink took it

    std::string header(const std::string& name) const;
};

/// When all of something has to be over.
using Deadline = std::chrono::steady_clock::time_point;
inline Deadline in_ms(DurationMs ms) {
    return std::chrono::steady_clock::now() + std::chrono::milliseconds(ms);
}

struct HttpOptions {
    std::string ca_file;
    DurationMs io_timeout_ms = 30'000;  ///< of a connection that does not move
    std::uint64_t body_max = std::uint64_t{4} * 1024 * 1024;
    /// Takes the body of an answer with status 200; others are kept in `body` (their first 64 KiB).
    std::function<Result<void>(std::string_view)> sink;
    Deadline until = Deadline::max();
    std::function<bool()> cancelled = {};  ///< asked several times a second, also while nothing moves
};

/// kTimeout, kStopped (cancelled), kIo (connection), kCorrupt (no HTTP), kLimit, or the sink's error. Any
/// status is an answer.
Result<HttpResponse> http_exchange(const HttpRequest& request, const HttpOptions& options);

}  // namespace slipway::artifact
