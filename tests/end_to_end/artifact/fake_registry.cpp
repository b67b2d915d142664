#include "tests/end_to_end/artifact/fake_registry.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

namespace slipway::test {
namespace {

sockaddr_in loopback(int port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    return address;
}

int listen_somewhere(int& port) {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address = loopback(0);
    socklen_t size = sizeof address;
    auto* generic = static_cast<sockaddr*>(static_cast<void*>(&address));
    if (::bind(fd, generic, size) != 0 || ::listen(fd, 32) != 0 || ::getsockname(fd, generic, &size) != 0) {
        std::abort();
    }
    port = ntohs(address.sin_port);
    return fd;
}

std::string lower(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return text;
}

bool read_some(int fd, std::string& into) {
    char piece[16 * 1024];
    const ssize_t n = ::recv(fd, piece, sizeof piece, 0);
    if (n <= 0) {
        return false;
    }
    into.append(piece, static_cast<std::size_t>(n));
    return true;
}

void parse_head(const std::string& head, Asked& asked) {
    std::size_t from = 0;
    bool first = true;
    while (from < head.size()) {
        const auto end = std::min(head.find("\r\n", from), head.size());
        const std::string line = head.substr(from, end - from);
        from = end + 2;
        if (first) {
            const auto one = line.find(' ');
            const auto two = line.find(' ', one + 1);
            asked.method = line.substr(0, one);
            asked.target = line.substr(one + 1, two - one - 1);
            first = false;
        } else if (const auto colon = line.find(": "); colon != std::string::npos) {
            asked.headers[lower(line.substr(0, colon))] = line.substr(colon + 2);
        }
    }
}

bool read_request(int fd, Asked& asked) {
    std::string bytes;
    std::size_t end = std::string::npos;
    while ((end = bytes.find("\r\n\r\n")) == std::string::npos) {
        if (!read_some(fd, bytes)) {
            return false;
        }
    }
    parse_head(bytes.substr(0, end), asked);
    asked.body = bytes.substr(end + 4);
    const auto length = asked.headers.find("content-length");
    const std::size_t wanted = length == asked.headers.end() ? 0 : std::stoul(length->second);
    while (asked.body.size() < wanted) {
        if (!read_some(fd, asked.body)) {
            return false;
        }
    }
    return true;
}

std::string written(const Asked& asked, const Answer& answer) {
    if (!answer.raw.empty()) {
        return answer.raw;
    }
    std::string out = "HTTP/1.1 " + std::to_string(answer.status) + " X\r\nConnection: close\r\n";
    if (answer.headers.count("Content-Length") == 0) {
        out += "Content-Length: " + std::to_string(answer.body.size()) + "\r\n";
    }
    for (const auto& [name, value] : answer.headers) {
        out += name + ": " + value + "\r\n";
    }
    out += "\r\n";
    return asked.method == "HEAD" ? out : out + answer.body.substr(0, answer.cut_at);
}

}  // namespace

int free_port() {
    int port = 0;
    ::close(listen_somewhere(port));
    return port;
}

FakeRegistry::FakeRegistry(Handler handler)
    : handler_(std::move(handler)), listener_(listen_somewhere(port_)), thread_([this] { serve(); }) {}

FakeRegistry::~FakeRegistry() {
    stopping_ = true;
    thread_.join();
    for (auto& one : connections_) {
        one.join();
    }
    ::close(listener_);
}

void FakeRegistry::serve() {
    while (!stopping_) {
        pollfd waiting{listener_, POLLIN, 0};
        if (::poll(&waiting, 1, 20) <= 0) {
            continue;
        }
        const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        if (fd >= 0) {
            connections_.emplace_back([this, fd] { answer(fd); });
        }
    }
}

void FakeRegistry::answer(int fd) {
    Asked asked;
    if (read_request(fd, asked)) {
        Answer answer;
        {
            const std::lock_guard lock(mutex_);
            asked_.push_back(asked);
            answer = handler_(asked);
        }
        std::string ignored;
        if (answer.hang) {
            while (!stopping_ && read_some(fd, ignored)) {
            }
        } else {
            const std::string bytes = written(asked, answer);
            std::size_t sent = 0;
            while (sent < bytes.size() && !stopping_) {
                const std::size_t head = bytes.size() - answer.body.size();
                const std::size_t piece = answer.trickle_ms == 0 ? bytes.size() : sent < head ? head : 1;
                const ssize_t n =
                    ::send(fd, bytes.data() + sent, std::min(piece, bytes.size() - sent), MSG_NOSIGNAL);
                if (n <= 0) {
                    break;
                }
                sent += static_cast<std::size_t>(n);
                std::this_thread::sleep_for(std::chrono::milliseconds(answer.trickle_ms));
            }
        }
    }
    ::close(fd);
}

std::vector<Asked> FakeRegistry::asked() const {
    const std::lock_guard lock(mutex_);
    return asked_;
}

std::size_t FakeRegistry::count(const std::string& method, const std::string& part) const {
    const std::lock_guard lock(mutex_);
    return static_cast<std::size_t>(std::count_if(asked_.begin(), asked_.end(), [&](const Asked& one) {
        return one.method == method && one.target.find(part) != std::string::npos;
    }));
}

}  // namespace slipway::test
