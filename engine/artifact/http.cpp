// The one file that speaks HTTP: Beast over Asio, TLS by OpenSSL. Every operation has a deadline.
#include "engine/artifact/http.hpp"

#include <openssl/err.h>

#include <algorithm>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>

namespace slipway::artifact {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using Code = boost::system::error_code;

constexpr std::size_t kErrorBodyMax = std::size_t{64} * 1024;
constexpr std::size_t kPiece = std::size_t{64} * 1024;
constexpr std::uint32_t kHeaderMax = 64 * 1024;

/// Until a connection must have moved, or everything must be over.
Deadline next_deadline(const HttpOptions& options) {
    return std::min(options.until, in_ms(options.io_timeout_ms));
}

/// Runs what was begun on `stream` to its end, which comes early once the exchange is cancelled.
void run_until_done(asio::io_context& io, beast::tcp_stream& stream, const HttpOptions& options) {
    constexpr std::chrono::milliseconds kLook{100};
    io.restart();
    while (!io.stopped()) {
        io.run_for(kLook);
        if (options.cancelled && !io.stopped() && options.cancelled()) {
            stream.cancel();
            io.run();
        }
    }
}

Error failed(const Url& url, const std::string& what, const Code& code, const HttpOptions& options) {
    if (code == asio::error::operation_aborted) {
        return usage_error(ErrorCode::kStopped, url.authority() + ": " + what + ": cancelled");
    }
    const bool slow = code == beast::error::timeout || code == asio::error::timed_out;
    if (slow && std::chrono::steady_clock::now() >= options.until) {
        return environment_error(ErrorCode::kTimeout,
                                 url.authority() + ": " + what + ": the time for all of it is over");
    }
    const bool garbage = code.category() == http::make_error_code(http::error::bad_version).category();
    if (code == http::error::body_limit) {
        return environment_error(ErrorCode::kLimit,
                                 url.authority() + ": the answer is longer than what was asked for");
    }
    const bool cut = code == http::error::partial_message || code == http::error::end_of_stream;
    const ErrorCode kind = slow              ? ErrorCode::kTimeout
                           : garbage && !cut ? ErrorCode::kCorrupt
                                             : ErrorCode::kIo;
    return environment_error(kind, url.authority() + ": " + what + ": " + code.message());
}

template <class Stream>
class Exchange {
public:
    Exchange(asio::io_context& io, Stream& stream, const HttpRequest& request, const HttpOptions& options)
        : io_(io), stream_(stream), request_(request), options_(options) {}

    Result<HttpResponse> run() {
        SLIPWAY_CHECK(send());
        return receive();
    }

    template <class Operation>
    Code wait(Operation operation) {
        Code result = asio::error::would_block;
        beast::get_lowest_layer(stream_).expires_at(next_deadline(options_));
        operation([&result](Code code, auto&&...) { result = code; });
        run_until_done(io_, beast::get_lowest_layer(stream_), options_);
        return result;
    }

private:
    Result<void> send() {
        http::request<http::string_body> message;
        message.method_string(request_.method);
        message.target(request_.url.target);
        message.version(11);
        message.set(http::field::host, request_.url.authority());
        message.set(http::field::user_agent, "slipway");
        message.set(http::field::connection, "close");
        for (const auto& [name, value] : request_.headers) {
            message.set(name, value);
        }
        message.body() = request_.body;
        message.prepare_payload();
        if (request_.method == "POST" || request_.method == "PUT" || request_.method == "PATCH") {
            message.content_length(request_.body.size());
        }
        const Code code = wait([&](auto done) { http::async_write(stream_, message, done); });
        // A registry may answer and hang up before it has read everything: what it says counts.
        if (code && code != asio::error::broken_pipe && code != asio::error::connection_reset) {
            return failed(request_.url, "sending " + request_.method, code, options_);
        }
        return {};
    }

    Result<HttpResponse> receive() {
        beast::flat_buffer buffer;
        http::response_parser<http::buffer_body> parser;
        parser.header_limit(kHeaderMax);
        parser.body_limit(options_.body_max);
        parser.skip(request_.method == "HEAD");
        Code code = wait([&](auto done) { http::async_read_header(stream_, buffer, parser, done); });
        if (code) {
            return failed(request_.url, "no answer to " + request_.method, code, options_);
        }
        HttpResponse response;
        response.status = parser.get().result_int();
        for (const auto& field : parser.get()) {
            std::string name(field.name_string());
            std::transform(name.begin(), name.end(), name.begin(), [](char c) {
                return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
            });
            response.headers[name] = std::string(field.value());
        }
        SLIPWAY_CHECK(read_body(buffer, parser, response));
        return response;
    }

    Result<void> read_body(beast::flat_buffer& buffer, http::response_parser<http::buffer_body>& parser,
                           HttpResponse& response) {
        const bool to_sink = options_.sink && response.status == 200;
        std::string piece(kPiece, '\0');
        while (!parser.is_done()) {
            parser.get().body().data = piece.data();
            parser.get().body().size = piece.size();
            parser.get().body().more = true;
            const Code code = wait([&](auto done) { http::async_read_some(stream_, buffer, parser, done); });
            if (code && code != http::error::need_buffer) {
                return failed(request_.url, "reading the answer to " + request_.method, code, options_);
            }
            const std::string_view bytes(piece.data(), piece.size() - parser.get().body().size);
            if (to_sink) {
                SLIPWAY_CHECK(options_.sink(bytes));
            } else if (response.status == 200 || response.body.size() < kErrorBodyMax) {
                response.body += bytes;
            }
        }
        return {};
    }

    asio::io_context& io_;
    Stream& stream_;
    const HttpRequest& request_;
    const HttpOptions& options_;
};

Result<void> connect(asio::io_context& io, beast::tcp_stream& stream, const Url& url,
                     const HttpOptions& options) {
    asio::ip::tcp::resolver resolver(io);
    Code code = asio::error::would_block;
    asio::ip::tcp::resolver::results_type found;
    std::string host = url.host;
    if (host.starts_with('[') && host.ends_with(']')) {
        host = host.substr(1, host.size() - 2);
    }
    resolver.async_resolve(host, url.port, [&](Code c, asio::ip::tcp::resolver::results_type results) {
        code = c;
        found = std::move(results);
    });
    io.restart();
    io.run_until(next_deadline(options));
    if (code == asio::error::would_block) {
        resolver.cancel();
        io.run();
        code = asio::error::timed_out;
    }
    if (code) {
        return failed(url, "looking it up", code, options);
    }
    stream.expires_at(next_deadline(options));
    stream.async_connect(found, [&](Code c, const asio::ip::tcp::endpoint&) { code = c; });
    run_until_done(io, stream, options);
    if (code) {
        return failed(url, "connecting", code, options);
    }
    return {};
}

Result<HttpResponse> over_tls(asio::io_context& io, beast::tcp_stream stream, const HttpRequest& request,
                              const HttpOptions& options) {
    asio::ssl::context context(asio::ssl::context::tls_client);
    Code code;
    if (options.ca_file.empty()) {
        context.set_default_verify_paths(code);
    } else {
        context.load_verify_file(options.ca_file, code);
    }
    if (code) {
        return failed(request.url, "certificates to trust", code, options);
    }
    context.set_verify_mode(asio::ssl::verify_peer);
    beast::ssl_stream<beast::tcp_stream> tls(std::move(stream), context);
    tls.set_verify_callback(asio::ssl::host_name_verification(request.url.host), code);
    // What the macro of OpenSSL does, without its cast.
    std::string host = request.url.host;
    ::SSL_ctrl(tls.native_handle(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, host.data());
    Exchange exchange(io, tls, request, options);
    code = exchange.wait([&](auto done) { tls.async_handshake(asio::ssl::stream_base::client, done); });
    if (code && code.message().find("wrong version number") != std::string::npos) {
        return environment_error(
            ErrorCode::kRefused, request.url.authority() + ": it does not speak TLS",
            "if it is meant to be reached without, say so: --plain-http " + request.url.authority());
    }
    if (code) {
        return failed(request.url, "TLS", code, options);
    }
    return exchange.run();
}

}  // namespace

std::string HttpResponse::header(const std::string& name) const {
    const auto found = headers.find(name);
    return found == headers.end() ? std::string() : found->second;
}

Result<HttpResponse> http_exchange(const HttpRequest& request, const HttpOptions& options) {
    try {
        asio::io_context io(1);
        beast::tcp_stream stream(io);
        SLIPWAY_CHECK(connect(io, stream, request.url, options));
        if (request.url.tls) {
            return over_tls(io, std::move(stream), request, options);
        }
        return Exchange(io, stream, request, options).run();
    } catch (const std::exception& e) {
        return environment_error(ErrorCode::kIo, request.url.authority() + ": " + e.what());
    }
}

}  // namespace slipway::artifact
