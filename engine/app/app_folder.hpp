// The files of an app, and nothing outside of its folder.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "slipway/result.hpp"

namespace slipway::app {

/// A link that is no file: what lies behind it is not part of the app.
struct FolderLink {
    enum class To : std::uint8_t { kInside, kOutside, kNothing };
    std::string path;
    To to = To::kNothing;
    std::string target;  ///< of kInside: the folder, relative to the root, "" for the root itself
};

class AppFolder {
public:
    static Result<AppFolder> open(std::string_view path);
    /// A folder that is not on disk: path -> content.
    static AppFolder in_memory(std::string name, std::map<std::string, std::string> contents);

    const std::string& root() const { return root_; }
    /// The folder's own name.
    std::string name() const;
    /// Every file below the root, relative and sorted; `.git` and what lies behind linked folders left out.
    const std::vector<std::string>& files() const { return files_; }
    /// Links to folders and to nothing, sorted by path.
    const std::vector<FolderLink>& links() const { return links_; }
    bool has(std::string_view relative) const;
    /// The files directly in the root (`folder` empty) or anywhere below `folder` that end in ".toml".
    std::vector<std::string> toml_files(std::string_view folder) const;
    /// kForbidden: it leads out of the folder; kNotFound; kLimit: larger than any config file is.
    Result<std::string> read(std::string_view relative) const;

private:
    std::string root_;
    std::vector<std::string> files_;
    std::vector<FolderLink> links_;
    std::map<std::string, std::string> contents_;
    bool on_disk_ = true;
};

/// "a/./b/../c" -> "a/c"; empty when the path leads above its start or is absolute.
std::string normal_path(std::string_view path);

}  // namespace slipway::app
