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
    std::size_t situations_max = 3'000'000;
    bool bound_is_wrong = true;  ///< that bound must not be reached
};

struct SearchResult {
    std::uint64_t situations = 0;
    std::uint64_t edges = 0;
    std::optional<std::string> wrong;  ///< what is wrong, where, and the moves that lead there
};

SearchResult search_all(const Workflow& workflow, const SearchOptions& options, Bug bug = Bug::kNone);

}  // namespace search
