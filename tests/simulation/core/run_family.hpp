// Searches a family of workflows and prints what was seen.
#pragma once

#include <doctest/doctest.h>

#include <cstdio>

#include "tests/simulation/core/families.hpp"
#include "tests/simulation/core/search.hpp"

namespace search {

inline void run_family(const char* name, const std::vector<Shape>& shapes, const SearchOptions& options) {
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

}  // namespace search
