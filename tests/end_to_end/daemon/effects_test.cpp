// The judge of the kill tests, judged: each kind of wrong effect, planted, is named.
#include "effects.hpp"

#include <doctest/doctest.h>

using namespace end_to_end;

namespace {

const std::vector<std::string> kExpected{"up ins1-back-first", "up ins1-back-second", "up ins1-front-first"};

std::map<std::string, int> once() {
    std::map<std::string, int> seen;
    for (const auto& effect : kExpected) {
        seen[effect] = 1;
    }
    seen["up ins2-back-first"] = 7;  // another install's
    return seen;
}

}  // namespace

TEST_CASE("effects: each once is right, with and without doubts") {
    CHECK(wrong_effects("ins1", kExpected, once(), {}).empty());
    CHECK(wrong_effects("ins1", kExpected, once(), {"back"}).empty());
}

TEST_CASE("effects: a repeat without a doubt is caught, also beside a doubt of another part") {
    auto seen = once();
    seen["up ins1-back-second"] = 2;
    const std::vector<std::string> wrong{"up ins1-back-second happened 2 times without a doubt"};
    CHECK(wrong_effects("ins1", kExpected, seen, {}) == wrong);
    CHECK(wrong_effects("ins1", kExpected, seen, {"front"}) == wrong);
    CHECK(wrong_effects("ins1", kExpected, seen, {"back-second", "bac", ""}) == wrong);
    CHECK(wrong_effects("ins1", kExpected, seen, {"back"}).empty());
}

TEST_CASE("effects: a loss is caught, whatever the record doubts") {
    auto seen = once();
    seen.erase("up ins1-front-first");
    CHECK(wrong_effects("ins1", kExpected, seen, {"front"}) ==
          std::vector<std::string>{"up ins1-front-first was lost"});
}

TEST_CASE("effects: what nobody asked for is caught") {
    auto seen = once();
    seen["up ins1-front-third"] = 1;
    CHECK(wrong_effects("ins1", kExpected, seen, {"front"}) ==
          std::vector<std::string>{"up ins1-front-third was never asked for"});
}

TEST_CASE("effects: a part's name may hold a dash, and garbage names no part") {
    CHECK(part_of("up ins1-load-balancer-first", "ins1") == "load-balancer");
    CHECK(part_of("up ins1-first", "ins1").empty());
    CHECK(part_of("down ins1-back-first", "ins1").empty());
    CHECK(part_of("", "ins1").empty());
}
