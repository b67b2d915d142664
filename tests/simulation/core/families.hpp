// Which workflows each tier searches.
#pragma once

#include <vector>

#include "tests/simulation/core/dags.hpp"

namespace search {

std::vector<Shape> small_shapes();       ///< up to three steps
std::vector<Shape> two_step_shapes();    ///< those of them with up to two
std::vector<Shape> comparison_shapes();  ///< a few of each kind, for comparisons with the slow search
std::vector<Shape> four_step_shapes();   ///< plain steps, for a search without pause, cancel and new rounds
std::vector<Shape> bug_shapes();         ///< enough to show every planted bug
std::vector<Shape> undo_shapes();        ///< up to two steps that can be undone, and a gate between two
std::vector<Shape> child_shapes();       ///< a step that waits for two child runs, alone and beside others
std::vector<Shape> undo_three_shapes();  ///< three, for a search without new rounds
std::vector<Shape> prove_shapes();       ///< four steps, everything, DAGs up to isomorphism

}  // namespace search
