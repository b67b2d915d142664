// The state search of the long tier: four steps with everything, one workflow after the other, up to
// SLIPWAY_PROVE_SECONDS. Resumes where SLIPWAY_PROVE_FIRST says, and prints the next number.
#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include <doctest/doctest.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>

#include "tests/simulation/core/run_family.hpp"

using namespace search;

TEST_CASE("state search: four steps, everything") {
    const auto number_of = [](const char* name, long fallback) {
        const char* text = std::getenv(name);
        return text == nullptr ? fallback : std::strtol(text, nullptr, 10);
    };
    const auto shapes = prove_shapes();
    const auto until =
        std::chrono::steady_clock::now() + std::chrono::seconds(number_of("SLIPWAY_PROVE_SECONDS", 600));
    auto next = static_cast<std::size_t>(number_of("SLIPWAY_PROVE_FIRST", 0)) % shapes.size();
    std::uint64_t situations = 0;
    std::uint64_t edges = 0;
    std::size_t done = 0;
    while (done < shapes.size() && std::chrono::steady_clock::now() < until) {
        const SearchResult result = search_all(make_workflow(shapes[next]), {});
        REQUIRE_MESSAGE(!result.wrong, *result.wrong);
        situations += result.situations;
        edges += result.edges;
        next = (next + 1) % shapes.size();
        ++done;
    }
    std::printf(
        "SLIPWAY-FIGURE states-workflows %zu/%zu\nSLIPWAY-FIGURE states %llu\nSLIPWAY-FIGURE edges "
        "%llu\nnext %zu\n",
        done, shapes.size(), static_cast<unsigned long long>(situations),
        static_cast<unsigned long long>(edges), next);
}

TEST_CASE("state search: without a planted bug the workflows that show them are sound, with two places") {
    SearchOptions options;
    options.capacity = 2;
    run_family("two places", bug_shapes(), options);
}
