// The state search of the full tier: the same workflows with more places, and the search compared with the
// slow and simple one, and with itself with and without symmetries.
#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include "tests/simulation/core/run_family.hpp"

using namespace search;

namespace {

MoveOptions without_rounds() {
    return {.operators = true, .run_acts = false, .new_rounds = false, .doubts = false};
}

/// The set of situations up to symmetry is the same, whether the search makes use of symmetries or not.
void compare_symmetries(const std::vector<Shape>& shapes, const MoveOptions& moves, std::uint32_t capacity) {
    struct Pair {
        SearchResult with, without;
    };
    std::vector<Pair> pairs(shapes.size());
    in_threads(shapes.size(), [&](std::size_t k) {
        SearchOptions options;
        options.moves = moves;
        options.capacity = capacity;
        options.fingerprint = true;
        pairs[k].without = search_all(make_workflow(shapes[k]), options);
        options.with_symmetries = true;
        pairs[k].with = search_all(make_workflow(shapes[k]), options);
    });
    for (std::size_t k = 0; k < shapes.size(); ++k) {
        const auto& [with, without] = pairs[k];
        CHECK_MESSAGE(with.classes == with.situations, describe(shapes[k]));
        CHECK_MESSAGE(with.classes == without.classes, describe(shapes[k]));
        CHECK_MESSAGE(with.fingerprint == without.fingerprint, describe(shapes[k]));
    }
}

}  // namespace

TEST_CASE("state search: up to three steps, everything, two and three at once") {
    for (std::uint32_t capacity : {2U, 3U}) {
        SearchOptions options;
        options.capacity = capacity;
        run_family("up to 3 steps", share(small_shapes()), options);
        run_family("those that show the planted bugs, without one", share(bug_shapes()), options);
    }
}

TEST_CASE("state search: four steps without pause, cancel and new rounds, two to four at once") {
    for (std::uint32_t capacity : {2U, 3U, 4U}) {
        SearchOptions options;
        options.moves = without_rounds();
        options.capacity = capacity;
        run_family("4 steps", share(four_step_shapes()), options);
    }
}

TEST_CASE("state search: runs that are unwound, two at once; and of three steps") {
    SearchOptions options;
    options.capacity = 2;
    run_family("undo", share(undo_shapes()), options);
    options.moves = {.operators = true, .run_acts = false, .new_rounds = false, .doubts = false};
    run_family("undo of 3 steps", share(undo_three_shapes()), options);
}

TEST_CASE("state search: runs with child runs, two at once") {
    SearchOptions options;
    options.capacity = 2;
    run_family("child runs", child_shapes(), options);
}

TEST_CASE("state search: situations up to symmetry are the same with and without symmetries") {
    compare_symmetries(share(small_shapes()), {}, 1);
    compare_symmetries(share(four_step_shapes()), without_rounds(), 1);
    compare_symmetries(share(four_step_shapes()), without_rounds(), 4);
}

TEST_CASE(
    "state search: interned states and whole copies give the same situations and edges, all small ones") {
    const auto shapes = share(two_step_shapes());
    std::vector<SearchResult> interned(shapes.size());
    std::vector<SearchResult> plain(shapes.size());
    in_threads(shapes.size(), [&](std::size_t k) {
        SearchOptions options;
        options.with_symmetries = true;
        interned[k] = search_all(make_workflow(shapes[k]), options);
        plain[k] = plain_search(make_workflow(shapes[k]), options);
    });
    for (std::size_t k = 0; k < shapes.size(); ++k) {
        CHECK_MESSAGE(!plain[k].wrong, *plain[k].wrong);
        CHECK_MESSAGE(interned[k].situations == plain[k].situations, describe(shapes[k]));
        CHECK_MESSAGE(interned[k].edges == plain[k].edges, describe(shapes[k]));
    }
}

TEST_CASE("the slow and simple search catches every planted bug as well") {
    constexpr auto kBugs = static_cast<std::size_t>(Bug::kBugCount);
    std::vector<bool> caught(kBugs, false);
    for (std::size_t number = 1; number < kBugs; ++number) {
        for (const auto& shape : bug_shapes()) {
            SearchOptions options;
            options.capacity = 2;
            options.situations_max = 2000;
            options.bound_is_wrong = false;
            if (plain_search(make_workflow(shape), options, static_cast<Bug>(number)).wrong) {
                caught[number] = true;
                break;
            }
        }
        CHECK_MESSAGE(caught[number], std::string(bug_name(static_cast<Bug>(number))));
    }
}
