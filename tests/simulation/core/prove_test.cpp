// The state search of the long tier: four steps with everything, DAGs up to isomorphism, situations up to
// symmetry. What a finished workflow gave is kept in the folder that SLIPWAY_PROVE_OUT names, in a file for
// exactly these sources, so that a search that was cut short (after SLIPWAY_PROVE_SECONDS) goes on where it
// stopped.
#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <map>
#include <mutex>
#include <sstream>

#include "search_sources.hpp"
#include "tests/simulation/core/run_family.hpp"

using namespace search;

namespace {

struct Figures {
    std::uint64_t situations = 0;
    std::uint64_t durables = 0;
    std::uint64_t edges = 0;
};

/// Figures by workflow; a line each in the file, written whole and at once.
class Ledger {
public:
    Ledger() {
        const char* folder = std::getenv("SLIPWAY_PROVE_OUT");
        if (folder == nullptr) {
            return;
        }
        path_ = std::string(folder) + "/state_search-" + SLIPWAY_SEARCH_SOURCES + ".tsv";
        std::ifstream file(path_);
        for (std::string line; std::getline(file, line);) {
            read(line);
        }
    }
    bool has(const std::string& workflow) const { return done_.contains(workflow); }
    void add(const std::string& workflow, const SearchResult& result) {
        done_[workflow] = {result.situations, result.durables, result.edges};
        if (path_.empty()) {
            return;
        }
        std::ofstream file(path_, std::ios::app);
        file << workflow << '\t' << result.situations << '\t' << result.durables << '\t' << result.edges
             << "\t.\n"
             << std::flush;
    }
    Figures sum() const {
        Figures all;
        for (const auto& [workflow, one] : done_) {
            all.situations += one.situations;
            all.durables += one.durables;
            all.edges += one.edges;
        }
        return all;
    }
    std::size_t size() const { return done_.size(); }

private:
    /// A line that was cut short has no "." at its end and does not count.
    void read(const std::string& line) {
        std::istringstream text(line);
        std::string workflow;
        std::string end;
        Figures one;
        if (std::getline(text, workflow, '\t') &&
            text >> one.situations >> one.durables >> one.edges >> end && end == ".") {
            done_[workflow] = one;
        }
    }

    std::string path_;
    std::map<std::string, Figures> done_;
};

long number_of(const char* name, long fallback) {
    const char* text = std::getenv(name);
    return text == nullptr ? fallback : std::strtol(text, nullptr, 10);
}

/// A guess, so that the quick ones (taken from the end) are done first: more edges leave less to choose.
int cost_of(const Shape& shape) {
    const bool plain =
        std::all_of(shape.roles.begin(), shape.roles.end(), [](Role r) { return r == Role::kPlain; });
    return (plain ? 0 : 100) - __builtin_popcount(shape.edges);
}

}  // namespace

TEST_CASE("state search: four steps, everything") {
    auto shapes = prove_shapes();
    const std::size_t goal = shapes.size();
    Ledger progress;
    std::erase_if(shapes, [&](const Shape& shape) { return progress.has(describe(shape)); });
    std::stable_sort(shapes.begin(), shapes.end(),
                     [](const Shape& a, const Shape& b) { return cost_of(a) > cost_of(b); });
    constexpr long kNoLimit = 1'000'000;
    const auto until =
        std::chrono::steady_clock::now() + std::chrono::seconds(number_of("SLIPWAY_PROVE_SECONDS", kNoLimit));
    std::mutex mutex;
    std::vector<std::string> wrong;
    const auto search_one = [&](std::size_t k) {
        if (std::chrono::steady_clock::now() >= until) {
            return;
        }
        SearchOptions options;
        options.with_symmetries = true;
        const SearchResult result = search_all(make_workflow(shapes[k]), options);
        const std::scoped_lock lock(mutex);
        if (result.wrong) {
            wrong.push_back(*result.wrong);
        } else {
            progress.add(describe(shapes[k]), result);
        }
    };
    in_threads(shapes.size(), search_one, static_cast<unsigned>(number_of("SLIPWAY_PROVE_THREADS", 2)));
    for (const auto& one : wrong) {
        CHECK_MESSAGE(one.empty(), one);
    }
    const Figures all = progress.sum();
    std::printf("figures: workflows of four steps %zu of %zu, states %llu, durable states %llu, edges %llu\n",
                progress.size(), goal, static_cast<unsigned long long>(all.situations),
                static_cast<unsigned long long>(all.durables), static_cast<unsigned long long>(all.edges));
}
