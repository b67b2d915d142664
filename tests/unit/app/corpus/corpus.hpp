// The folder of packaged apps.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

namespace test {

/// Empty, and said so, when there is none.
inline std::string corpus() {
    const char* folder = std::getenv("SLIPWAY_CORPUS");
    if (folder != nullptr && std::filesystem::is_directory(folder)) {
        return folder;
    }
    std::puts("SLIPWAY-SKIPPED-PART: corpus");
    return {};
}

inline std::vector<std::string> corpus_apps(const std::string& folder) {
    std::vector<std::string> out;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        if (entry.is_directory()) {
            out.push_back(entry.path().string());
        }
    }
    std::sort(out.begin(), out.end());
    return out;
}

}  // namespace test
