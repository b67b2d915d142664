// The state search of the quick tier: every DAG of up to three steps with everything, four steps without
// pause, cancel and new rounds. Planted bugs show that it can fail.
#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include <doctest/doctest.h>

#include <cstdio>

#include "tests/simulation/core/families.hpp"
#include "tests/simulation/core/search.hpp"

using namespace search;

namespace {

void run_family(const char* name, const std::vector<Shape>& shapes, const SearchOptions& options) {
    std::uint64_t situations = 0;
    std::uint64_t edges = 0;
    for (const auto& shape : shapes) {
        const SearchResult result = search_all(make_workflow(shape), options);
        REQUIRE_MESSAGE(!result.wrong, *result.wrong);
        situations += result.situations;
        edges += result.edges;
    }
    std::printf("search %s: %zu workflows, %llu states, %llu edges\n", name, shapes.size(),
                static_cast<unsigned long long>(situations), static_cast<unsigned long long>(edges));
}

}  // namespace

TEST_CASE("state search: up to three steps, everything") {
    run_family("up to 3 steps", small_shapes(), {});
}

TEST_CASE("state search: four steps without pause, cancel and new rounds") {
    SearchOptions options;
    options.moves = {.operators = true, .run_acts = false, .new_rounds = false, .doubts = false};
    run_family("4 steps", four_step_shapes(), options);
}

TEST_CASE("every planted bug is caught") {
    for (int number = 1; number < static_cast<int>(Bug::kBugCount); ++number) {
        const Bug bug = static_cast<Bug>(number);
        std::optional<std::string> caught;
        for (const auto& shape : bug_shapes()) {
            SearchOptions options;
            options.capacity = 2;
            caught = search_all(make_workflow(shape), options, bug).wrong;
            if (caught) {
                break;
            }
        }
        CHECK_MESSAGE(caught, bug_name(bug));
        if (caught) {
            std::printf("planted bug \"%s\" caught: %s\n", bug_name(bug),
                        caught->substr(0, caught->find('\n')).c_str());
        }
    }
}
