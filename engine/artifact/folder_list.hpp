// The files of a folder in the order in which an archive holds them.
#pragma once

#include <string>
#include <vector>

#include "slipway/lifecycle/archive.hpp"

namespace slipway::artifact {

struct ListedFile {
    std::string path;  ///< relative to the folder
    std::string real;  ///< what to read, links resolved
    bool program = false;
    std::uint64_t size = 0;
};

/// Sorted by path, byte by byte. Links are followed inside of the folder.
Result<std::vector<ListedFile>> list_folder(const std::string& folder, const lifecycle::PackOptions& options);

}  // namespace slipway::artifact
