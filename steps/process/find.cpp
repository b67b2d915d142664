// Where the supervisor's program is.
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <vector>

#include "slipway/steps/process.hpp"

namespace slipway::process {
namespace {

constexpr const char* kName = "slipway-supervise";

// A place that we only guess must not hand us a program that somebody else could have put there.
bool is_trustworthy(const std::string& path) {
    struct stat st {};
    return ::stat(path.c_str(), &st) == 0 && S_ISREG(st.st_mode) && ::access(path.c_str(), X_OK) == 0 &&
           (st.st_uid == 0 || st.st_uid == ::geteuid()) && (st.st_mode & S_IWOTH) == 0;
}

Result<std::string> named(const std::string& path, const char* by) {
    if (path.front() == '/' && ::access(path.c_str(), X_OK) == 0) {
        return path;
    }
    return environment_error(ErrorCode::kMissingTool,
                             std::string(by) + " names " + path + ", which is no executable file",
                             "give the absolute path of slipway-supervise");
}

}  // namespace

Result<std::string> find_supervisor(const std::string& option) {
    if (!option.empty()) {
        return named(option, "the option supervisor_path");
    }
    if (const char* env = std::getenv("SLIPWAY_SUPERVISE"); env != nullptr && *env != '\0') {
        return named(env, "SLIPWAY_SUPERVISE");
    }
    std::error_code ec;
    const std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe", ec);
    const std::filesystem::path here = self.parent_path();
    std::vector<std::filesystem::path> places{here / kName};
    std::filesystem::path up = here;
    for (int level = 0; level < 3; ++level) {
        up = up.parent_path();
        places.push_back(up / "libexec" / "slipway" / kName);
    }
    for (const auto& place : places) {
        if (is_trustworthy(place.string())) {
            return place.string();
        }
    }
    return environment_error(
        ErrorCode::kMissingTool,
        std::string(kName) + " is neither beside " + self.string() + " nor in ../libexec/slipway",
        "install it there, or set SLIPWAY_SUPERVISE to its absolute path");
}

}  // namespace slipway::process
