#include "kit.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

extern char** environ;

namespace end_to_end {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

namespace {

void nap(int ms) {
    std::this_thread::sleep_for(std::chrono::milliseconds(ms));
}

/// The program with its standard streams on the given descriptors, and no other.
pid_t spawn(const std::vector<std::string>& arguments, int in, int out) {
    std::vector<char*> argv;
    for (const auto& one : arguments) {
        argv.push_back(const_cast<char*>(one.c_str()));
    }
    argv.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in, 0);
    posix_spawn_file_actions_adddup2(&actions, out, 1);
    posix_spawn_file_actions_adddup2(&actions, out, 2);
    pid_t pid = -1;
    const int failed = posix_spawn(&pid, argv[0], &actions, nullptr, argv.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    REQUIRE_MESSAGE(failed == 0, "cannot start " << arguments.front());
    return pid;
}

bool is_final(const json::value& run) {
    const std::string status = text(run, "status");
    return status == "succeeded" || status == "failed" || status == "cancelled" || status == "unwound";
}

std::string link_of(const fs::path& link) {
    std::error_code code;
    return fs::read_symlink(link, code).string();
}

}  // namespace

Home::Home() {
    char name[] = "/tmp/slipway-e2e-XXXXXX";
    REQUIRE(::mkdtemp(name) != nullptr);
    path_ = name;
}

Home::~Home() {
    if (!environment("SLIPWAY_KEEP").empty()) {
        MESSAGE("kept: " << path_);
        return;
    }
    std::error_code code;
    fs::remove_all(path_, code);
}

Exit run_program(const std::vector<std::string>& arguments, const std::string& input) {
    int to[2];
    int from[2];
    REQUIRE(::pipe2(to, O_CLOEXEC) == 0);
    REQUIRE(::pipe2(from, O_CLOEXEC) == 0);
    const pid_t pid = spawn(arguments, to[0], from[1]);
    ::close(to[0]);
    ::close(from[1]);
    REQUIRE(::write(to[1], input.data(), input.size()) == static_cast<ssize_t>(input.size()));
    ::close(to[1]);
    Exit exit;
    char buffer[4096];
    for (ssize_t n = 0; (n = ::read(from[0], buffer, sizeof buffer)) > 0;) {
        exit.output.append(buffer, static_cast<std::size_t>(n));
    }
    ::close(from[0]);
    int status = 0;
    ::waitpid(pid, &status, 0);
    exit.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    return exit;
}

Daemon::Daemon(std::string data, std::vector<std::string> arguments)
    : data_(std::move(data)), arguments_(std::move(arguments)) {}

Daemon::~Daemon() {
    kill_everything();
}

std::string Daemon::log() const {
    return read_all(data_ + ".log");
}

void Daemon::start() {
    std::vector<std::string> line{environment("SLIPWAYD"), "--data", data_};
    if (offline) {
        line.emplace_back("--offline");
    }
    line.insert(line.end(), arguments_.begin(), arguments_.end());
    const int in = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    const int out = ::open((data_ + ".log").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    pid_ = spawn(line, in, out);
    ::close(in);
    ::close(out);
    const auto limit = Clock::now() + std::chrono::seconds(60);
    while (Clock::now() < limit) {
        const auto answer = host::http_call(socket(), "GET", "/v1/health", "", {"tester", {}}, 5'000);
        if (answer && answer->status == 200) {
            return;
        }
        REQUIRE_MESSAGE(alive(), "the daemon ended: " << log());
        nap(20);
    }
    FAIL("the daemon does not answer: " << log());
}

bool Daemon::alive() {
    if (pid_ <= 0) {
        return false;
    }
    int status = 0;
    if (::waitpid(pid_, &status, WNOHANG) == 0) {
        return true;
    }
    pid_ = -1;
    return false;
}

void Daemon::kill() {
    if (pid_ <= 0) {
        return;
    }
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    pid_ = -1;
}

/// Whoever works below the data directory or names it in its arguments: supervisors, terraform, scripts.
std::vector<pid_t> Daemon::others() const {
    std::vector<pid_t> found;
    std::error_code code;
    for (const auto& entry : fs::directory_iterator("/proc", code)) {
        const std::string name = entry.path().filename().string();
        if (name.find_first_not_of("0123456789") != std::string::npos) {
            continue;
        }
        const auto pid = static_cast<pid_t>(std::stol(name));
        if (pid == ::getpid() || pid == pid_) {
            continue;
        }
        const bool works_there = link_of(entry.path() / "cwd").starts_with(data_ + "/");
        if (works_there ||
            read_all((entry.path() / "cmdline").string()).find(data_ + "/") != std::string::npos) {
            found.push_back(pid);
        }
    }
    return found;
}

std::size_t Daemon::kill_everything() {
    std::size_t killed = pid_ > 0 ? 1 : 0;
    const auto first = others();
    if (pid_ > 0) {
        ::kill(pid_, SIGKILL);
    }
    for (const pid_t pid : first) {
        ::kill(pid, SIGKILL);
    }
    killed += first.size();
    kill();
    for (int i = 0; i < 500; ++i) {
        const auto left = others();
        if (left.empty()) {
            return killed;
        }
        for (const pid_t pid : left) {
            ::kill(pid, SIGKILL);
        }
        nap(10);
    }
    FAIL("something outlived SIGKILL");
    return killed;
}

int Daemon::stop() {
    if (pid_ <= 0) {
        return -1;
    }
    ::kill(pid_, SIGTERM);
    int status = 0;
    for (int i = 0; i < 2000; ++i) {
        if (::waitpid(pid_, &status, WNOHANG) == pid_) {
            pid_ = -1;
            return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
        }
        nap(10);
    }
    FAIL("the daemon does not stop");
    return -1;
}

host::HttpAnswer Daemon::call(const std::string& method, const std::string& target, const std::string& body) {
    const auto answer = host::http_call(socket(), method, target, body, {"tester", {}}, 60'000);
    if (!answer) {
        FAIL(method << " " << target << ": " << answer.error().message << "\n" << log());
        return {};
    }
    return *answer;
}

json::value Daemon::get(const std::string& target) {
    const auto answer = call("GET", target);
    REQUIRE_MESSAGE(answer.status == 200, "GET " << target << ": " << answer.body);
    return json::parse(answer.body);
}

json::value Daemon::send(const std::string& method, const std::string& target, const json::object& body) {
    const auto answer = call(method, target, json::serialize(body));
    REQUIRE_MESSAGE(answer.status == 200, method << " " << target << ": " << answer.body);
    return json::parse(answer.body);
}

int Daemon::connect() const {
    const int file = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string path = socket();
    REQUIRE(path.size() < sizeof address.sun_path);
    path.copy(address.sun_path, path.size());
    REQUIRE(::connect(file, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    return file;
}

std::string Daemon::raw(const std::string& bytes) {
    const int file = connect();
    const auto sent = ::send(file, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    CHECK(sent >= 0);
    ::shutdown(file, SHUT_WR);
    std::string answer;
    char buffer[4096];
    for (ssize_t n = 0; (n = ::read(file, buffer, sizeof buffer)) > 0;) {
        answer.append(buffer, static_cast<std::size_t>(n));
    }
    ::close(file);
    return answer;
}

json::value Daemon::wait_run(const std::string& run, const std::function<bool(const json::value&)>& done,
                             int seconds) {
    const auto limit = Clock::now() + std::chrono::seconds(seconds);
    std::string seen = "0";
    json::value now;
    while (Clock::now() < limit) {
        now = get("/v1/runs/" + run + "/watch?wait_ms=1000&seen=" + seen);
        if (done(now)) {
            return now;
        }
        seen = std::to_string(number(now, "tick"));
    }
    FAIL("run " << run << " took too long: " << json::serialize(get("/v1/runs/" + run + "/explain")) << "\n"
                << log());
    return now;
}

json::value Daemon::wait_final(const std::string& run, int seconds) {
    return wait_run(run, is_final, seconds);
}

json::value Daemon::approve_each(const std::string& run, int seconds,
                                 const std::function<void(const json::value&)>& look) {
    return wait_run(
        run,
        [&](const json::value& now) {
            for (const auto& step : now.at("steps").as_array()) {
                if (text(step, "status") != "waiting" || step.as_object().if_contains("gate") == nullptr) {
                    continue;
                }
                const json::value gate = get("/v1/runs/" + run + "/gates/" + text(step, "id"));
                if (look) {
                    look(gate);
                }
                act(run, {{"act", "answer"},
                          {"step", text(step, "id")},
                          {"decision", "approve"},
                          {"round", number(gate, "round")},
                          {"shown", text(gate, "shown")}});
            }
            return is_final(now);
        },
        seconds);
}

std::string environment(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? "" : value;
}

std::string text(const json::value& object, std::string_view key) {
    const auto* value = object.is_object() ? object.as_object().if_contains(key) : nullptr;
    return value != nullptr && value->is_string() ? std::string(value->as_string()) : std::string();
}

std::int64_t number(const json::value& object, std::string_view key) {
    const auto* value = object.is_object() ? object.as_object().if_contains(key) : nullptr;
    if (value == nullptr) {
        return 0;
    }
    boost::system::error_code code;
    return value->to_number<std::int64_t>(code);
}

const json::value& step_of(const json::value& run, std::string_view step) {
    static const json::value kNone;
    for (const auto& one : run.at("steps").as_array()) {
        if (text(one, "id") == step) {
            return one;
        }
    }
    FAIL("no step " << step);
    return kNone;
}

std::string read_all(const std::string& file) {
    std::ifstream in(file, std::ios::binary);
    std::ostringstream out;
    out << in.rdbuf();
    return out.str();
}

void write_all(const std::string& file, const std::string& content) {
    fs::create_directories(fs::path(file).parent_path());
    std::ofstream(file, std::ios::binary) << content;
}

std::map<std::string, int> line_counts(const std::string& file) {
    std::map<std::string, int> counts;
    std::ifstream in(file);
    for (std::string line; std::getline(in, line);) {
        ++counts[line];
    }
    return counts;
}

}  // namespace end_to_end
