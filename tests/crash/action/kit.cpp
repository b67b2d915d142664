#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include "tests/crash/action/kit.hpp"

#include <doctest/doctest.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>

#include <algorithm>
#include <boost/json.hpp>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "slipway/steps/process.hpp"

namespace kit {

namespace fs = std::filesystem;
using namespace slipway;

Folder::Folder() {
    char name[] = "/tmp/slipway-action-XXXXXX";
    path_ = ::mkdtemp(name);
}

Folder::~Folder() {
    std::error_code ec;
    for (const auto& entry : fs::recursive_directory_iterator(path_, ec)) {
        if (entry.path().filename() == "lock") {
            (void)process::fence(entry.path().parent_path().string());
        }
    }
    fs::remove_all(path_, ec);
}

std::string read(const std::string& path) {
    std::stringstream out;
    out << std::ifstream(path, std::ios::binary).rdbuf();
    return out.str();
}

void write(const std::string& path, const std::string& text) {
    std::ofstream(path, std::ios::binary) << text;
}

int lines(const std::string& path) {
    const std::string text = read(path);
    return static_cast<int>(std::count(text.begin(), text.end(), '\n'));
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

std::string input_of(const std::vector<std::string>& scripts, const std::string& extra) {
    std::string out = "{\"name\":\"act\",\"steps\":[";
    for (std::size_t i = 0; i < scripts.size(); ++i) {
        out += (i > 0 ? "," : "") + std::string("{\"name\":\"s") + std::to_string(i) +
               "\",\"inline_contents\":" + boost::json::serialize(boost::json::value(scripts[i])) + "}";
    }
    return out + "]" + (extra.empty() ? "" : "," + extra) + "}";
}

pid_t start_host(const Folder& folder, const std::string& input, const std::string& crash_at) {
    write(folder / "input.json", input);
    std::string program = ACTION_HOST;
    std::string path = folder.path();
    std::string crash = "SLIPWAY_CRASH_AT=" + crash_at;
    char* const argv[] = {program.data(), path.data(), nullptr};
    char* const env[] = {crash.data(), nullptr};
    pid_t pid = -1;
    REQUIRE(posix_spawn(&pid, ACTION_HOST, nullptr, nullptr, argv, env) == 0);
    return pid;
}

bool host_dies(const Folder& folder, const std::string& input, const std::string& crash_at) {
    int status = 0;
    const pid_t pid = start_host(folder, input, crash_at);
    REQUIRE(::waitpid(pid, &status, 0) == pid);
    return WIFSIGNALED(status);
}

Recovered recover(const Folder& folder, const std::string& input) {
    Recovered out;
    const auto executor = action_executors().front();
    const auto asked = std::make_shared<Context>(folder.path(), input);
    executor->reconcile(asked, asked->evidence());
    const auto verdict = asked->verdict();
    REQUIRE(verdict);
    out.verdict = to_text(*verdict);
    if (!std::holds_alternative<StillRunning>(*verdict)) {
        return out;
    }
    const auto taken = std::make_shared<Context>(folder.path(), input);
    executor->attach(taken, taken->evidence());
    const auto outcome = taken->outcome();
    REQUIRE(outcome);
    out.outcome = to_text(*outcome);
    return out;
}

bool only_weak_fence() {
    const Folder folder;
    run_here(folder, input_of({"true"}));
    const auto inspection = process::inspect(folder / "scratch/action-1/run-0");
    REQUIRE(inspection);
    const bool weak = inspection->fence == process::FenceStrength::kWeak;
    if (weak) {
        MESSAGE("only the weak fence can be had here");
    }
    return weak;
}

std::string run_here(const Folder& folder, const std::string& input, ActionOptions options) {
    const auto executor = action_executors(std::move(options)).front();
    const auto context = std::make_shared<Context>(folder.path(), input);
    executor->start(context);
    const auto outcome = context->outcome();
    REQUIRE(outcome);
    return to_text(*outcome);
}

}  // namespace kit
