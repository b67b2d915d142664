// Wrong apps and what is said about them. Each case is a folder with an app, and a text beside it.
// SLIPWAY_UPDATE_GOLDEN=1 writes the expected texts anew.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "slipway/lifecycle/app.hpp"

namespace fs = std::filesystem;
using namespace slipway;
using namespace slipway::lifecycle;

namespace {

std::string read(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    std::ostringstream out;
    out << in.rdbuf();
    return out.str();
}

std::string shown(const fs::path& app) {
    const auto loaded = load_app(app.string());
    if (!loaded) {
        return loaded.error().message + "\n";
    }
    std::string out;
    for (const auto& d : loaded->diagnostics) {
        out += to_text(d, true) + "\n";
    }
    for (const auto& file : loaded->files) {
        if (file.role == FileRole::kKept) {
            out += "kept: " + file.path + "\n";
        }
    }
    for (const auto& key : loaded->kept_keys) {
        out += "kept: " + key.file + ": " + key.key + "\n";
    }
    return out;
}

}  // namespace

TEST_CASE("every wrong app is told what is wrong, all at once and at its place") {
    const char* cases = std::getenv("SLIPWAY_GOLDEN");
    REQUIRE(cases != nullptr);
    const bool update = std::getenv("SLIPWAY_UPDATE_GOLDEN") != nullptr;
    std::vector<fs::path> apps;
    for (const auto& entry : fs::directory_iterator(cases)) {
        if (entry.is_directory()) {
            apps.push_back(entry.path());
        }
    }
    std::sort(apps.begin(), apps.end());
    CHECK(apps.size() >= 10);
    for (const auto& app : apps) {
        CAPTURE(app.filename().string());
        const fs::path expected = app.string() + ".expected.txt";
        const std::string text = shown(app);
        if (update) {
            std::ofstream(expected, std::ios::binary) << text;
        }
        CHECK(text == read(expected));
    }
}
