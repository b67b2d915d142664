#include "steps/action/armed.hpp"

#include <doctest/doctest.h>

#include <random>

using namespace slipway;
using namespace slipway::action;

TEST_CASE("armed: the last one of this fence is what recovery looks at") {
    const Armed first{3, 0, "/s/action-3", "/s/action-3/run-0", 99};
    Armed second = first;
    second.index = 1;
    second.run_dir = "/s/action-3/run-1";
    Armed older = first;
    older.fence = 2;
    const std::vector<Evidence> evidence{
        to_evidence(first), {"other", {"x", false}}, to_evidence(second), to_evidence(older)};
    CHECK(**last_armed(evidence, 3) == second);
    CHECK(**last_armed(evidence, 2) == older);
    CHECK_FALSE(last_armed(evidence, 4)->has_value());
    CHECK_FALSE(last_armed({}, 3)->has_value());
}

TEST_CASE("armed: evidence that does not decode is corrupt, not absent") {
    const std::string good = to_evidence({3, 0, "/s", "/s/run-0", 99}).data.bytes;
    for (std::size_t n = 0; n < good.size(); ++n) {
        CHECK(last_armed({{"armed", {good.substr(0, n), false}}}, 3).error().code == ErrorCode::kCorrupt);
    }
    CHECK_FALSE(last_armed(
        {{"armed", {R"({"fence":3,"index":0,"root":"/s","run_dir":"/etc","deadline_ms":1})", false}}}, 3));
    CHECK_FALSE(last_armed(
        {{"armed", {R"({"fence":-3,"index":0,"root":"/s","run_dir":"/s/r","deadline_ms":1})", false}}}, 3));
    std::mt19937 random(2);  // NOLINT: the same garbage each time
    for (int i = 0; i < 2000; ++i) {
        std::string text = good;
        text[random() % text.size()] = static_cast<char>(random());
        (void)last_armed({{"armed", {text, false}}}, 3);
    }
}
