#include "engine/artifact/folder_list.hpp"

#include <algorithm>
#include <filesystem>

namespace slipway::artifact {
namespace {

namespace fs = std::filesystem;
using lifecycle::PackOptions;

constexpr std::size_t kDeepest = 100;

Error forbidden(const std::string& path, const std::string& why) {
    return Error{ErrorClass::kAuthoring, ErrorCode::kForbidden, "'" + path + "' " + why, {}};
}

class Walk {
public:
    Walk(fs::path root, const PackOptions& options) : root_(std::move(root)), options_(options) {}

    Result<void> folder(const fs::path& real, const std::string& prefix) {
        if (above_.size() > kDeepest) {
            return environment_error(ErrorCode::kLimit, "the folders below '" + prefix + "' are too deep");
        }
        std::error_code code;
        std::vector<fs::path> entries;
        for (const auto& entry : fs::directory_iterator(real, code)) {
            entries.push_back(entry.path());
        }
        if (code) {
            return environment_error(ErrorCode::kIo, "cannot list '" + prefix + "': " + code.message());
        }
        std::sort(entries.begin(), entries.end());
        above_.push_back(real);
        for (const auto& entry : entries) {
            const std::string name = entry.filename().string();
            if (name != ".git" && name != ".terraform") {
                SLIPWAY_CHECK(one(entry, prefix + name));
            }
        }
        above_.pop_back();
        return {};
    }

    std::vector<ListedFile> take() {
        std::sort(files_.begin(), files_.end(),
                  [](const ListedFile& a, const ListedFile& b) { return a.path < b.path; });
        return std::move(files_);
    }

private:
    Result<void> one(const fs::path& entry, const std::string& path) {
        std::error_code code;
        const fs::path real = fs::canonical(entry, code);
        if (code) {
            return forbidden(path, "leads nowhere: " + code.message());
        }
        const auto inside = real.lexically_relative(root_);
        if (inside.empty() || *inside.begin() == "..") {
            return forbidden(path, "is a link that leads out of its folder");
        }
        const auto status = fs::status(real, code);
        const bool folder_here = fs::is_directory(status);
        if (options_.leave_out && options_.leave_out(path, folder_here)) {
            return {};
        }
        // Folders too: a few links to folders of links are visited more often than anybody can wait for.
        if (++visited_ > options_.files_max) {
            return environment_error(
                ErrorCode::kLimit, "more than " + std::to_string(options_.files_max) + " files and folders");
        }
        if (folder_here) {
            if (std::find(above_.begin(), above_.end(), real) != above_.end()) {
                return forbidden(path, "is a link to a folder that it stands in");
            }
            return folder(real, path + "/");
        }
        if (!fs::is_regular_file(status)) {
            return forbidden(path, "is neither a file nor a folder");
        }
        const bool program = (status.permissions() & fs::perms::owner_exec) != fs::perms::none;
        files_.push_back({path, real.string(), program, fs::file_size(real, code)});
        bytes_ += files_.back().size;
        if (code || bytes_ > options_.bytes_max) {
            return environment_error(ErrorCode::kLimit,
                                     "more than " + std::to_string(options_.bytes_max) + " bytes");
        }
        return {};
    }

    fs::path root_;
    const PackOptions& options_;
    std::vector<fs::path> above_;
    std::vector<ListedFile> files_;
    std::uint64_t bytes_ = 0;
    std::size_t visited_ = 0;
};

}  // namespace

Result<std::vector<ListedFile>> list_folder(const std::string& folder, const PackOptions& options) {
    std::error_code code;
    const fs::path root = fs::canonical(folder, code);
    if (code || !fs::is_directory(root, code)) {
        return environment_error(ErrorCode::kNotFound, "there is no folder " + folder);
    }
    Walk walk(root, options);
    SLIPWAY_CHECK(walk.folder(root, ""));
    return walk.take();
}

}  // namespace slipway::artifact
