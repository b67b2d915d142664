// Packaged apps load unchanged.
#include <doctest/doctest.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "slipway/lifecycle/app.hpp"

namespace fs = std::filesystem;
using namespace slipway;
using namespace slipway::lifecycle;

TEST_CASE("packaged apps load unchanged") {
    const char* corpus = std::getenv("SLIPWAY_CORPUS");
    if (corpus == nullptr || !fs::is_directory(corpus)) {
        std::puts("SLIPWAY-SKIPPED-PART: corpus");
        return;
    }
    for (const auto& entry : fs::directory_iterator(corpus)) {
        if (!entry.is_directory()) {
            continue;
        }
        const auto loaded = load_app(entry.path().string());
        REQUIRE(loaded);
        CAPTURE(loaded->config.name);
        for (const auto& d : loaded->diagnostics) {
            if (d.severity == Severity::kError) {
                CAPTURE(to_text(d, true));
                CHECK(false);
            }
            if (std::getenv("SHOW")) {
                std::printf("%s/%s\n", loaded->config.name.c_str(), to_text(d, true).c_str());
            }
        }
    }
}
