#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

#include "http.hpp"
#include "http_wait.hpp"
#include "socket_place.hpp"

namespace host {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using Local = asio::local::stream_protocol;

namespace {

http::request<http::string_body> make_request(const std::string& method, const std::string& target,
                                              const std::string& body, const slipway::Principal& who) {
    http::request<http::string_body> request(http::string_to_verb(method), target, 11);
    request.set(http::field::host, "slipway");
    request.set(http::field::content_type, "application/json");
    if (!who.name.empty()) {
        request.set("X-Slipway-Principal", who.name);
    }
    std::string roles;
    for (const auto& role : who.roles) {
        roles += (roles.empty() ? "" : ",") + role;
    }
    if (!roles.empty()) {
        request.set("X-Slipway-Roles", roles);
    }
    request.body() = body;
    request.prepare_payload();
    return request;
}

}  // namespace

slipway::Result<HttpAnswer> http_call(const std::string& socket_path, const std::string& method,
                                      const std::string& target, const std::string& body,
                                      const slipway::Principal& who, slipway::DurationMs timeout_ms) {
    SLIPWAY_CHECK(check_socket_path(socket_path));
    asio::io_context io;
    Local::socket socket(io);
    boost::system::error_code code;
    socket.connect(Local::endpoint(socket_path), code);
    if (code) {
        return slipway::environment_error(
            slipway::ErrorCode::kNotFound,
            "no daemon answers on " + socket_path + " (" + code.message() + ")",
            "start one with: slipwayd --data DIR, or name its socket with --socket");
    }
    const auto request = make_request(method, target, body, who);
    code =
        finish_within(io, socket, timeout_ms, [&](auto done) { http::async_write(socket, request, done); });
    boost::beast::flat_buffer buffer;
    http::response_parser<http::string_body> parser;
    parser.body_limit(64U << 20U);
    if (!code) {
        code = finish_within(io, socket, timeout_ms,
                             [&](auto done) { http::async_read(socket, buffer, parser, done); });
    }
    if (code) {
        return slipway::environment_error(slipway::ErrorCode::kIo,
                                          "the daemon went away during the request: " + code.message(),
                                          "it may have been stopped; what it had acknowledged is kept");
    }
    return HttpAnswer{parser.get().result_int(), parser.get().body()};
}

std::string url_encode(const std::string& text) {
    static constexpr char kHex[] = "0123456789ABCDEF";
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if ((byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
            c == '-' || c == '_' || c == '.') {
            out.push_back(c);
        } else {
            out.push_back('%');
            out.push_back(kHex[byte >> 4U]);
            out.push_back(kHex[byte & 15U]);
        }
    }
    return out;
}

}  // namespace host
