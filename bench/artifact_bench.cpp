// Digests and archives against sha256sum and tar, and how long it takes to see that there is nothing to
// build.
//   artifact_bench [MiB of content, 256] [files, 2000] [components, 1000]
#include <stdlib.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <string>
#include <vector>

#include "slipway/lifecycle/archive.hpp"
#include "slipway/lifecycle/build.hpp"

namespace {

namespace fs = std::filesystem;
using namespace slipway;
using namespace slipway::lifecycle;
using Clock = std::chrono::steady_clock;

constexpr int kTurns = 5;

std::size_t argument(int argc, char** argv, int index, std::size_t fallback) {
    return argc > index ? std::strtoull(argv[index], nullptr, 10) : fallback;
}

/// The median of a few turns, the page cache warm.
template <class Work>
double seconds(Work work) {
    std::vector<double> taken;
    work();
    for (int i = 0; i < kTurns; ++i) {
        const auto start = Clock::now();
        work();
        taken.push_back(std::chrono::duration<double>(Clock::now() - start).count());
    }
    std::sort(taken.begin(), taken.end());
    return taken[kTurns / 2];
}

void row(const char* what, double mib, double taken) {
    std::printf("%-44s %8.1f ms %9.0f MiB/s\n", what, taken * 1e3, mib / taken);
}

void command(const std::string& line) {
    if (std::system(line.c_str()) != 0) {
        std::fprintf(stderr, "failed: %s\n", line.c_str());
        std::exit(1);
    }
}

void fill(const std::string& folder, std::size_t bytes, std::size_t files) {
    std::mt19937_64 random(1);
    for (std::size_t i = 0; i < files; ++i) {
        const std::string below = folder + "/d" + std::to_string(i % 50);
        fs::create_directories(below);
        std::string content(bytes / files, '\0');
        for (auto& c : content) {
            c = static_cast<char>('a' + random() % 26);
        }
        std::ofstream(below + "/f" + std::to_string(i), std::ios::binary) << content;
    }
}

void bench_bytes(const std::string& home, std::size_t mib, std::size_t files) {
    const std::string folder = home + "/content";
    fill(folder, mib << 20U, files);
    const std::string one = home + "/one";
    command("cat " + folder + "/*/* > " + one);
    const double size = static_cast<double>(fs::file_size(one)) / (1U << 20U);
    const auto store = *ArtifactStore::open(home + "/store");
    const auto nowhere = [](std::string_view) { return Result<void>(); };
    std::string bytes;
    {
        std::ifstream in(one, std::ios::binary);
        bytes.assign(std::istreambuf_iterator<char>(in), {});
    }
    row("sha256 of memory", size, seconds([&] { (void)sha256(bytes); }));
    row("  sha256sum", size, seconds([&] { command("sha256sum " + one + " > /dev/null"); }));
    row("tar.gz, digested, to nowhere", size,
        seconds([&] { (void)pack_folder(folder, ArchiveFormat::kTarGzip, nowhere); }));
    row("zip, digested, to nowhere", size,
        seconds([&] { (void)pack_folder(folder, ArchiveFormat::kZip, nowhere); }));
    row("  tar c | cat", size, seconds([&] { command("tar -C " + folder + " -c . | cat > /dev/null"); }));
    row("  tar c | sha256sum", size,
        seconds([&] { command("tar -C " + folder + " -c . | sha256sum > /dev/null"); }));
    row("  tar cz", size, seconds([&] { command("tar -C " + folder + " -cz . | cat > /dev/null"); }));
    const auto module = *build_module(*store, folder, {});
    row("module into the store (there already)", size,
        seconds([&] { (void)build_module(*store, folder, {}); }));
    row("an artifact verified", size, seconds([&] { (void)store->verify(module); }));
}

void bench_plan(const std::string& home, std::size_t components) {
    const auto store = *ArtifactStore::open(home + "/store");
    AppVersion version;
    version.app = "bench";
    for (std::size_t i = 0; i < components; ++i) {
        Component component;
        component.name = "c" + std::to_string(i);
        component.type = ComponentType::kKubernetesManifest;
        component.manifest.manifest.value = "kind: A\nnumber: " + std::to_string(i % 20) + "\n";
        component.raw_json = R"({"name":")" + component.name + R"(","type":"kubernetes_manifest"})";
        version.config.components.push_back(std::move(component));
    }
    const auto plans = *plan_builds(version, *store, {});
    const auto start = Clock::now();
    for (const auto& plan : plans) {
        const auto artifact = build_manifests(*store, plan.input.text, plan.input.info);
        if (!artifact || !complete_build(*store, plan.input, *artifact, 1)) {
            std::exit(1);
        }
    }
    const double built = std::chrono::duration<double>(Clock::now() - start).count();
    std::printf("%zu components built, one by one: %.2f s\n", components, built);
    const double looked = seconds([&] { (void)plan_builds(version, *store, {}); });
    std::printf("nothing changed, %zu components: %.1f ms\n", components, looked * 1e3);
}

}  // namespace

int main(int argc, char** argv) {
    std::string home = (fs::temp_directory_path() / "slipway-bench-XXXXXX").string();
    if (::mkdtemp(home.data()) == nullptr) {
        return 1;
    }
    bench_bytes(home, argument(argc, argv, 1, 256), argument(argc, argv, 2, 2000));
    bench_plan(home, argument(argc, argv, 3, 1000));
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    std::printf("memory at its highest: %ld MiB\n", usage.ru_maxrss / 1024);
    fs::remove_all(home);
    return 0;
}
