#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include "steps/action/outputs.hpp"

#include <doctest/doctest.h>

#include <boost/json.hpp>
#include <random>

#include "steps/action/line_log.hpp"

using namespace slipway::action;

namespace {

std::string parsed(std::string_view text, Ending ending = Ending::kOrderly) {
    const auto r = parse_outputs(text, ending);
    return r ? boost::json::serialize(*r) : "error: " + r.error().message;
}

}  // namespace

TEST_CASE("outputs: objects and key=value, later ones win") {
    CHECK(parsed("") == "{}");
    CHECK(parsed("a=1\n{\"b\":{\"c\":[1]}}\n\n  \na=2=3\r\n") == R"({"a":"2=3","b":{"c":[1]}})");
    CHECK(parsed("last=without end") == R"({"last":"without end"})");
    CHECK(parsed("k=") == R"({"k":""})");
}

TEST_CASE("outputs: a line that is neither is refused with its number") {
    CHECK(parsed("a=1\n[1,2]\n").find("line 2: an array") != std::string::npos);
    CHECK(parsed("no separator\n").find("line 1") != std::string::npos);
    CHECK(parsed("=x\n").find("line 1") != std::string::npos);
    CHECK(parsed("{\"a\":\n").find("line 1: not a JSON object") != std::string::npos);
    CHECK(parsed("{\"\":1}\n").find("key is empty") != std::string::npos);
    CHECK(parsed(std::string("a=\0b\n", 5)).find("NUL") != std::string::npos);
    CHECK(parsed("a=\xff\xfe\n").find("UTF-8") != std::string::npos);
    std::string deep = "{\"a\":";
    deep.append(5000, '[');
    CHECK(parsed(deep).find("line 1") != std::string::npos);
}

TEST_CASE("outputs: after a kill a torn last line does not count") {
    CHECK(parsed("a=1\nb=2", Ending::kKilled) == R"({"a":"1"})");
    CHECK(parsed("{\"a\":tr", Ending::kKilled) == "{}");
    CHECK(parsed("a=1\n", Ending::kKilled) == R"({"a":"1"})");
}

TEST_CASE("outputs: garbage is refused or read, never more") {
    std::mt19937 random(11);  // NOLINT: the same garbage each time
    const std::string good = "a=1\n{\"b\":{\"c\":[1,\"x\"]}}\nd=e=f\n";
    for (int i = 0; i < 4000; ++i) {
        std::string text = good;
        for (int k = 0; k < 1 + i % 3; ++k) {
            text[random() % text.size()] = static_cast<char>(random());
        }
        (void)parse_outputs(text, i % 2 == 0 ? Ending::kOrderly : Ending::kKilled);
    }
}

TEST_CASE("log lines: what is not printable text is made so") {
    CHECK(printable("gr\xc3\xbc\xc3\x9f \xe2\x82\xac\tx") == "gr\xc3\xbc\xc3\x9f \xe2\x82\xac\tx");
    CHECK(printable("\x1b[31mred\x7f") == "?[31mred?");
    CHECK(printable("a\xff\xc3") == "a??");
    CHECK(printable(std::string("a\0b", 3)) == "a?b");
}
