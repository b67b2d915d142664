// Finds Terraform and asks it for its version.
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <map>
#include <mutex>

#include "slipway/steps/terraform.hpp"
#include "steps/terraform/files.hpp"
#include "steps/terraform/json.hpp"

namespace slipway {
namespace terraform {
namespace {

struct Version {
    std::array<int, 3> parts{};
    bool valid = false;
};

Version parse_version(std::string_view text) {
    Version version;
    if (text.starts_with('v')) {
        text.remove_prefix(1);
    }
    const char* at = text.data();
    const char* end = at + text.size();
    for (std::size_t i = 0; i < 3; ++i) {
        const auto [next, error] = std::from_chars(at, end, version.parts[i]);
        if (error != std::errc() || (i < 2 && (next == end || *next != '.'))) {
            return version;
        }
        at = next + (i < 2 ? 1 : 0);
    }
    version.valid = at == end;
    return version;
}

std::string read_until_closed(int fd, std::chrono::milliseconds limit) {
    const auto until = std::chrono::steady_clock::now() + limit;
    std::string out;
    char buffer[4096];
    while (out.size() < 65536) {
        const auto left =
            std::chrono::duration_cast<std::chrono::milliseconds>(until - std::chrono::steady_clock::now())
                .count();
        pollfd wait{fd, POLLIN, 0};
        if (left <= 0 || ::poll(&wait, 1, static_cast<int>(left)) <= 0) {
            break;
        }
        const auto n = ::read(fd, buffer, sizeof buffer);
        if (n <= 0) {
            break;
        }
        out.append(buffer, static_cast<std::size_t>(n));
    }
    return out;
}

std::string ask_version(const std::string& path) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) {
        return {};
    }
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
    std::string arguments[3] = {"terraform", "version", "-json"};
    char* argv[] = {arguments[0].data(), arguments[1].data(), arguments[2].data(), nullptr};
    std::string variables[4] = {"CHECKPOINT_DISABLE=1", "TF_IN_AUTOMATION=1", "TF_CLI_CONFIG_FILE=/dev/null",
                                "HOME=/"};
    char* env[] = {variables[0].data(), variables[1].data(), variables[2].data(), variables[3].data(),
                   nullptr};
    pid_t child = -1;
    const int failed = ::posix_spawn(&child, path.c_str(), &actions, nullptr, argv, env);
    posix_spawn_file_actions_destroy(&actions);
    ::close(ends[1]);
    auto out = failed == 0 ? read_until_closed(ends[0], std::chrono::seconds(20)) : std::string();
    ::close(ends[0]);
    if (failed == 0) {
        ::kill(child, SIGKILL);  // it has said what it had to say, or hangs
        ::waitpid(child, nullptr, 0);
    }
    const auto parsed = parse_object(out, "the version");
    return parsed ? text_of(*parsed, "terraform_version") : std::string();
}

// Asked once for each file: its identity stands for its content.
std::string version_of(const std::string& path) {
    static std::mutex mutex;
    static std::map<std::string, std::string> known;
    struct stat info {};
    if (::stat(path.c_str(), &info) != 0 || !S_ISREG(info.st_mode) || ::access(path.c_str(), X_OK) != 0) {
        return {};
    }
    const auto identity = path + "\n" + std::to_string(info.st_dev) + "\n" + std::to_string(info.st_ino) +
                          "\n" + std::to_string(info.st_mtim.tv_sec) + "." +
                          std::to_string(info.st_mtim.tv_nsec);
    const std::lock_guard lock(mutex);
    auto& version = known[identity];
    if (version.empty()) {
        version = ask_version(path);
    }
    return version;
}

std::vector<std::string> search_dirs(const TerraformOptions& options) {
    if (!options.tool_dirs.empty()) {
        return options.tool_dirs;
    }
    std::vector<std::string> dirs;
    const char* path = std::getenv("PATH");
    std::string_view rest = path == nullptr ? "" : path;
    while (!rest.empty()) {
        const auto end = std::min(rest.find(':'), rest.size());
        if (end > 0 && rest[0] == '/') {
            dirs.emplace_back(rest.substr(0, end));
        }
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return dirs;
}

std::vector<TerraformTool> candidates(const TerraformOptions& options) {
    std::vector<TerraformTool> found;
    for (const auto& dir : search_dirs(options)) {
        for (const auto& name : names_in(dir)) {
            const bool named =
                name == "terraform" || name.starts_with("terraform-1.") || name.starts_with("terraform_1.");
            if (!named) {
                continue;
            }
            auto version = version_of(dir + "/" + name);
            if (parse_version(version).valid) {
                found.push_back({dir + "/" + name, std::move(version), {}});
            }
        }
    }
    return found;
}

// 0: unfit; the higher the better.
int fitness(const Version& wanted, const Version& found, bool allow_other) {
    const auto& w = wanted.parts;
    const auto& f = found.parts;
    if (f == w) {
        return 1'000'000;
    }
    if (f[0] == w[0] && f[1] == w[1] && f[2] > w[2]) {
        return 500'000 - (f[2] - w[2]);
    }
    return allow_other && f[0] == 1 ? 1 : 0;
}

}  // namespace
}  // namespace terraform

Result<TerraformTool> find_terraform(const TerraformOptions& options, std::string_view pinned) {
    const auto found = terraform::candidates(options);
    const auto wanted = terraform::parse_version(pinned);
    if (!pinned.empty() && !wanted.valid) {
        return authoring_error("\"" + std::string(pinned) + "\" is not a Terraform version such as 1.11.4");
    }
    const TerraformTool* best = nullptr;
    int best_fitness = 0;
    std::string others;
    for (const auto& tool : found) {
        const auto version = terraform::parse_version(tool.version);
        const int fit = pinned.empty() ? (version.parts[0] == 1 ? 1 : 0)
                                       : terraform::fitness(wanted, version, options.allow_other_version);
        if (fit > best_fitness) {
            best = &tool;
            best_fitness = fit;
        }
        others += (others.empty() ? "" : ", ") + tool.version + " (" + tool.path + ")";
    }
    if (best == nullptr) {
        const auto name = "terraform" + (pinned.empty() ? std::string() : " " + std::string(pinned));
        return environment_error(ErrorCode::kMissingTool,
                                 name + " was not found" + (others.empty() ? "" : "; there is " + others),
                                 "put the program into a folder of PATH, allow "
                                 "another version for this install, or use --simulate");
    }
    TerraformTool tool = *best;
    if (!pinned.empty() && tool.version != pinned) {
        tool.note = "terraform " + tool.version + " is used where " + std::string(pinned) + " is pinned";
    }
    return tool;
}

}  // namespace slipway
