// How long it takes to read and check an app. SLIPWAY_CORPUS names the folder of packaged apps.
#include <benchmark/benchmark.h>
#include <sys/resource.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>

#include "slipway/lifecycle/app.hpp"
#include "slipway/lifecycle/source.hpp"

namespace fs = std::filesystem;
using namespace slipway::lifecycle;

namespace {

using Files = std::map<std::string, std::string>;

/// `components` modules in layers; each reads `references` / `components` outputs of earlier ones.
Files synthetic(int components, int references) {
    Files files;
    files["metadata.toml"] = "version = \"v2\"\ndisplay_name = \"Synthetic\"\n";
    files["runner.toml"] = "runner_type = \"aws\"\n";
    files["sandbox.toml"] =
        "terraform_version = \"1.11.3\"\n[public_repo]\nrepo = \"a/b\"\ndirectory = \".\"\nbranch = "
        "\"main\"\n";
    std::mt19937 random(1);
    for (int i = 0; i < components; ++i) {
        std::string text =
            "name = \"c" + std::to_string(i) +
            "\"\ntype = \"terraform_module\"\nterraform_version = \"1.11.3\"\n[public_repo]\nrepo = "
            "\"acme/modules\"\ndirectory = \"m\"\nbranch = \"v1\"\n[vars]\nname = \"{{ .nuon.install.id "
            "}}\"\n";
        for (int k = 0; i > 0 && k < references / components; ++k) {
            text += "v" + std::to_string(k) + " = \"{{ .nuon.components.c" +
                    std::to_string(random() % static_cast<unsigned>(i)) + ".outputs.id }}\"\n";
        }
        files["components/c" + std::to_string(i) + ".toml"] = text;
    }
    return files;
}

fs::path written(const Files& files) {
    const fs::path root = fs::temp_directory_path() / "slipway-app-bench";
    fs::remove_all(root);
    for (const auto& [path, text] : files) {
        fs::create_directories((root / path).parent_path());
        std::ofstream(root / path, std::ios::binary) << text;
    }
    return root;
}

double peak_mib() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return static_cast<double>(usage.ru_maxrss) / 1024;
}

void validate(benchmark::State& state, const std::string& folder) {
    std::size_t components = 0;
    for (auto _ : state) {
        auto loaded = load_app(folder);
        if (!loaded || !loaded->ok()) {
            state.SkipWithError("the app has errors");
            return;
        }
        const auto graph = ComponentGraph::build(loaded->config.components);
        benchmark::DoNotOptimize(graph);
        components = loaded->config.components.size();
    }
    state.counters["components"] = static_cast<double>(components);
    state.counters["peak_MiB"] = peak_mib();
}

/// The app with the most bytes in files that are read.
std::string largest_app(const std::string& corpus) {
    std::string best;
    std::uintmax_t most = 0;
    for (const auto& app : fs::directory_iterator(corpus)) {
        std::uintmax_t bytes = 0;
        for (const auto& file : fs::recursive_directory_iterator(app.path())) {
            bytes += file.path().extension() == ".toml" ? file.file_size() : 0;
        }
        if (bytes > most) {
            most = bytes;
            best = app.path().string();
        }
    }
    return best;
}

void digest_of_version(benchmark::State& state, const std::string& folder) {
    const auto loaded = load_app(folder);
    for (auto _ : state) {
        benchmark::DoNotOptimize(app_version_digest(loaded->files, {}));
    }
}

}  // namespace

int main(int argc, char** argv) {
    benchmark::Initialize(&argc, argv);
    const std::string thousand = written(synthetic(1000, 5000)).string();
    benchmark::RegisterBenchmark("validate/1000_components_5000_references", validate, thousand)
        ->Unit(benchmark::kMillisecond);
    benchmark::RegisterBenchmark("version_digest/1000_components", digest_of_version, thousand)
        ->Unit(benchmark::kMillisecond);
    if (const char* corpus = std::getenv("SLIPWAY_CORPUS")) {
        const std::string largest = largest_app(corpus);
        benchmark::RegisterBenchmark(
            ("validate/largest_packaged_app/" + fs::path(largest).filename().string()).c_str(), validate,
            largest)
            ->Unit(benchmark::kMillisecond);
    }
    benchmark::RunSpecifiedBenchmarks();
    fs::remove_all(fs::path(thousand));
    return 0;
}
