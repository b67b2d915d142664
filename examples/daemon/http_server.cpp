#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <boost/json/parse.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>
#include <condition_variable>
#include <mutex>
#include <set>
#include <system_error>
#include <thread>

#include "http.hpp"
#include "http_wait.hpp"
#include "socket_place.hpp"

namespace host {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using Local = asio::local::stream_protocol;

namespace {

constexpr std::size_t kConnectionsMax = 512;
constexpr std::uint64_t kBodyMax = 8U << 20U;
constexpr slipway::DurationMs kReadLimitMs = 10'000;

std::string peer_name(Local::socket& socket) {
    ucred peer{};
    socklen_t size = sizeof peer;
    if (::getsockopt(socket.native_handle(), SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) {
        return "unknown";
    }
    return "uid:" + std::to_string(peer.uid);
}

/// The socket is private, so whoever can talk to it may also say in whose name; without a word it is the
/// peer's user id.
slipway::Principal principal_of(Local::socket& socket, const http::request<http::string_body>& request) {
    slipway::Principal who;
    who.name = std::string(request["X-Slipway-Principal"]);
    if (who.name.empty()) {
        who.name = peer_name(socket);
    }
    std::string roles(request["X-Slipway-Roles"]);
    for (std::size_t at = 0; at < roles.size();) {
        const auto comma = std::min(roles.find(',', at), roles.size());
        if (comma > at) {
            who.roles.push_back(roles.substr(at, comma - at));
        }
        at = comma + 1;
    }
    return who;
}

/// Names end up in JSON; the parser knows best what may stand there.
bool is_utf8(const std::string& text) {
    std::string quoted = "\"";
    for (const char c : text) {
        quoted += static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\' ? ' ' : c;
    }
    boost::system::error_code code;
    boost::json::parse(quoted + "\"", code);
    return !code;
}

bool read_target(const http::request<http::string_body>& request, HttpRequest& out) {
    const auto url = boost::urls::parse_origin_form({request.target().data(), request.target().size()});
    if (!url) {
        return false;
    }
    for (auto segment : url->segments()) {
        out.path.push_back(segment);
    }
    for (auto parameter : url->params()) {
        if (!out.query.emplace(parameter.key, parameter.value).second) {
            return false;
        }
    }
    const auto bad = [](const std::string& one) { return !is_utf8(one); };
    return std::none_of(out.path.begin(), out.path.end(), bad) &&
           std::none_of(out.query.begin(), out.query.end(),
                        [&](const auto& one) { return bad(one.first) || bad(one.second); });
}

HttpResponse refused(const char* what) {
    return {400, R"({"error":{"code":"invalid_argument","class":"usage","message":")" + std::string(what) +
                     R"(","hint":""}})"};
}

HttpResponse answer(Local::socket& socket, const http::request<http::string_body>& message,
                    const HttpHandler& handler) {
    HttpRequest request;
    request.method = std::string(message.method_string());
    request.body = message.body();
    request.who = principal_of(socket, message);
    if (!read_target(message, request)) {
        return refused("the request's target is no path with UTF-8 in it, or names a parameter twice");
    }
    if (!is_utf8(request.who.name)) {
        return refused("X-Slipway-Principal is not UTF-8");
    }
    for (const auto& role : request.who.roles) {
        if (!is_utf8(role)) {
            return refused("X-Slipway-Roles is not UTF-8");
        }
    }
    try {
        return handler(request);
    } catch (const std::exception&) {
        // What is thrown here was nobody's plan; one request fails, the daemon stays.
        return {500, R"({"error":{"code":"internal","message":"the request failed inside of the daemon"}})"};
    }
}

HttpResponse unreadable(boost::system::error_code code) {
    const bool large = code == http::error::body_limit || code == http::error::header_limit;
    const std::string what =
        large ? "the request is too large" : "the request is not HTTP: " + code.message();
    return {large ? 413U : 400U, R"({"error":{"code":"invalid_argument","message":")" + what + "\"}}"};
}

class Server final : public HttpServer {
public:
    Server(std::string path, HttpHandler handler)
        : path_(std::move(path)), handler_(std::move(handler)), acceptor_(io_) {}
    ~Server() override { stop(); }

    slipway::Result<void> open() {
        boost::system::error_code code;
        SLIPWAY_CHECK(check_socket_path(path_));
        SLIPWAY_CHECK(clear_socket_place(path_));
        acceptor_.open(Local(), code);
        const mode_t before = ::umask(0077);
        if (!code) {
            acceptor_.bind(Local::endpoint(path_), code);
        }
        ::umask(before);
        if (!code) {
            mine_ = mark_of(path_);
        }
        if (!code && ::chmod(path_.c_str(), 0600) != 0) {
            code.assign(errno, boost::system::system_category());
        }
        if (!code) {
            acceptor_.listen(asio::socket_base::max_listen_connections, code);
        }
        if (code) {
            return slipway::environment_error(slipway::ErrorCode::kIo,
                                              "cannot listen on " + path_ + ": " + code.message(),
                                              "name a place in a directory of your own with --socket");
        }
        return {};
    }

    void run() override {
        while (!stopping_) {
            auto connection = std::make_unique<Connection>();
            boost::system::error_code code;
            acceptor_.accept(connection->socket, code);
            if (stopping_) {
                break;
            }
            if (code) {
                // Out of descriptors, or the caller is gone already: neither is a reason to stop serving.
                std::this_thread::sleep_for(std::chrono::milliseconds(20));
                continue;
            }
            take(std::move(connection));
        }
        std::unique_lock lock(mutex_);
        idle_.wait(lock, [this] { return reading_.empty() && live_ == 0; });
    }

    void stop() override {
        if (stopping_.exchange(true)) {
            return;
        }
        ::shutdown(acceptor_.native_handle(), SHUT_RDWR);
        remove_if_same(path_, mine_);
        const std::scoped_lock lock(mutex_);
        for (const int socket : reading_) {
            ::shutdown(socket, SHUT_RD);
        }
    }

private:
    struct Connection {
        asio::io_context io;
        Local::socket socket{io};
    };

    void take(std::unique_ptr<Connection> connection) {
        {
            std::unique_lock lock(mutex_);
            idle_.wait(lock, [this] { return live_ < kConnectionsMax; });
            ++live_;
            reading_.insert(connection->socket.native_handle());
        }
        const int handle = connection->socket.native_handle();
        try {
            std::thread([this, mine = std::move(connection)] {
                serve(*mine);
                leave();
            }).detach();
        } catch (const std::system_error&) {
            // No thread to be had: this caller finds the connection closed, the daemon stays.
            {
                const std::scoped_lock lock(mutex_);
                reading_.erase(handle);
            }
            leave();
            std::this_thread::sleep_for(std::chrono::milliseconds(20));
        }
    }

    void leave() {
        const std::scoped_lock lock(mutex_);
        --live_;
        idle_.notify_all();
    }

    void serve(Connection& connection) {
        boost::beast::flat_buffer buffer;
        http::request_parser<http::string_body> parser;
        parser.body_limit(kBodyMax);
        const int handle = connection.socket.native_handle();
        const auto code = finish_within(connection.io, connection.socket, kReadLimitMs, [&](auto done) {
            http::async_read(connection.socket, buffer, parser, done);
        });
        {
            const std::scoped_lock lock(mutex_);
            reading_.erase(handle);
        }
        if (code == http::error::end_of_stream || code == asio::error::timed_out) {
            return;
        }
        const HttpResponse response =
            code ? unreadable(code) : answer(connection.socket, parser.get(), handler_);
        http::response<http::string_body> message(static_cast<http::status>(response.status), 11);
        message.set(http::field::content_type, "application/json");
        message.set(http::field::connection, "close");
        message.body() = response.body;
        message.prepare_payload();
        (void)finish_within(connection.io, connection.socket, kReadLimitMs,
                            [&](auto done) { http::async_write(connection.socket, message, done); });
    }

    std::string path_;
    FileMark mine_;
    HttpHandler handler_;
    asio::io_context io_;
    Local::acceptor acceptor_;
    std::atomic<bool> stopping_{false};
    std::mutex mutex_;
    std::condition_variable idle_;
    std::size_t live_ = 0;
    std::set<int> reading_;  ///< sockets whose request is awaited; stop() ends the wait
};

}  // namespace

slipway::Result<std::unique_ptr<HttpServer>> HttpServer::listen(const std::string& socket_path,
                                                                HttpHandler handler) {
    auto server = std::make_unique<Server>(socket_path, std::move(handler));
    SLIPWAY_CHECK(server->open());
    return std::unique_ptr<HttpServer>(std::move(server));
}

}  // namespace host
