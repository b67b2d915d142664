// The house rules, held against the whole tree.
#include <doctest/doctest.h>

#include <algorithm>
#include <sstream>

#include "tests/tidy/rules.hpp"

namespace {

using slipway::tidy::SourceFile;
using slipway::tidy::Violations;

const std::vector<SourceFile>& tree() {
    static const auto kTree = slipway::tidy::load_tree(".");
    return kTree;
}

void expect_none(const Violations& violations) {
    std::ostringstream list;
    for (const auto& one : violations) {
        list << "\n" << one.path << ":" << one.line << ": " << one.what;
    }
    INFO(list.str());
    CHECK(violations.empty());
}

template <typename Rule>
void hold_against_tree(Rule rule) {
    Violations all;
    for (const auto& file : tree()) {
        auto found = rule(file);
        all.insert(all.end(), found.begin(), found.end());
    }
    expect_none(all);
}

}  // namespace

TEST_CASE("the tree is read at all") {
    CHECK(tree().size() > 20);
    CHECK(std::any_of(tree().begin(), tree().end(),
                      [](const auto& f) { return f.path == "include/slipway/result.hpp"; }));
}

TEST_CASE("includes keep the directions between rooms") {
    hold_against_tree(slipway::tidy::check_includes);
}
TEST_CASE("files and functions keep their size") {
    hold_against_tree(slipway::tidy::check_sizes);
}
TEST_CASE("the core is pure") {
    hold_against_tree(slipway::tidy::check_core_is_pure);
}
TEST_CASE("words, blanks and leftovers") {
    hold_against_tree(slipway::tidy::check_words);
}
TEST_CASE("the public surface keeps its budget") {
    expect_none(slipway::tidy::check_public_surface(tree()));
}
