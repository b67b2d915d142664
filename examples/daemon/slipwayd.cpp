// slipwayd: a small control plane on a unix socket. The library does the work; this is a host like any other.
#include <pthread.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <thread>

#include "routes.hpp"

namespace {

int fail(const slipway::Error& error) {
    std::fprintf(stderr, "slipwayd: %s\n", error.message.c_str());
    if (!error.hint.empty()) {
        std::fprintf(stderr, "  %s\n", error.hint.c_str());
    }
    return 1;
}

/// SIGTERM and SIGINT stop gracefully: supervised programs live on and are taken over at the next start.
void stop_on_signal(host::ControlPlane& plane, host::HttpServer& server) {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    int got = 0;
    sigwait(&signals, &got);
    plane.quiesce();
    server.stop();
}

void block_signals() {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    std::signal(SIGPIPE, SIG_IGN);
}

/// Secrets that are in use are in memory: it is not to end up in a file.
void forbid_core_files() {
    const rlimit none{0, 0};
    ::setrlimit(RLIMIT_CORE, &none);
}

int serve(host::ControlOptions options, std::string socket) {
    ::umask(0077);
    forbid_core_files();
    block_signals();
    options.data = std::filesystem::absolute(options.data).lexically_normal().string();
    if (options.data.size() > 1 && options.data.back() == '/') {
        options.data.pop_back();
    }
    if (socket.empty()) {
        socket = options.data + "/slipwayd.sock";
    }
    const bool simulate = options.simulate;
    auto plane = host::ControlPlane::open(std::move(options));
    if (!plane) {
        return fail(plane.error());
    }
    auto server = host::HttpServer::listen(
        socket, [&plane](const host::HttpRequest& request) { return host::route(**plane, request); });
    if (!server) {
        return fail(server.error());
    }
    std::printf("slipwayd: ready on %s%s\n", socket.c_str(), simulate ? " (simulated executors)" : "");
    std::fflush(stdout);
    std::thread waiter([&plane, &server] { stop_on_signal(**plane, **server); });
    (*server)->run();
    waiter.detach();
    if (auto stopped = (*plane)->stop(slipway::StopMode::kImmediate); !stopped) {
        return fail(stopped.error());
    }
    std::printf("slipwayd: stopped\n");
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app{"Slipway's demo daemon: installs software into customers' cloud accounts, durably"};
    host::ControlOptions options;
    std::string socket;
    std::vector<std::string> mirrors;
    bool offline = false;
    std::vector<std::string> plain_http;
    app.add_option("--data", options.data, "directory of everything durable (made private)")->required();
    app.add_option("--socket", socket, "unix socket to listen on (default: DATA/slipwayd.sock)");
    app.add_flag("--simulate", options.simulate, "simulated executors: no tool, no cloud, any life cycle");
    app.add_option("--script", options.script, "what the simulation shall do (JSON file)");
    app.add_option("--mirror", mirrors, "OWNER/NAME=PLACE: read a repository from somewhere else");
    app.add_flag("--offline", offline,
                 "no network: local paths and mirrors only, and no tool fetches anything");
    app.add_option(
        "--git-credentials", options.git_credentials,
        "file (0600) with a login a line: https://USER:TOKEN@HOST[/PATH], ssh://USER@HOST KEYFILE");
    app.add_option("--registry-credentials", options.registry_credentials,
                   "file (0600): the \"auths\" of a docker config.json");
    app.add_option("--plain-http", plain_http, "HOST:PORT: a registry without TLS");
    app.add_option("--live-attempts", options.live_attempts_max, "steps at work at the same time")
        ->check(CLI::Range(1, 4096));
    app.add_option("--finished-runs", options.finished_runs_max, "kept with their history; older ones go")
        ->check(CLI::Range(1, 1'000'000'000));
    CLI11_PARSE(app, argc, argv);
    for (const auto& mirror : mirrors) {
        const auto equals = mirror.find('=');
        if (equals == std::string::npos) {
            std::fprintf(stderr, "slipwayd: --mirror wants OWNER/NAME=PLACE, not \"%s\"\n", mirror.c_str());
            return 2;
        }
        options.mirrors[mirror.substr(0, equals)] = mirror.substr(equals + 1);
    }
    options.allow_network = !offline;
    options.plain_http = {plain_http.begin(), plain_http.end()};
    return serve(std::move(options), std::move(socket));
}
