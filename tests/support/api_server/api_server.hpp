// A stand-in for a Kubernetes API server on loopback: only what helm and kubectl need for release records and
// plain objects, with scripted conflicts, delays, errors, cut connections and gates. Results against it are
// "stand-in" results: there is no scheduler, no admission and no real field manager behind it.
//
//   ApiServer server;                        // listens on a free port
//   write(kubeconfig, server.kubeconfig());
//   server.fault({.method = "PATCH", .path = "/deployments/", .gate = true});
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/api_server/objects.hpp"

namespace slipway::test {

/// A request that came in, in the order of their coming.
struct Request {
    std::string method;
    std::string path;  ///< without the query
    std::string query;
    std::string agent;
    int status = 0;  ///< 0: not answered (yet)

    bool changes() const { return method != "GET" && query.find("dryRun=") == std::string::npos; }
};

/// What happens to requests that fit; the first one that fits and is not used up counts.
struct Fault {
    std::string method;  ///< empty: any
    std::string path;    ///< a part of path and query; empty: any
    int skip = 0;        ///< so many that fit go through first
    int times = 1;       ///< then so many are hit; -1: all
    int status = 0;      ///< answered with this and a Status object, without effect
    int delay_ms = 0;
    bool cut = false;        ///< the connection is closed instead of an answer, without effect
    bool cut_after = false;  ///< the same, after the effect
    bool gate = false;       ///< held until open_gate() (then carried out) or the end of the server
    std::string reason = "InternalError";
};

class ApiServer {
public:
    /// `journal`: a file to which every request that changes something is appended; empty: none.
    explicit ApiServer(const std::string& journal = {}, std::uint16_t port = 0);
    ~ApiServer();
    ApiServer(const ApiServer&) = delete;
    ApiServer& operator=(const ApiServer&) = delete;

    std::uint16_t port() const;
    std::string kubeconfig() const;
    Objects& objects();

    void fault(const Fault& fault);
    void clear_faults();
    /// True once a request stands before a gate.
    bool reached_gate(int timeout_ms = 20'000) const;
    /// Lets all held requests be carried out; later ones are not held.
    void open_gate();
    /// Held requests are forgotten, as if they had never arrived.
    void drop_held();

    std::vector<Request> requests() const;
    /// Requests with an effect whose method and path fit.
    int count(const std::string& method, const std::string& path_part) const;

private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace slipway::test
