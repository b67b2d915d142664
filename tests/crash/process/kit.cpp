#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include "tests/crash/process/kit.hpp"

#include <doctest/doctest.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <optional>
#include <sstream>
#include <thread>

namespace kit {

namespace fs = std::filesystem;
using namespace slipway::process;

Folder::Folder() {
    char name[] = "/tmp/slipway-process-XXXXXX";
    path_ = ::mkdtemp(name);
}

Folder::~Folder() {
    std::error_code ec;
    for (const auto& entry : fs::directory_iterator(path_, ec)) {
        if (fs::exists(entry.path() / "lock", ec)) {
            (void)fence(entry.path().string());
        }
    }
    fs::remove_all(path_, ec);
}

ProcessRequest shell(const Folder& folder, const std::string& script, const std::string& attempt) {
    ProcessRequest r;
    r.supervisor_path = SLIPWAY_SUPERVISE_FILE;
    r.attempt_dir = folder / attempt;
    r.program = "/bin/sh";
    r.argv = {"sh", "-c", script};
    r.env = {{"PATH", "/usr/bin:/bin"}};
    r.cwd = folder.path();
    return r;
}

void start(const ProcessRequest& request) {
    auto prepared = prepare(request);
    const std::string why = prepared ? "" : prepared.error().message;
    CAPTURE(why);
    REQUIRE(prepared);
    REQUIRE(prepared->go());
}

Inspection wait_end(const std::string& attempt_dir, int timeout_ms) {
    std::mutex mutex;
    std::condition_variable changed;
    std::optional<slipway::Result<Inspection>> end;
    Watcher watcher;
    watcher.watch(attempt_dir, {.on_output = {}, .on_end = [&](slipway::Result<Inspection> i) {
                                    const std::lock_guard lock(mutex);
                                    end.emplace(std::move(i));
                                    changed.notify_all();
                                }});
    std::unique_lock lock(mutex);
    REQUIRE(changed.wait_for(lock, std::chrono::milliseconds(timeout_ms), [&] { return end.has_value(); }));
    REQUIRE(end->has_value());
    return end->value();
}

Inspection run(const ProcessRequest& request) {
    start(request);
    return wait_end(request.attempt_dir);
}

void allow(ProcessRequest& request, FenceStrength strength) {
    request.allow_cgroup = strength == FenceStrength::kCgroup;
    request.allow_pid_namespace = strength == FenceStrength::kPidns;
}

bool has(FenceStrength strength) {
    const Folder folder;
    auto request = shell(folder, "true");
    allow(request, strength);
    const bool found = run(request).fence == strength;
    if (!found) {
        MESSAGE("not on this machine, or not for this user: ", std::string(to_string(strength)));
    }
    return found;
}

bool eventually(const std::function<bool()>& condition, int timeout_ms) {
    for (int waited = 0; waited < timeout_ms; waited += 5) {
        if (condition()) {
            return true;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return condition();
}

std::string read(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    std::stringstream out;
    out << in.rdbuf();
    return out.str();
}

void write(const std::string& path, const std::string& text) {
    std::ofstream(path, std::ios::binary) << text;
}

int lines(const std::string& path) {
    const std::string text = read(path);
    return static_cast<int>(std::count(text.begin(), text.end(), '\n'));
}

bool alive(int pid) {
    const std::string stat = read("/proc/" + std::to_string(pid) + "/stat");
    const auto at = stat.rfind(')');
    return at != std::string::npos && stat[at + 2] != 'Z' && stat[at + 2] != 'X';
}

int number_in(const std::string& path) {
    return std::atoi(read(path).c_str());
}

pid_t host(const std::string& attempt_dir, const std::string& script, const std::string& crash_at,
           const std::string& fence_kind) {
    std::string program = PROCESS_HOST;
    std::string supervisor = SLIPWAY_SUPERVISE_FILE;
    std::string dir = attempt_dir;
    std::string text = script;
    std::string kind = fence_kind;
    std::string crash = "SLIPWAY_CRASH_AT=" + crash_at;
    char* const argv[] = {
        program.data(), supervisor.data(), dir.data(), text.data(), kind.empty() ? nullptr : kind.data(),
        nullptr};
    char* const env[] = {crash.data(), nullptr};
    pid_t pid = -1;
    REQUIRE(posix_spawn(&pid, PROCESS_HOST, nullptr, nullptr, argv, env) == 0);
    return pid;
}

int join(pid_t pid) {
    int status = 0;
    REQUIRE(::waitpid(pid, &status, 0) == pid);
    return status;
}

}  // namespace kit
