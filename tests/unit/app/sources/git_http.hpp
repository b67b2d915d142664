// `git http-backend` behind a plain server on loopback, with a login if wanted.
#pragma once

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

namespace test {

class GitHttp {
public:
    static constexpr const char* kBackend = "/usr/lib/git-core/git-http-backend";
    static bool is_there() { return std::filesystem::exists(kBackend); }

    /// `authorization`: the header that a caller must send, e.g. "Basic dTpw"; empty: nobody is asked.
    GitHttp(std::string root, std::string authorization)
        : root_(std::move(root)),
          authorization_(std::move(authorization)),
          listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        auto* plain = reinterpret_cast<sockaddr*>(&address);
        if (::bind(listener_, plain, size) == 0 && ::listen(listener_, 16) == 0 &&
            ::getsockname(listener_, plain, &size) == 0) {
            port_ = ntohs(address.sin_port);
        }
        thread_ = std::thread([this] { serve(); });
    }
    ~GitHttp() { stop(); }
    GitHttp(const GitHttp&) = delete;
    GitHttp& operator=(const GitHttp&) = delete;

    std::string url(const std::string& repository) const {
        return "http://127.0.0.1:" + std::to_string(port_) + "/" + repository;
    }
    int requests() const { return requests_; }
    void stop() {
        if (thread_.joinable()) {
            ::shutdown(listener_, SHUT_RDWR);
            thread_.join();
            ::close(listener_);
        }
    }

private:
    void serve() {
        for (;;) {
            const int client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
            if (client < 0) {
                return;
            }
            ++requests_;
            answer(client);
            ::close(client);
        }
    }

    static std::string header(const std::string& head, const std::string& name) {
        std::size_t at = head.find("\r\n" + name + ": ");
        if (at == std::string::npos) {
            return {};
        }
        at += name.size() + 4;
        return head.substr(at, head.find("\r\n", at) - at);
    }

    static bool more(int client, std::string& into) {
        std::array<char, 4096> buffer{};
        const ssize_t got = ::read(client, buffer.data(), buffer.size());
        into.append(buffer.data(), got > 0 ? static_cast<std::size_t>(got) : 0);
        return got > 0;
    }

    static std::string dechunked(int client, std::string raw) {
        std::string out;
        for (;;) {
            std::size_t end = raw.find("\r\n");
            while (end == std::string::npos && more(client, raw)) {
                end = raw.find("\r\n");
            }
            const std::size_t size = std::stoul(raw.substr(0, end), nullptr, 16);
            while (raw.size() < end + 2 + size + 2 && more(client, raw)) {
            }
            out += raw.substr(end + 2, size);
            raw.erase(0, end + 2 + size + 2);
            if (size == 0) {
                return out;
            }
        }
    }

    static void send_all(int fd, const std::string& text) {
        for (std::size_t at = 0; at < text.size();) {
            const ssize_t sent = ::write(fd, text.data() + at, text.size() - at);
            if (sent <= 0) {
                return;
            }
            at += static_cast<std::size_t>(sent);
        }
    }

    void answer(int client) {
        std::string raw;
        while (raw.find("\r\n\r\n") == std::string::npos) {
            if (!more(client, raw)) {
                return;
            }
        }
        const std::size_t split = raw.find("\r\n\r\n");
        const std::string head = raw.substr(0, split + 2);
        std::string body = raw.substr(split + 4);
        if (header(head, "Transfer-Encoding") == "chunked") {
            body = dechunked(client, std::move(body));
        } else if (const std::string length = header(head, "Content-Length"); !length.empty()) {
            while (body.size() < std::stoul(length) && more(client, body)) {
            }
        }
        if (!authorization_.empty() && header(head, "Authorization") != authorization_) {
            return send_all(
                client,
                "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"x\"\r\nContent-Length: 0\r\n"
                "Connection: close\r\n\r\n");
        }
        std::string answer = run(head, body);
        std::string status = "200 OK";
        if (answer.starts_with("Status: ")) {
            status = answer.substr(8, answer.find("\r\n") - 8);
        }
        send_all(client, "HTTP/1.1 " + status + "\r\nConnection: close\r\n" + answer);
    }

    std::string run(const std::string& head, const std::string& body) const {
        const std::size_t first = head.find(' ') + 1;
        const std::string target = head.substr(first, head.find(' ', first) - first);
        const std::size_t question = std::min(target.find('?'), target.size());
        std::vector<std::string> environment = {
            "GIT_PROJECT_ROOT=" + root_,
            "GIT_HTTP_EXPORT_ALL=1",
            "PATH=/usr/bin:/bin",
            "HOME=" + root_,
            "REMOTE_ADDR=127.0.0.1",
            "REQUEST_METHOD=" + head.substr(0, first - 1),
            "PATH_INFO=" + target.substr(0, question),
            "QUERY_STRING=" + (question < target.size() ? target.substr(question + 1) : std::string()),
            "CONTENT_TYPE=" + header(head, "Content-Type"),
            "CONTENT_LENGTH=" + std::to_string(body.size()),
            "HTTP_CONTENT_ENCODING=" + header(head, "Content-Encoding"),
            "GIT_CONFIG_COUNT=1",
            "GIT_CONFIG_KEY_0=safe.directory",
            "GIT_CONFIG_VALUE_0=*"};
        std::vector<char*> pointers;
        for (auto& one : environment) {
            pointers.push_back(one.data());
        }
        pointers.push_back(nullptr);
        std::array<int, 2> in{};
        std::array<int, 2> out{};
        if (::pipe2(in.data(), O_CLOEXEC) != 0 || ::pipe2(out.data(), O_CLOEXEC) != 0) {
            return {};
        }
        std::string program = kBackend;
        std::array<char*, 2> arguments = {program.data(), nullptr};
        const pid_t child = ::fork();
        if (child == 0) {
            ::dup2(in[0], 0);
            ::dup2(out[1], 1);
            ::execve(kBackend, arguments.data(), pointers.data());
            ::_exit(127);
        }
        ::close(in[0]);
        ::close(out[1]);
        send_all(in[1], body);
        ::close(in[1]);
        std::string answer;
        while (more(out[0], answer)) {
        }
        ::close(out[0]);
        ::waitpid(child, nullptr, 0);
        return answer;
    }

    std::string root_;
    std::string authorization_;
    int listener_;
    std::uint16_t port_ = 0;
    std::atomic<int> requests_{0};
    std::thread thread_;
};

}  // namespace test
