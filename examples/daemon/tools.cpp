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

std::string how_to_get(const std::string& name) {
    if (name == "helm") {
        return "get a release of helm 3 or 4 (github.com/helm/helm/releases) and put helm into PATH";
    }
    if (name == "kubectl") {
        return "get it as kubernetes.io/docs/tasks/tools says and put it into PATH";
    }
    return "apt-get install " + name;
}

}  // namespace

Result<lifecycle::ToolFound> check_tool(const lifecycle::ToolNeed& need) {
    if (need.name == "terraform") {
        SLIPWAY_TRY(const auto tool, find_terraform({}, need.version));
        return lifecycle::ToolFound{tool.path, tool.version, tool.note};
    }
    const std::string path = in_path(need.name);
    if (path.empty()) {
        return environment_error(ErrorCode::kMissingTool,
                                 need.name + " is not installed (looked in PATH): " + how_to_get(need.name),
                                 "install it, or start the daemon with --simulate");
    }
    return lifecycle::ToolFound{path, need.version, ""};
}

}  // namespace host
