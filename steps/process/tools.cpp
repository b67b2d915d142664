// One program after the other, for an attempt of a tool step.
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <sstream>
#include <thread>

#include "steps/process/tool_steps.hpp"

namespace slipway::process {
namespace {

constexpr auto kPoll = std::chrono::milliseconds(20);
constexpr std::size_t kShownLines = 5;

bool is_folder(const std::string& path) {
    struct stat st {};
    return ::stat(path.c_str(), &st) == 0 && S_ISDIR(st.st_mode);
}

std::string joined(const std::deque<std::string>& lines) {
    std::string out;
    for (const auto& line : lines) {
        out += (out.empty() ? "" : "; ") + line;
    }
    return out;
}

Result<std::string> whole_output(const std::string& dir, const ToolRun& run, const ExitRecord& exit) {
    const auto too_much = environment_error(
        ErrorCode::kLimit, run.name + " put out more than " + std::to_string(run.output_max) + " bytes");
    if (exit.out_bytes > run.output_max) {
        return too_much;
    }
    std::string out;
    for (;;) {
        SLIPWAY_TRY(const std::string piece, read_output(dir, OutputStream::kStdout, out.size()));
        if (piece.empty()) {
            return out;
        }
        out += piece;
        if (out.size() > run.output_max) {
            return too_much;
        }
    }
}

Error ended_badly(const std::string& name, const ExitRecord& exit, const std::string& said) {
    if (!exit.started) {
        return environment_error(ErrorCode::kIo,
                                 name + " was not executed: " + exit.reason + " " + exit.detail);
    }
    if (exit.timed_out) {
        return environment_error(ErrorCode::kTimeout, name + " took too long");
    }
    if (exit.cancelled || exit.reason == "killed" || exit.reason == "terminated") {
        return usage_error(ErrorCode::kStopped, name + " was cancelled");
    }
    const std::string how = exit.signal != 0 ? "was ended by signal " + std::to_string(exit.signal)
                                             : "failed with exit code " + std::to_string(exit.rc);
    return environment_error(ErrorCode::kRefused, name + " " + how + (said.empty() ? "" : ": " + said));
}

}  // namespace

Result<std::string> find_tool(const std::string& name, const std::vector<std::string>& dirs,
                              const std::string& how_to_get_it) {
    std::vector<std::string> places = dirs;
    if (places.empty()) {
        const char* path = std::getenv("PATH");
        std::istringstream in(path == nullptr ? "" : path);
        for (std::string place; std::getline(in, place, ':');) {
            places.push_back(place);
        }
    }
    std::string looked;
    for (const auto& place : places) {
        const std::string file = place + "/" + name;
        if (place.starts_with('/') && ::access(file.c_str(), X_OK) == 0 && !is_folder(file)) {
            return file;
        }
        looked += (looked.empty() ? "" : ", ") + place;
    }
    return environment_error(ErrorCode::kMissingTool, name + " is not installed (looked in " + looked + ")",
                             how_to_get_it);
}

Result<std::string> Tools::folder() {
    if (!folder_.empty()) {
        return folder_;
    }
    SLIPWAY_TRY(const std::string scratch, context_.scratch_dir());
    const std::string folder = scratch + "/tools-" + std::to_string(context_.info().fence);
    std::error_code code;
    for (const char* below : {"", "/home", "/tmp", "/run"}) {
        std::filesystem::create_directories(folder + below, code);
        std::filesystem::permissions(folder + below, std::filesystem::perms::owner_all, code);
        if (code) {
            return environment_error(ErrorCode::kIo, "cannot make " + folder + ": " + code.message());
        }
    }
    folder_ = folder;
    return folder_;
}

// True when the run of an earlier host counts.
Result<bool> Tools::take_over(const std::string& dir) {
    if (!adopt_ || !is_folder(dir)) {
        return false;
    }
    SLIPWAY_TRY(const auto inspection, inspect(dir));
    if (inspection.state == AttemptState::kRunning) {
        return true;
    }
    if (inspection.state == AttemptState::kExited && inspection.exit->succeeded()) {
        return true;
    }
    return environment_error(ErrorCode::kIo, "an interrupted program cannot be taken over: " +
                                                 std::string(to_string(inspection.state)));
}

Result<void> Tools::start(const std::string& dir, const ToolRun& run) {
    ProcessRequest request;
    request.attempt_dir = dir;
    request.program = run.program;
    request.argv = run.argv;
    request.env = run.env;
    SLIPWAY_TRY(const std::string here, folder());
    request.cwd = run.cwd.empty() ? here : run.cwd;
    request.env.try_emplace("HOME", here + "/home");
    request.env.try_emplace("TMPDIR", here + "/tmp");
    request.env.try_emplace("XDG_RUNTIME_DIR", here + "/run");
    request.env.try_emplace("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
    request.fds = run.fds;
    request.time_limit_ms = run.time_limit_ms;
    request.grace_ms = run.grace_ms;
    request.supervisor_path = options_.supervisor_path;
    SLIPWAY_TRY(auto prepared, prepare(request));
    SLIPWAY_CHECK(context_.record_and_wait({"armed", {dir, false}}));
    return prepared.go();
}

void Tools::tell(const std::string& dir, Telling& telling, bool all) {
    const auto log = [&](const std::string& line) {
        context_.log(LogLevel::kInfo, line);
        if (!line.empty()) {
            telling.last.push_back(line);
        }
        if (telling.last.size() > kShownLines) {
            telling.last.pop_front();
        }
    };
    for (;;) {
        const auto piece = read_output(dir, telling.stream, telling.offset);
        if (!piece || piece->empty()) {
            break;
        }
        telling.offset += piece->size();
        telling.lines.add(*piece, log);
    }
    if (all) {
        telling.lines.finish(log);
    }
}

Result<std::string> Tools::wait(const std::string& dir, const ToolRun& run) {
    Telling errors{OutputStream::kStderr};
    Telling words{OutputStream::kStdout};
    for (;;) {
        SLIPWAY_TRY(const auto inspection, inspect(dir));
        const bool over =
            inspection.state != AttemptState::kRunning && inspection.state != AttemptState::kPrepared;
        tell(dir, errors, over);
        if (run.output_max == 0) {
            tell(dir, words, over);
        }
        if (inspection.state == AttemptState::kCrashed) {
            (void)fence(dir);
            return environment_error(ErrorCode::kIo, run.name + " lost its supervisor");
        }
        if (over) {
            if (!inspection.exit) {
                return environment_error(ErrorCode::kIo, run.name + " was not executed");
            }
            if (!inspection.exit->succeeded()) {
                return ended_badly(run.name, *inspection.exit, joined(errors.last));
            }
            return run.output_max == 0 ? Result<std::string>(std::string())
                                       : whole_output(dir, run, *inspection.exit);
        }
        if (stopping_) {
            return usage_error(ErrorCode::kStopped, "stopping: " + run.name + " is left to itself");
        }
        if (const int wanted = cancel_.load(); wanted > told_) {
            told_ = wanted;
            const bool force = wanted == static_cast<int>(CancelMode::kForce);
            (void)process::cancel(dir, force ? StopMode::kKill : StopMode::kCancel);
        }
        std::this_thread::sleep_for(kPoll);
    }
}

Result<std::string> Tools::run(const ToolRun& run) {
    if (cancelled()) {
        return usage_error(ErrorCode::kStopped, run.name + " was cancelled");
    }
    SLIPWAY_TRY(const std::string here, folder());
    const std::string dir = here + "/" + run.name;
    context_.progress({run.name, -1});
    SLIPWAY_TRY(const bool taken, take_over(dir));
    if (!taken) {
        // Only the run that was live when a host died is taken over; what comes after it begins here.
        adopt_ = false;
        SLIPWAY_CHECK(start(dir, run));
    }
    return wait(dir, run);
}

}  // namespace slipway::process
