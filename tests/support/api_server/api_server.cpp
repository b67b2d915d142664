#include "tests/support/api_server/api_server.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <chrono>
#include <fstream>
#include <list>
#include <set>
#include <thread>

#include "tests/support/api_server/routes.hpp"

namespace slipway::test {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using tcp = asio::ip::tcp;
using HttpRequest = http::request<http::string_body>;

struct ApiServer::State : std::enable_shared_from_this<ApiServer::State> {
    Objects objects;
    asio::io_context io;
    tcp::acceptor acceptor{io};
    std::thread accepting;
    std::string journal;
    mutable std::mutex mutex;
    mutable std::condition_variable changed;
    std::vector<Request> requests;
    std::vector<Fault> faults;
    std::set<int> sockets;
    int serving = 0;
    int held = 0;
    bool gate_open = false;
    int drops = 0;
    bool stopping = false;

    std::size_t note(const HttpRequest& request, const Target& target) {
        const std::lock_guard lock(mutex);
        requests.push_back({std::string(request.method_string()), target.path, target.query,
                            std::string(request[http::field::user_agent]), 0});
        return requests.size() - 1;
    }

    std::optional<Fault> fault_for(const Request& request) {
        const std::lock_guard lock(mutex);
        const auto whole = request.path + "?" + request.query;
        for (auto& fault : faults) {
            const bool fits = (fault.method.empty() || fault.method == request.method) &&
                              whole.find(fault.path) != std::string::npos;
            if (!fits || fault.times == 0) {
                continue;
            }
            if (fault.skip > 0) {
                --fault.skip;
                continue;
            }
            fault.times -= fault.times > 0 ? 1 : 0;
            return fault;
        }
        return std::nullopt;
    }

    /// False: the request is forgotten.
    bool pass_gate() {
        std::unique_lock lock(mutex);
        if (gate_open) {
            return true;
        }
        const int seen = drops;
        ++held;
        changed.notify_all();
        changed.wait(lock, [&] { return gate_open || stopping || drops != seen; });
        --held;
        return gate_open && drops == seen && !stopping;
    }

    void answered(std::size_t index, int status) {
        const std::lock_guard lock(mutex);
        auto& request = requests[index];
        request.status = status;
        if (!journal.empty() && request.changes()) {
            std::ofstream(journal, std::ios::app)
                << request.method << " " << request.path << " " << status << "\n";
        }
    }

    void serve(tcp::socket socket);
    bool exchange(tcp::socket& socket, beast::flat_buffer& buffer);
    void watch(tcp::socket& socket, const Target& target);
};

namespace {

void send(tcp::socket& socket, const HttpRequest& request, const Reply& reply) {
    http::response<http::string_body> response{static_cast<http::status>(reply.status), request.version()};
    response.set(http::field::content_type, reply.content_type);
    response.keep_alive(request.keep_alive());
    response.body() = reply.body;
    response.prepare_payload();
    http::write(socket, response);
}

}  // namespace

// One answer in pieces, for as long as the client listens.
void ApiServer::State::watch(tcp::socket& socket, const Target& target) {
    http::response<http::empty_body> head{http::status::ok, 11};
    head.set(http::field::content_type, "application/json");
    head.chunked(true);
    http::response_serializer<http::empty_body> serializer{head};
    http::write_header(socket, serializer);
    auto from = target.number("resourceVersion");
    const auto seconds = std::max<std::uint64_t>(target.number("timeoutSeconds"), 1);
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
    while (std::chrono::steady_clock::now() < until) {
        {
            const std::lock_guard lock(mutex);
            if (stopping) {
                return;
            }
        }
        for (const auto& event : objects.events_after(from, 100)) {
            from = event.version;
            if (const auto line = watch_line(event, target); !line.empty()) {
                asio::write(socket, http::make_chunk(asio::buffer(line)));
            }
        }
    }
    asio::write(socket, http::make_chunk_last());
}

bool ApiServer::State::exchange(tcp::socket& socket, beast::flat_buffer& buffer) {
    http::request_parser<http::string_body> parser;
    parser.body_limit(64ULL * 1024 * 1024);
    http::read(socket, buffer, parser);
    const auto request = parser.release();
    const auto target = parse_target(std::string(request.target()));
    const auto index = note(request, target);
    std::optional<Fault> fault;
    {
        const Request noted{std::string(request.method_string()), target.path, target.query, "", 0};
        fault = fault_for(noted);
    }
    if (fault && fault->delay_ms > 0) {
        std::this_thread::sleep_for(std::chrono::milliseconds(fault->delay_ms));
    }
    if (fault && (fault->cut || (fault->gate && !pass_gate()))) {
        return false;
    }
    if (fault && fault->status != 0) {
        const auto failed = failure(fault->status, fault->reason, "scripted by the test");
        answered(index, fault->status);
        send(socket, request, {fault->status, "application/json", json::serialize(failed.body)});
        return request.keep_alive();
    }
    if (request.method() == http::verb::get && target.parameter("watch") != "") {
        watch(socket, target);
        return true;
    }
    const Asked asked{std::string(request.method_string()), std::string(request[http::field::accept]),
                      std::string(request[http::field::content_type]),
                      std::string(request[http::field::user_agent]), request.body()};
    const auto reply = answer(objects, target, asked);
    answered(index, reply.status);
    if (fault && fault->cut_after) {
        return false;
    }
    send(socket, request, reply);
    return request.keep_alive();
}

void ApiServer::State::serve(tcp::socket socket) {
    beast::flat_buffer buffer;
    const int handle = socket.native_handle();
    try {
        while (exchange(socket, buffer)) {
        }
    } catch (const std::exception&) {
        // The client has gone, or the server is stopping.
    }
    const std::lock_guard lock(mutex);
    sockets.erase(handle);
    boost::system::error_code code;
    socket.close(code);
    --serving;
    changed.notify_all();
}

ApiServer::ApiServer(const std::string& journal, std::uint16_t port) : state_(std::make_shared<State>()) {
    auto& state = *state_;
    state.journal = journal;
    const tcp::endpoint here(asio::ip::make_address("127.0.0.1"), port);
    state.acceptor.open(here.protocol());
    state.acceptor.set_option(asio::socket_base::reuse_address(true));
    state.acceptor.bind(here);
    state.acceptor.listen();
    state.accepting = std::thread([state = state_] {
        for (;;) {
            boost::system::error_code code;
            tcp::socket socket(state->io);
            state->acceptor.accept(socket, code);
            const std::lock_guard lock(state->mutex);
            if (code || state->stopping) {
                return;
            }
            state->sockets.insert(socket.native_handle());
            ++state->serving;
            std::thread([state, socket = std::move(socket)]() mutable {
                state->serve(std::move(socket));
            }).detach();
        }
    });
}

ApiServer::~ApiServer() {
    {
        const std::lock_guard lock(state_->mutex);
        state_->stopping = true;
        for (const int socket : state_->sockets) {
            ::shutdown(socket, SHUT_RDWR);
        }
    }
    state_->changed.notify_all();
    ::shutdown(state_->acceptor.native_handle(), SHUT_RDWR);
    state_->accepting.join();
    std::unique_lock lock(state_->mutex);
    state_->changed.wait(lock, [&] { return state_->serving == 0; });
}

std::uint16_t ApiServer::port() const {
    return state_->acceptor.local_endpoint().port();
}

std::string ApiServer::kubeconfig() const {
    return "apiVersion: v1\nkind: Config\ncurrent-context: test\nclusters:\n- name: test\n  cluster:\n"
           "    server: http://127.0.0.1:" +
           std::to_string(port()) +
           "\ncontexts:\n- name: test\n  context:\n    cluster: test\n    user: test\n    namespace: "
           "default\n"
           "users:\n- name: test\n  user: {}\n";
}

Objects& ApiServer::objects() {
    return state_->objects;
}
void ApiServer::fault(const Fault& fault) {
    const std::lock_guard lock(state_->mutex);
    state_->gate_open = state_->gate_open && !fault.gate;
    state_->faults.push_back(fault);
}
void ApiServer::clear_faults() {
    const std::lock_guard lock(state_->mutex);
    state_->faults.clear();
}
bool ApiServer::reached_gate(int timeout_ms) const {
    std::unique_lock lock(state_->mutex);
    return state_->changed.wait_for(lock, std::chrono::milliseconds(timeout_ms),
                                    [&] { return state_->held > 0; });
}
void ApiServer::open_gate() {
    {
        const std::lock_guard lock(state_->mutex);
        state_->gate_open = true;
    }
    state_->changed.notify_all();
}
void ApiServer::drop_held() {
    {
        const std::lock_guard lock(state_->mutex);
        ++state_->drops;
    }
    state_->changed.notify_all();
}
std::vector<Request> ApiServer::requests() const {
    const std::lock_guard lock(state_->mutex);
    return state_->requests;
}
int ApiServer::count(const std::string& method, const std::string& path_part) const {
    const auto all = requests();
    return static_cast<int>(std::count_if(all.begin(), all.end(), [&](const Request& request) {
        return request.method == method && request.status >= 200 && request.status < 300 &&
               request.path.find(path_part) != std::string::npos && (method == "GET" || request.changes());
    }));
}

}  // namespace slipway::test
