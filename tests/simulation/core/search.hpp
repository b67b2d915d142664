// Breadth-first search over all distinct situations of one workflow.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "tests/simulation/core/dags.hpp"
#include "tests/simulation/core/moves.hpp"

namespace search {

struct SearchOptions {
    MoveOptions moves;
    std::uint32_t capacity = 1;  ///< of the engine's limit
    std::size_t situations_max = 100'000'000;
    bool bound_is_wrong = true;  ///< that bound must not be reached
    /// Situations that differ only by a symmetry of the workflow count once. The core breaks ties by the
    /// order of the steps (who is first in the queue), so a symmetry need not hold for all that follows: a
    /// search without is exact by construction, one with them has to be compared with it (full_test.cpp).
    bool with_symmetries = false;
    bool fingerprint = false;
};

struct SearchResult {
    std::uint64_t situations = 0;
    std::uint64_t edges = 0;
    std::uint64_t durables = 0;        ///< distinct durable states among them (search_all() alone)
    std::uint64_t classes = 0;         ///< situations up to symmetry, when a fingerprint was asked for
    std::uint64_t fingerprint = 0;     ///< of the set of these classes
    std::optional<std::string> wrong;  ///< what is wrong, where, and the moves that lead there
};

/// Durable states interned, ticks carried out once for each, live parts packed: see expansion.hpp.
SearchResult search_all(const Workflow& workflow, const SearchOptions& options, Bug bug = Bug::kNone);
/// The slow and simple form of the same, always with symmetries.
SearchResult plain_search(const Workflow& workflow, const SearchOptions& options, Bug bug = Bug::kNone);

}  // namespace search
