#include "tests/golden/install/corpus_apps.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <iostream>

namespace corpus_apps {

std::string corpus_folder() {
    const char* folder = std::getenv("SLIPWAY_CORPUS");  // NOLINT(concurrency-mt-unsafe)
    if (folder == nullptr || !std::filesystem::is_directory(folder)) {
        std::cout << "SLIPWAY-SKIPPED-PART: corpus\n";
        return {};
    }
    return folder;
}

std::vector<std::string> folders() {
    std::vector<std::string> all;
    const std::string folder = corpus_folder();
    if (folder.empty()) {
        return all;
    }
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        if (entry.is_directory()) {
            all.push_back(entry.path().string());
        }
    }
    std::sort(all.begin(), all.end());
    return all;
}

AppVersion load(const std::string& folder) {
    auto loaded = load_app(folder);
    REQUIRE(loaded.has_value());
    AppVersion version;
    version.app = loaded->config.name;
    version.config = std::move(loaded->config);
    version.digest = sha256(folder);
    return version;
}

Install customer(const AppVersion& version) {
    Install install;
    install.id = "ins1";
    install.name = "acme";
    install.app = version.app;
    install.account = {"aws", "us-east-1", "proj"};
    return install;
}

}  // namespace corpus_apps
