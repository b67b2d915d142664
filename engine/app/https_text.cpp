// One text over https; the only file of this room that knows Beast.
#include <sys/socket.h>
#include <sys/time.h>

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

#include "slipway/lifecycle/source.hpp"

namespace slipway::lifecycle {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;

namespace {

constexpr std::uint64_t kLargest = 4U << 20U;
constexpr int kMostRedirections = 5;

struct Target {
    std::string host;
    std::string port = "443";
    std::string path;
};

bool parse(const std::string& url, Target& out) {
    static const std::string kScheme = "https://";
    if (!url.starts_with(kScheme) || url.find_first_of(" \t\r\n") != std::string::npos) {
        return false;
    }
    const std::size_t slash = std::min(url.find_first_of("/?", kScheme.size()), url.size());
    out.host = url.substr(kScheme.size(), slash - kScheme.size());
    out.path = slash < url.size() && url[slash] == '/' ? url.substr(slash) : "/" + url.substr(slash);
    out.path = out.path.substr(0, out.path.find('#'));
    if (out.host.find('@') != std::string::npos) {
        return false;  // a login does not belong into an app
    }
    if (const std::size_t colon = out.host.rfind(':'); colon != std::string::npos) {
        out.port = out.host.substr(colon + 1);
        out.host.resize(colon);
    }
    return !out.host.empty();
}

Error failed(const std::string& what, const error_code& code) {
    return environment_error(ErrorCode::kIo, what + ": " + code.message());
}

using Response = http::response<http::string_body>;

class Exchange {
public:
    explicit Exchange(const Target& target) : target_(target), stream_(io_, context_) {}

    Result<Response> run() {
        error_code code;
        context_.set_default_verify_paths(code);
        stream_.set_verify_mode(asio::ssl::verify_peer, code);
        stream_.set_verify_callback(asio::ssl::host_name_verification(target_.host), code);
        std::string host = target_.host;  // the library wants to write to it
        if (SSL_ctrl(stream_.native_handle(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
                     host.data()) != 1) {
            return environment_error(ErrorCode::kIo, "cannot speak TLS");
        }
        asio::ip::tcp::resolver resolver(io_);
        const auto places = resolver.resolve(target_.host, target_.port, code);
        if (code) {
            return failed("cannot find the host '" + target_.host + "'", code);
        }
        asio::connect(stream_.next_layer(), places, code);
        if (code) {
            return failed("cannot reach '" + target_.host + "'", code);
        }
        limit_time();
        stream_.handshake(asio::ssl::stream_base::client, code);
        if (code) {
            return failed("'" + target_.host + "' cannot be trusted", code);
        }
        return ask();
    }

private:
    void limit_time() {
        const timeval ten_seconds{10, 0};
        const int socket = stream_.next_layer().native_handle();
        ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &ten_seconds, sizeof ten_seconds);
        ::setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &ten_seconds, sizeof ten_seconds);
    }

    Result<Response> ask() {
        error_code code;
        http::request<http::empty_body> request(http::verb::get, target_.path, 11);
        request.set(http::field::host, target_.host);
        request.set(http::field::user_agent, "slipway");
        request.set(http::field::connection, "close");
        http::write(stream_, request, code);
        if (code) {
            return failed("cannot ask '" + target_.host + "'", code);
        }
        boost::beast::flat_buffer buffer;
        http::response_parser<http::string_body> parser;
        parser.body_limit(kLargest);
        http::read(stream_, buffer, parser, code);
        if (code && code != asio::ssl::error::stream_truncated) {
            return failed("'" + target_.host + "' gave no whole answer", code);
        }
        if (!parser.is_done()) {
            return environment_error(ErrorCode::kIo, "'" + target_.host + "' gave no whole answer");
        }
        return parser.release();
    }

    const Target& target_;
    asio::io_context io_;
    asio::ssl::context context_{asio::ssl::context::tls_client};
    asio::ssl::stream<asio::ip::tcp::socket> stream_;
};

bool is_redirection(http::status status) {
    return status == http::status::moved_permanently || status == http::status::found ||
           status == http::status::see_other || status == http::status::temporary_redirect ||
           status == http::status::permanent_redirect;
}

}  // namespace

Result<std::string> https_text(const std::string& url) {
    std::string next = url;
    for (int turn = 0; turn <= kMostRedirections; ++turn) {
        Target target;
        if (!parse(next, target)) {
            return Error{ErrorClass::kAuthoring,
                         ErrorCode::kForbidden,
                         "only https is fetched, not '" + next + "'",
                         {}};
        }
        SLIPWAY_TRY(Response response, Exchange(target).run());
        if (response.result() == http::status::ok) {
            return std::move(response.body());
        }
        const std::string to(response[http::field::location]);
        if (!is_redirection(response.result()) || to.empty()) {
            return environment_error(
                ErrorCode::kIo, "'" + target.host + "' answered " + std::to_string(response.result_int()));
        }
        next = to.starts_with("/") ? "https://" + target.host + ":" + target.port + to : to;
    }
    return environment_error(ErrorCode::kIo, "it leads from one address to the next without end");
}

}  // namespace slipway::lifecycle
