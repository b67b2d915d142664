#include "steps/process/lines.hpp"

#include <doctest/doctest.h>

#include <vector>

using slipway::process::kLineMax;
using slipway::process::Lines;

namespace {

std::vector<std::string> cut(const std::vector<std::string>& pieces) {
    std::vector<std::string> out;
    const auto take = [&](std::string line) { out.push_back(std::move(line)); };
    Lines lines;
    for (const auto& piece : pieces) {
        lines.add(piece, take);
    }
    lines.finish(take);
    return out;
}

}  // namespace

TEST_CASE("lines are the same however their bytes come") {
    const std::vector<std::string> expected{"one", "", "two", "rest"};
    CHECK(cut({"one\n\ntwo\nrest"}) == expected);
    CHECK(cut({"o", "ne", "\n", "\ntwo", "\nre", "st"}) == expected);
    CHECK(cut({"one\n"}) == std::vector<std::string>{"one"});
    CHECK(cut({}).empty());
}

TEST_CASE("a line without an end is handed over in pieces instead of being kept") {
    std::vector<std::string> out;
    const auto take = [&](std::string line) { out.push_back(std::move(line)); };
    Lines lines;
    for (int i = 0; i < 5; ++i) {
        lines.add(std::string(kLineMax / 2, 'x'), take);
    }
    CHECK(out.size() == 2);
    lines.add("y\nz", take);
    lines.finish(take);
    REQUIRE(out.size() == 4);
    CHECK(out[0] == std::string(kLineMax, 'x'));
    CHECK(out[2] == std::string(kLineMax / 2, 'x') + "y");
    CHECK(out[3] == "z");
}
