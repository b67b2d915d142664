#include "steps/image/storage.hpp"

#include <filesystem>
#include <vector>

namespace slipway::image {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> storages(const std::string& own) {
    std::vector<std::string> out{own + "/storage"};
    std::error_code code;
    for (const auto& entry : fs::directory_iterator(fs::path(own).parent_path(), code)) {
        const std::string name = entry.path().filename().string();
        if (name.starts_with("tools-") && entry.path() != fs::path(own)) {
            out.push_back(entry.path().string() + "/storage");
        }
    }
    return out;
}

}  // namespace

void sweep_storage(process::Tools& tools, const process::ToolRun& run) {
    const auto here = tools.folder();
    if (!here) {
        return;
    }
    int number = 0;
    for (const auto& storage : storages(*here)) {
        std::error_code code;
        fs::remove_all(storage, code);
        if (!code) {
            continue;
        }
        auto unshare = run;
        unshare.name += "-" + std::to_string(number++);
        unshare.argv = {"buildah", "unshare", "rm", "-rf", "--", storage};
        if (const auto done = tools.run(unshare); !done) {
            tools.context().log(LogLevel::kWarning, storage + " cannot be removed: " + done.error().message);
        }
    }
}

}  // namespace slipway::image
