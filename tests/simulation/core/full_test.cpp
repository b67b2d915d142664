// The state search of the full tier: every DAG of up to three steps with everything, four plain steps without
// pause, cancel and new rounds.
#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include "tests/simulation/core/run_family.hpp"

using namespace search;

TEST_CASE("state search: up to three steps, everything") {
    run_family("up to 3 steps", small_shapes(), {});
}

TEST_CASE("state search: four steps without pause, cancel and new rounds") {
    SearchOptions options;
    options.moves = {.operators = true, .run_acts = false, .new_rounds = false, .doubts = false};
    run_family("4 steps", four_step_shapes(), options);
}
