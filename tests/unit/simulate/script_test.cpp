#include "tests/unit/simulate/attempts.hpp"

using namespace attempts;  // NOLINT: tests only

TEST_CASE("a script is read whole") {
    const auto read = script(R"({"delay_ms":5,"witness_file":"w","rules":[
        {"step":"a*","kind":"action","delay_ms":0,"fail_attempts":2,"failure_class":"timeout","message":"m",
         "fail_after_effect":true,"in_doubt":false,"drift":true,"nothing_to_do":true,"outputs":{"a.b":[1]}}]})");
    CHECK(read.delay_ms == 5);
    CHECK(read.witness_file == "w");
    REQUIRE(read.rules.size() == 1);
    CHECK(read.rules[0].fail_attempts == 2);
    CHECK(read.rules[0].outputs.at("a.b") == "[1]");
    CHECK(read.rules[0].nothing_to_do);
}

TEST_CASE("anything that a script does not know is refused with its place") {
    const std::vector<std::pair<std::string, std::string>> cases = {
        {"", "not a JSON object"},
        {"[]", "not a JSON object"},
        {R"({"delay":1})", "delay: unknown key"},
        {R"({"delay_ms":-1})", "delay_ms: expected a whole number"},
        {R"({"delay_ms":1.5})", "delay_ms: expected a whole number"},
        {R"({"rules":{}})", "rules: expected an array"},
        {R"({"rules":[7]})", "rules[0]: expected an object"},
        {R"({"rules":[{},{"stepp":"x"}]})", "rules[1].stepp: unknown key"},
        {R"({"rules":[{"drift":1}]})", "rules[0].drift: expected true or false"},
        {R"({"rules":[{"failure_class":"odd"}]})", "rules[0].failure_class: expected transient"},
        {R"({"rules":[{"outputs":[]}]})", "rules[0].outputs: expected an object"},
    };
    for (const auto& entry : cases) {
        const std::string& text = entry.first;
        const std::string& message = entry.second;
        CAPTURE(text);
        const auto parsed = SimulationScript::parse(text);
        REQUIRE_FALSE(parsed.has_value());
        CHECK(parsed.error().message.find(message) != std::string::npos);
    }
}
