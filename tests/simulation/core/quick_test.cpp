// The state search of the quick tier, and the planted bugs that show that it can fail.
#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include "tests/simulation/core/run_family.hpp"

using namespace search;

namespace {

using SearchFunction = SearchResult (*)(const Workflow&, const SearchOptions&, Bug);

std::optional<std::string> caught_by(SearchFunction search, Bug bug, std::size_t situations_max) {
    for (const auto& shape : bug_shapes()) {
        SearchOptions options;
        options.capacity = 2;
        options.situations_max = situations_max;
        options.bound_is_wrong = false;
        if (auto wrong = search(make_workflow(shape), options, bug).wrong) {
            return wrong;
        }
    }
    return std::nullopt;
}

}  // namespace

TEST_CASE("state search: up to three steps, everything") {
    run_family("up to 3 steps", share(small_shapes()), {});
}

TEST_CASE("state search: four steps without pause, cancel and new rounds") {
    SearchOptions options;
    options.moves = {.operators = true, .run_acts = false, .new_rounds = false, .doubts = false};
    run_family("4 steps", share(four_step_shapes()), options);
}

TEST_CASE("state search: runs that are unwound") {
    run_family("undo", share(undo_shapes()), {});
}

TEST_CASE("state search: runs with child runs") {
    run_family("child runs", share(child_shapes()), {});
}

TEST_CASE("state search: interned states and whole copies give the same situations and edges") {
    std::vector<Shape> shapes = share(comparison_shapes());
    shapes.push_back(undo_shapes().back());
    shapes.push_back(child_shapes().front());
    for (const auto& shape : shapes) {
        const Workflow workflow = make_workflow(shape);
        SearchOptions options;
        options.capacity = 2;
        options.with_symmetries = true;
        const SearchResult interned = search_all(workflow, options);
        const SearchResult plain = plain_search(workflow, options);
        CHECK_MESSAGE(!interned.wrong, *interned.wrong);
        CHECK_MESSAGE(!plain.wrong, *plain.wrong);
        CHECK_MESSAGE(interned.situations == plain.situations, describe(shape));
        CHECK_MESSAGE(interned.edges == plain.edges, describe(shape));
    }
}

TEST_CASE("every planted bug is caught") {
    constexpr auto kBugs = static_cast<std::size_t>(Bug::kBugCount);
    std::vector<std::optional<std::string>> caught(kBugs);
    in_threads(kBugs, [&](std::size_t number) {
        caught[number] = caught_by(search_all, static_cast<Bug>(number), number == 0 ? 100 : 2000);
    });
    CHECK(!caught[0]);
    for (std::size_t number = 1; number < kBugs; ++number) {
        const char* name = bug_name(static_cast<Bug>(number));
        CHECK_MESSAGE(caught[number].has_value(), std::string(name));
        if (caught[number]) {
            std::printf("planted bug \"%s\" caught: %s\n", name,
                        caught[number]->substr(0, caught[number]->find('\n')).c_str());
        }
    }
}
