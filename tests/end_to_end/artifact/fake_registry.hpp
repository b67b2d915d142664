// A web server of a test: says whatever it is told to, lies included.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace slipway::test {

struct Asked {
    std::string method;
    std::string target;
    std::map<std::string, std::string> headers;  ///< names in lower case
    std::string body;
};

struct Answer {
    int status = 200;
    std::map<std::string, std::string> headers = {};
    std::string body = {};
    std::string raw = {};                               ///< sent instead of all of it
    int trickle_ms = 0;                                 ///< between one byte of the body and the next
    bool hang = false;                                  ///< says nothing until the client gives up
    std::size_t cut_at = static_cast<std::size_t>(-1);  ///< of the body, then hangs up
};

class FakeRegistry {
public:
    using Handler = std::function<Answer(const Asked&)>;
    explicit FakeRegistry(Handler handler);
    ~FakeRegistry();
    FakeRegistry(const FakeRegistry&) = delete;
    FakeRegistry& operator=(const FakeRegistry&) = delete;

    std::string host() const { return "127.0.0.1:" + std::to_string(port_); }
    std::vector<Asked> asked() const;
    std::size_t count(const std::string& method, const std::string& part) const;

private:
    void serve();
    void answer(int connection);

    Handler handler_;
    int port_ = 0;  // before the listener, which sets it
    int listener_ = -1;
    std::atomic<bool> stopping_{false};
    mutable std::mutex mutex_;
    std::vector<Asked> asked_;
    std::thread thread_;
    std::vector<std::thread> connections_;
};

/// A port that nobody listens on.
int free_port();

}  // namespace slipway::test
