#include "tools.hpp"

#include <unistd.h>

#include <cstdlib>
#include <sstream>

#include "slipway/steps/terraform.hpp"

namespace host {

using namespace slipway;

namespace {

std::string in_path(const std::string& name) {
    const char* path = std::getenv("PATH");
    std::istringstream folders(path == nullptr ? "" : path);
    for (std::string folder; std::getline(folders, folder, ':');) {
        std::string file = folder + "/" + name;
        if (!folder.empty() && ::access(file.c_str(), X_OK) == 0) {
            return file;
        }
    }
    return {};
}

}  // namespace

Result<lifecycle::ToolFound> check_tool(const lifecycle::ToolNeed& need) {
    if (need.name == "terraform") {
        SLIPWAY_TRY(const auto tool, find_terraform({}, need.version));
        return lifecycle::ToolFound{tool.path, tool.version, tool.note};
    }
    const std::string path = in_path(need.name);
    if (path.empty()) {
        return environment_error(ErrorCode::kMissingTool, need.name + " is not installed (looked in PATH)",
                                 "install it, or start the daemon with --simulate");
    }
    return lifecycle::ToolFound{path, need.version, ""};
}

}  // namespace host
