#include <signal.h>
#include <stdlib.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "slipway/steps/process.hpp"
#include "tests/conformance/executor/candidates.hpp"

namespace slipway::testing {

namespace fs = std::filesystem;

WorldFolder::WorldFolder() {
    std::string name = (fs::temp_directory_path() / "slipway-world-XXXXXX").string();
    path_ = ::mkdtemp(name.data());
}

WorldFolder::~WorldFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
}

std::string content_of(const std::string& path) {
    std::ostringstream out;
    out << std::ifstream(path, std::ios::binary).rdbuf();
    return out.str();
}

void put_content(const std::string& path, const std::string& text) {
    fs::create_directories(fs::path(path).parent_path());
    std::ofstream(path, std::ios::binary) << text;
}

int lines_in(const std::string& path) {
    const auto text = content_of(path);
    return static_cast<int>(std::count(text.begin(), text.end(), '\n'));
}

bool comes_true(const std::function<bool()>& condition, int timeout_ms) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(timeout_ms);
    while (!condition()) {
        if (std::chrono::steady_clock::now() > until) {
            return false;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(3));
    }
    return true;
}

namespace {

std::vector<std::string> attempts_below(const std::string& folder) {
    std::vector<std::string> out;
    std::error_code code;
    for (auto it = fs::recursive_directory_iterator(folder, code); it != fs::recursive_directory_iterator();
         it.increment(code)) {
        if (it->path().filename() == "started.json") {
            out.push_back(it->path().parent_path().string());
        }
    }
    return out;
}

}  // namespace

bool kill_supervised(const std::string& folder) {
    bool any = false;
    for (const auto& dir : attempts_below(folder)) {
        const auto found = process::inspect(dir);
        if (!found || found->state != process::AttemptState::kRunning) {
            continue;
        }
        any = true;
        ::kill(found->supervisor_pid, SIGKILL);
        ::kill(found->child_pid, SIGKILL);
        comes_true([&] {
            const auto now = process::inspect(dir);
            return now && now->state != process::AttemptState::kRunning;
        });
    }
    return any;
}

bool any_supervised(const std::string& folder) {
    for (const auto& dir : attempts_below(folder)) {
        const auto found = process::inspect(dir);
        if (found && found->state == process::AttemptState::kRunning) {
            return true;
        }
    }
    return false;
}

void fence_supervised(const std::string& folder) {
    for (const auto& dir : attempts_below(folder)) {
        (void)process::fence(dir);
    }
}

void empty_folder(const std::string& folder) {
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(folder, ignored)) {
        fs::remove_all(entry.path(), ignored);
    }
}

}  // namespace slipway::testing
