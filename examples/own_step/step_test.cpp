#include <unistd.h>

#include <cstdio>
#include <filesystem>

#include "make_file.hpp"
#include "slipway/testing/executor_conformance.hpp"

namespace fs = std::filesystem;

// One folder for each scenario, and the files in it are counted.
struct MakeFileFixture : slipway::testing::ExecutorFixture {
    MakeFileFixture() { fs::create_directories(folder); }
    ~MakeFileFixture() override { fs::remove_all(folder); }

    std::shared_ptr<slipway::Executor> make() override { return std::make_shared<MakeFile>(); }
    slipway::Payload input() override { return {(folder / "file").string(), false}; }
    std::optional<int> effects() override {
        return static_cast<int>(std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
    }
    bool lose_witness(const std::string&) override {
        fs::rename(folder, folder.string() + "-gone");  // the effect is still somewhere
        folder += "-gone";
        return true;
    }
    slipway::DurationMs patience_ms() override { return 2'000; }

    inline static int number = 0;
    fs::path folder = fs::temp_directory_path() /
                      ("own-step-" + std::to_string(::getpid()) + "-" + std::to_string(++number));
};

int main() {
    const auto report = slipway::testing::check_executor([] { return std::make_unique<MakeFileFixture>(); });
    std::fputs(report.text().c_str(), stdout);
    return report.passed() ? 0 : 1;
}
