#include "steps/action/input.hpp"

#include <doctest/doctest.h>

#include <random>
#include <string>

using namespace slipway;
using namespace slipway::action;

namespace {

const char* const kGood =
    R"({"name":"health","timeout_ms":5000,"retry":"check","check":"#!/bin/sh\ntest -e x",
  "env":{"TRIGGER_TYPE":"manual","N":3},"secrets":{"TOKEN":"env:T"},"install":"ignored",
  "steps":[{"name":"one","command":"./run a b","env":{"A":"1","S":{"$secret":"file:/s"}},"source":"/src","dir":"sub"},
           {"name":"two","inline_contents":"echo hi"}]})";

std::string error_of(const std::string& text) {
    const auto r = parse_input(text);
    return r ? "" : r.error().message;
}

std::string with(std::string from, const std::string& to) {
    std::string text = kGood;
    text.replace(text.find(from), from.size(), to);
    return text;
}

}  // namespace

TEST_CASE("action input: everything is read") {
    const auto input = parse_input(kGood);
    REQUIRE(input);
    CHECK(input->retry == Retry::kCheck);
    CHECK(input->timeout_ms == 5000);
    CHECK(input->scripts[0].env.at("S").is_secret);
    CHECK(input->scripts[0].dir == "sub");
    CHECK(input->env.at("N").text == "3");
    CHECK(input->env.at("TOKEN").is_secret);
    CHECK(input->scripts[1].contents == "echo hi");
    const auto told =
        parse_input(R"({"steps":[{"name":"a","command":"true"}],"sensitive_values":["s3cret"]})");
    CHECK(told->sensitive_values == std::vector<std::string>{"s3cret"});
    CHECK(parse_input(R"({"steps":[{"name":"a","command":"true"}]})")->retry == Retry::kNever);
}

TEST_CASE("action input: what is wrong is named") {
    CHECK(error_of("[]").find("not a JSON object") != std::string::npos);
    CHECK(error_of("{}").find("steps") != std::string::npos);
    CHECK(error_of(with("\"install\":\"ignored\"", "\"sensitive_values\":7")).find("sensitive_values") !=
          std::string::npos);
    CHECK(error_of(with("\"install\":\"ignored\"", "\"sensitive_values\":[7]")).find("sensitive_values") !=
          std::string::npos);
    CHECK(error_of(with("\"one\"", "7")).find("steps[0].name") != std::string::npos);
    CHECK(error_of(with("\"two\"", "\"one\"")).find("used twice") != std::string::npos);
    CHECK(error_of(with("\"check\",", "\"maybe\",")).find("retry") != std::string::npos);
    CHECK(error_of(with("\"check\":\"#!/bin/sh\\ntest -e x\",", "")).find("check is missing") !=
          std::string::npos);
    CHECK(error_of(with("\"sub\"", "\"../sub\"")).find("dir leaves") != std::string::npos);
    CHECK(error_of(with("\"sub\"", "\"/etc\"")).find("dir leaves") != std::string::npos);
    CHECK(error_of(with("\"/src\"", "\"src\"")).find("source") != std::string::npos);
    CHECK(error_of(with("\"A\":", "\"A=B\":")).find("variable") != std::string::npos);
    CHECK(error_of(with("\"A\":", "\"SLIPWAY_FENCE\":")).find("variable") != std::string::npos);
    CHECK(error_of(with("\"1\"", "[1]")).find("array") != std::string::npos);
    CHECK(error_of(with("\"1\"", "{\"x\":1}")).find("$secret") != std::string::npos);
    CHECK(error_of(with("5000", "-1")).find("timeout_ms") != std::string::npos);
    CHECK(error_of(with("5000", "1e99")).find("timeout_ms") != std::string::npos);
    CHECK(error_of(with("\"inline_contents\":\"echo hi\"", "\"command\":\" \"")).find("neither") !=
          std::string::npos);
    CHECK(error_of(with("\"inline_contents\":", "\"command\":\"x\",\"inline_contents\":")).find("both") !=
          std::string::npos);
    CHECK(error_of(with("./run a b", "a\\u0000b")).find("NUL") != std::string::npos);
}

TEST_CASE("action input: garbage and every cut are refused") {
    const std::string good = kGood;
    for (std::size_t n = 0; n < good.size(); ++n) {
        CHECK_FALSE(parse_input(good.substr(0, n)));
    }
    std::mt19937 random(5);  // NOLINT: the same garbage each time
    for (int i = 0; i < 3000; ++i) {
        std::string text = good;
        text[random() % text.size()] = static_cast<char>(random());
        (void)parse_input(text);
    }
}
