// simulation_engine [--seed N | [--from N] [--seeds N] [--seconds S]]: each seed is one life of an engine
// with its own mix of faults. One that breaks a promise is printed and repeats from its number alone.
#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "tests/simulation/engine/simulation.hpp"

namespace {

using slipway::simulation::Report;
using slipway::simulation::simulate;

struct Wanted {
    std::uint64_t from = 1;
    std::uint64_t seeds = 1000;
    double seconds = 1e9;
    bool one = false;
};

Wanted read(int argc, char** argv) {
    Wanted wanted;
    for (int i = 1; i + 1 < argc; i += 2) {
        const std::string_view option = argv[i];
        const auto value = std::strtoull(argv[i + 1], nullptr, 10);
        if (option == "--seed") {
            wanted.from = value;
            wanted.seeds = 1;
            wanted.one = true;
        } else if (option == "--from") {
            wanted.from = value;
        } else if (option == "--seeds") {
            wanted.seeds = value;
        } else if (option == "--seconds") {
            wanted.seconds = static_cast<double>(value);
        }
    }
    return wanted;
}

double seconds_since(std::chrono::steady_clock::time_point begun) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
}

}  // namespace

int main(int argc, char** argv) {
    const auto wanted = read(argc, argv);
    const auto begun = std::chrono::steady_clock::now();
    Report all;
    std::uint64_t done = 0;
    int broken = 0;
    for (; done < wanted.seeds && seconds_since(begun) < wanted.seconds && broken < 5; ++done) {
        const auto seed = wanted.from + done;
        const auto report = simulate(seed, wanted.one);
        all.events += report.events;
        all.crashes += report.crashes;
        all.runs += report.runs;
        all.child_runs += report.child_runs;
        all.let_go += report.let_go;
        all.turns += report.turns;
        if (!report.broken.empty()) {
            ++broken;
            std::printf("seed %llu: %s\n  again: simulation_engine --seed %llu\n",
                        static_cast<unsigned long long>(seed), report.broken.c_str(),
                        static_cast<unsigned long long>(seed));
        } else if (done % 100 == 0 && simulate(seed, false).trace != report.trace) {
            ++broken;
            std::printf("seed %llu: played twice it went two ways\n", static_cast<unsigned long long>(seed));
        }
    }
    const auto count = [](std::uint64_t n) { return static_cast<unsigned long long>(n); };
    std::printf(
        "figures: seeds %llu to %llu in %.1f s: %llu runs, %llu child runs, %llu events, %llu crashes and "
        "failed disks, "
        "%llu times a run was let go, %llu turns, %d broken\n",
        count(wanted.from), count(wanted.from + done - 1), seconds_since(begun), count(all.runs),
        count(all.child_runs), count(all.events), count(all.crashes), count(all.let_go), count(all.turns),
        broken);
    return broken == 0 ? 0 : 1;
}
