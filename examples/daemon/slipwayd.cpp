// slipwayd: a small control plane on a unix socket. The library does the work; this is a host like any other.
#include <pthread.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <CLI/CLI.hpp>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <thread>

#include "arguments.hpp"
#include "log.hpp"
#include "routes.hpp"
#include "socket_place.hpp"

namespace {

int fail(const slipway::Error& error, int exit = host::kFailed) {
    std::fprintf(stderr, "slipwayd: %s\n", error.message.c_str());
    if (!error.hint.empty()) {
        std::fprintf(stderr, "  next: %s\n", error.hint.c_str());
    }
    return exit;
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
    std::signal(SIGXFSZ, SIG_IGN);  // a file that may not grow is an error of the write
}

/// Secrets that are in use are in memory: it is not to end up in a file.
void forbid_core_files() {
    const rlimit none{0, 0};
    ::setrlimit(RLIMIT_CORE, &none);
}

std::atomic<bool> store_failed{false};

/// Alarms are the daemon's log. After a commit that failed nothing goes on in this process: what is on disk
/// is the truth, and the next start reads it. Closing a store that has failed is not tried.
void on_alarm(const host::Alarm& alarm) {
    const std::string of = alarm.run.empty() ? "" : " of " + alarm.run.str();
    host::log_line(host::LogAs::kError, "alarm " + alarm.what + of + ": " + alarm.detail);
    if (alarm.what != "store_failed") {
        return;
    }
    store_failed = true;
    host::log_line(host::LogAs::kError,
                   "the store has failed (" + alarm.detail +
                       "): ending; see to the disk and start again, what was acknowledged is kept");
    // Time for the answers of those whose act was refused.
    std::thread([] {
        std::this_thread::sleep_for(std::chrono::milliseconds(500));
        std::_Exit(host::kFailed);
    }).detach();
}

/// Absolute, without a slash at its end.
slipway::Result<std::string> place_of_data(const std::string& given) {
    if (given.empty()) {
        return slipway::usage_error(slipway::ErrorCode::kInvalidArgument, "--data is empty",
                                    "name the directory of everything durable: --data ./slipway-data");
    }
    std::error_code code;
    std::string data = std::filesystem::absolute(given, code).lexically_normal().string();
    if (code) {
        return slipway::environment_error(slipway::ErrorCode::kIo,
                                          "--data " + given + " cannot be made absolute: " + code.message(),
                                          "start slipwayd in a directory that exists");
    }
    if (data.size() > 1 && data.back() == '/') {
        data.pop_back();
    }
    return data;
}

int serve(host::ControlOptions options, std::string socket) {
    ::umask(0077);
    forbid_core_files();
    block_signals();
    auto data = place_of_data(options.data);
    if (!data) {
        return fail(data.error(), host::kNotAsked);
    }
    options.data = std::move(*data);
    if (socket.empty()) {
        socket = options.data + "/slipwayd.sock";
    }
    if (!options.kubeconfig.empty()) {
        options.kubeconfig = std::filesystem::absolute(options.kubeconfig).lexically_normal().string();
    }
    if (auto fits = host::check_socket_path(socket); !fits) {
        return fail(fits.error(), host::kNotAsked);
    }
    // Before anything is made or opened: what is at the socket's place may be somebody's file.
    if (auto free = host::clear_socket_place(socket); !free) {
        return fail(free.error());
    }
    const bool simulate = options.simulate;
    options.on_alarm = on_alarm;
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
    if (store_failed) {
        std::_Exit(host::kFailed);
    }
    if (auto stopped = (*plane)->stop(slipway::StopMode::kImmediate); !stopped) {
        return fail(stopped.error());
    }
    std::printf("slipwayd: stopped\n");
    return 0;
}

struct Arguments {
    host::ControlOptions options;
    std::string socket;
    std::vector<std::string> mirrors;
    std::vector<std::string> plain_http;
    bool offline = false;
};

void add_options(CLI::App& app, Arguments& a) {
    app.add_option("--data", a.options.data, "directory of everything durable (made private)")->required();
    app.add_option("--socket", a.socket, "unix socket to listen on (default: DATA/slipwayd.sock)");
    auto* simulate = app.add_flag("--simulate", a.options.simulate,
                                  "simulated executors: no tool, no cloud, any life cycle");
    app.add_option("--script", a.options.script, "what the simulation shall do (JSON file)")->needs(simulate);
    app.add_option("--mirror", a.mirrors, "OWNER/NAME=PLACE: read a repository from somewhere else");
    app.add_flag("--offline", a.offline,
                 "no network: local paths and mirrors only, and no tool fetches anything");
    app.add_option(
        "--git-credentials", a.options.git_credentials,
        "file (0600) with a login a line: https://USER:TOKEN@HOST[/PATH], ssh://USER@HOST KEYFILE");
    app.add_option("--registry-credentials", a.options.registry_credentials,
                   "file (0600): the \"auths\" of a docker config.json");
    app.add_option("--plain-http", a.plain_http, "HOST:PORT: a registry without TLS");
    app.add_option("--kubeconfig", a.options.kubeconfig,
                   "file for clusters of installs that neither their sandbox nor their settings tell of");
    app.add_option("--live-attempts", a.options.live_attempts_max, "steps at work at the same time")
        ->check(CLI::Range(1, 4096));
    app.add_option("--finished-runs", a.options.finished_runs_max, "kept with their history; older ones go")
        ->check(CLI::Range(1, 1'000'000'000));
}

int start(Arguments& a) {
    for (const auto& mirror : a.mirrors) {
        const auto equals = mirror.find('=');
        if (equals == std::string::npos || equals == 0) {
            return fail(slipway::usage_error(slipway::ErrorCode::kInvalidArgument,
                                             "--mirror wants OWNER/NAME=PLACE, not \"" + mirror + "\"",
                                             "slipwayd --help shows what it takes"),
                        host::kNotAsked);
        }
        a.options.mirrors[mirror.substr(0, equals)] = mirror.substr(equals + 1);
    }
    a.options.allow_network = !a.offline;
    a.options.plain_http = {a.plain_http.begin(), a.plain_http.end()};
    return serve(std::move(a.options), std::move(a.socket));
}

}  // namespace

int main(int argc, char** argv) {
    return host::run_guarded(
        "slipwayd",
        [&] {
            CLI::App app{"Slipway's demo daemon: installs software into customers' cloud accounts, durably",
                         "slipwayd"};
            Arguments arguments;
            add_options(app, arguments);
            const auto over = host::parse_arguments(app, argc, argv, std::cout, std::cerr);
            return over ? *over : start(arguments);
        },
        std::cerr);
}
