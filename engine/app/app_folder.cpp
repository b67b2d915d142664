#include "engine/app/app_folder.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>

#include "engine/app/private_copy.hpp"

namespace slipway::app {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kMostFiles = 50'000;
constexpr std::uintmax_t kLargestFile = 16U << 20U;

bool is_inside(const std::string& root, const std::string& path) {
    return path == root || (path.starts_with(root) && path[root.size()] == '/');
}

/// What a link is that is no file; none for any other entry.
std::optional<FolderLink> folder_link(const fs::path& root, const fs::directory_entry& entry) {
    std::error_code ec;
    if (!entry.is_symlink(ec)) {
        return std::nullopt;
    }
    FolderLink out;
    out.path = entry.path().lexically_relative(root).generic_string();
    const fs::path target = fs::canonical(entry.path(), ec);
    if (ec) {
        return out;
    }
    if (!fs::is_directory(target, ec)) {
        return std::nullopt;
    }
    out.to = FolderLink::To::kOutside;
    if (is_inside(root.string(), target.string())) {
        out.to = FolderLink::To::kInside;
        out.target = target == root ? "" : target.lexically_relative(root).generic_string();
    }
    return out;
}

Result<std::vector<std::string>> walk(const fs::path& root, std::vector<FolderLink>& links) {
    std::vector<std::string> files;
    std::error_code ec;
    fs::recursive_directory_iterator it(root, fs::directory_options::skip_permission_denied, ec);
    for (; !ec && it != fs::recursive_directory_iterator(); it.increment(ec)) {
        std::error_code ignored;
        if (it->path().filename() == ".git") {
            if (it->is_directory(ignored)) {
                it.disable_recursion_pending();
            }
            continue;
        }
        if (auto link = folder_link(root, *it)) {
            links.push_back(std::move(*link));
        }
        if (it->is_directory(ignored)) {
            continue;
        }  // a link to a folder is not followed either
        if (files.size() >= kMostFiles) {
            return environment_error(ErrorCode::kLimit, "'" + root.string() + "' holds more than " +
                                                            std::to_string(kMostFiles) +
                                                            " files: is this an app?");
        }
        files.push_back(it->path().lexically_relative(root).generic_string());
    }
    if (ec) {
        return environment_error(ErrorCode::kIo, "cannot list '" + root.string() + "': " + ec.message());
    }
    std::sort(files.begin(), files.end());
    std::sort(links.begin(), links.end(),
              [](const FolderLink& a, const FolderLink& b) { return a.path < b.path; });
    return files;
}

}  // namespace

std::string normal_path(std::string_view path) {
    std::string out;
    return inside_path(path, out) ? out : std::string();
}

Result<AppFolder> AppFolder::open(std::string_view path) {
    std::error_code ec;
    const fs::path root = fs::canonical(fs::path(path), ec);
    if (ec || !fs::is_directory(root, ec)) {
        return usage_error(ErrorCode::kNotFound, "there is no folder '" + std::string(path) + "'",
                           "give the folder that holds the app's metadata.toml");
    }
    AppFolder folder;
    folder.root_ = root.string();
    SLIPWAY_TRY(folder.files_, walk(root, folder.links_));
    return folder;
}

AppFolder AppFolder::in_memory(std::string name, std::map<std::string, std::string> contents) {
    AppFolder folder;
    folder.root_ = std::move(name);
    folder.on_disk_ = false;
    for (const auto& [path, content] : contents) {
        folder.files_.push_back(path);
    }
    folder.contents_ = std::move(contents);
    return folder;
}

std::string AppFolder::name() const {
    return fs::path(root_).filename().string();
}

bool AppFolder::has(std::string_view relative) const {
    return std::binary_search(files_.begin(), files_.end(), relative, std::less<>());
}

std::vector<std::string> AppFolder::toml_files(std::string_view folder) const {
    std::vector<std::string> found;
    const std::string prefix = folder.empty() ? std::string() : std::string(folder) + "/";
    for (const auto& file : files_) {
        if (!file.ends_with(".toml") || !file.starts_with(prefix)) {
            continue;
        }
        if (prefix.empty() && file.find('/') != std::string::npos) {
            continue;
        }
        found.push_back(file);
    }
    return found;
}

Result<std::string> AppFolder::read(std::string_view relative) const {
    const std::string inside = normal_path(relative);
    const auto outside = [&] {
        return Error{ErrorClass::kAuthoring,
                     ErrorCode::kForbidden,
                     "'" + std::string(relative) + "' leads out of the app's folder",
                     {}};
    };
    if (inside.empty()) {
        return outside();
    }
    if (!on_disk_) {
        const auto it = contents_.find(inside);
        if (it == contents_.end()) {
            return usage_error(ErrorCode::kNotFound, "there is no file '" + inside + "'");
        }
        return it->second;
    }
    std::error_code ec;
    const fs::path real = fs::canonical(fs::path(root_) / inside, ec);
    if (ec) {
        return usage_error(ErrorCode::kNotFound, "there is no file '" + inside + "'");
    }
    if (!is_inside(root_, real.string())) {
        return outside();
    }
    if (!fs::is_regular_file(real, ec)) {
        return usage_error(ErrorCode::kNotFound, "'" + inside + "' is no regular file");
    }
    if (fs::file_size(real, ec) > kLargestFile || ec) {
        return environment_error(ErrorCode::kLimit, "'" + inside + "' is larger than 16 MiB");
    }
    std::ifstream in(real, std::ios::binary);
    std::ostringstream out;
    out << in.rdbuf();
    if (!in || out.fail()) {
        // An empty file sets failbit on the copy; that is no failure.
        if (fs::file_size(real, ec) == 0 && !ec) {
            return std::string();
        }
        return environment_error(ErrorCode::kIo, "cannot read '" + inside + "'");
    }
    return std::move(out).str();
}

}  // namespace slipway::app
