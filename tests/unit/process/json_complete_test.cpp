#include "steps/process/json_complete.hpp"

#include <doctest/doctest.h>

#include <string>

using slipway::process::is_complete_json_object;

TEST_CASE("kept copies: only a whole object counts as complete") {
    CHECK(is_complete_json_object("{}"));
    CHECK(is_complete_json_object(" \n{\"a\":[1,{\"b\":\"}\\\"]\"}]}\n"));
    CHECK_FALSE(is_complete_json_object(""));
    CHECK_FALSE(is_complete_json_object("[]"));
    CHECK_FALSE(is_complete_json_object("{}{}"));
    CHECK_FALSE(is_complete_json_object("{\"a\":[}]"));
    CHECK_FALSE(is_complete_json_object("{\"a\":\"}"));
    CHECK_FALSE(is_complete_json_object("{\"a\":\"\\"));
}

TEST_CASE("kept copies: no cut of a state file passes for a whole one") {
    const std::string state =
        R"({"version":4,"serial":7,"resources":[{"name":"a{b","deps":["x"]},{"q":"\"}]"}],"end":{}})";
    for (std::size_t n = 0; n < state.size(); ++n) {
        CHECK_FALSE(is_complete_json_object(state.substr(0, n)));
    }
    CHECK(is_complete_json_object(state));
}

TEST_CASE("kept copies: deep nesting costs memory in proportion, not the stack") {
    const std::string deep(200'000, '[');
    CHECK_FALSE(is_complete_json_object("{\"a\":" + deep));
}
