// Searches a family of workflows, several at once, and adds up what was seen.
#pragma once

#include <doctest/doctest.h>

#include <atomic>
#include <cstdio>
#include <thread>

#include "tests/simulation/core/families.hpp"
#include "tests/simulation/core/search.hpp"

#ifndef SLIPWAY_SEARCH_SHARE
#define SLIPWAY_SEARCH_SHARE 1
#endif

namespace search {

/// One of every SLIPWAY_SEARCH_SHARE workflows: all, but for builds that a sanitizer slows down.
inline std::vector<Shape> share(const std::vector<Shape>& all) {
    std::vector<Shape> shapes;
    for (std::size_t i = 0; i < all.size(); i += SLIPWAY_SEARCH_SHARE) {
        shapes.push_back(all[i]);
    }
    return shapes;
}

/// Calls `one(number)` for every number below `count` in two threads, the last ones (the largest workflows)
/// first.
template <class One>
void in_threads(std::size_t count, One&& one, unsigned threads = 2) {
    std::atomic<std::size_t> left{count};
    const auto work = [&] {
        for (std::size_t at = left.fetch_sub(1); at != 0 && at <= count; at = left.fetch_sub(1)) {
            one(at - 1);
        }
    };
    std::vector<std::thread> others;
    for (unsigned k = 1; k < threads; ++k) {
        others.emplace_back(work);
    }
    work();
    for (auto& other : others) {
        other.join();
    }
}

inline void run_family(const char* name, const std::vector<Shape>& shapes, const SearchOptions& options) {
    std::vector<SearchResult> results(shapes.size());
    in_threads(shapes.size(),
               [&](std::size_t k) { results[k] = search_all(make_workflow(shapes[k]), options); });
    SearchResult sum;
    for (const auto& one : results) {
        REQUIRE_MESSAGE(!one.wrong, *one.wrong);
        sum.situations += one.situations;
        sum.edges += one.edges;
        sum.durables += one.durables;
    }
    std::printf("search %s, %u at once: %zu workflows, %llu states (%llu durable), %llu edges\n", name,
                options.capacity, shapes.size(), static_cast<unsigned long long>(sum.situations),
                static_cast<unsigned long long>(sum.durables), static_cast<unsigned long long>(sum.edges));
}

}  // namespace search
