// Literals, states and errors: the small readers and writers.
#include <doctest/doctest.h>

#include <boost/json.hpp>

#include "steps/terraform/classify.hpp"
#include "steps/terraform/hcl.hpp"
#include "steps/terraform/json.hpp"
#include "steps/terraform/plan_mask.hpp"
#include "steps/terraform/state_file.hpp"

using namespace slipway;
using namespace slipway::terraform;

TEST_CASE("a text is quoted so that no template in it is evaluated") {
    CHECK(hcl_quote("a\"b\\c\n${x}%{y}$z") == R"("a\"b\\c\n$${x}%%{y}$z")");
    CHECK(hcl_quote(std::string_view("\0\x7f", 2)) == R"("\u0000\u007f")");
    CHECK(hcl_literal(json::object{{"k${", json::array{1, nullptr, true}}}) ==
          R"({"k$${" = [1, null, true, ], })");
}

TEST_CASE("a state gives lineage, serial and addresses") {
    const auto state = read_state(R"({"version":4,"serial":7,"lineage":"L","resources":[
      {"mode":"managed","type":"t","name":"a","instances":[{"attributes":{"id":"i"}}]},
      {"mode":"managed","module":"module.m[\"x\"]","type":"t","name":"b","instances":[
        {"index_key":0,"attributes":{"id":3},"status":"tainted"},{"index_key":"k${\"","attributes":{}},
        {"index_key":0,"deposed":"abcd","attributes":{}}]},
      {"mode":"data","type":"d","name":"c","instances":[{}]}]})")
                           .value();
    CHECK(state.serial == 7);
    CHECK(state.instances.size() == 3);
    CHECK(state.instances.at("t.a").id == "i");
    CHECK(state.instances.at("module.m[\"x\"].t.b[0]").tainted);
    CHECK(state.instances.contains("module.m[\"x\"].t.b[\"k$${\\\"\"]"));
    CHECK(state.deposed == std::set<std::string>{"module.m[\"x\"].t.b[0]"});
}

TEST_CASE("a torn, empty or foreign state is none") {
    const std::string whole = R"({"version":4,"serial":7,"lineage":"L","resources":[]})";
    CHECK(read_state(whole).has_value());
    for (std::size_t size = 0; size < whole.size(); ++size) {
        CHECK_FALSE(read_state(whole.substr(0, size)).has_value());
    }
    CHECK_FALSE(read_state(R"({"version":3,"serial":7,"lineage":"L"})").has_value());
    CHECK_FALSE(read_state(R"({"version":4,"serial":7})").has_value());
}

TEST_CASE("the seeded state has a lineage that only its key and nonce give") {
    const auto lineage = lineage_for("acme/db", "n1");
    CHECK(lineage.size() == 36);
    CHECK(lineage == lineage_for("acme/db", "n1"));
    CHECK(lineage != lineage_for("acme/db", "n2"));
    CHECK(read_state(seed_state(lineage, 1)).value().lineage == lineage);
}

TEST_CASE("outputs keep their sensitivity") {
    const auto outputs =
        outputs_of(
            R"({"outputs":{"a":{"value":1,"type":"number"},"b":{"value":"x","sensitive":true},"c":7}})", {})
            .value();
    CHECK(outputs.any_sensitive);
    const auto root = parse_object(outputs.json, "x").value();
    CHECK(root.at("a").at("sensitive") == false);
    CHECK_FALSE(root.contains("c"));
}

TEST_CASE("an output that repeats a known secret anywhere in it is sensitive") {
    PlanMask mask;
    mask.add_text("hunter2secret");
    const auto text = [](const std::string& value) {
        return R"({"outputs":{"a":{"value":)" + value + R"(,"sensitive":false}}})";
    };
    for (const auto* value :
         {R"("hunter2secret")", R"({"url":["x://u:hunter2secret@h"]})", R"({"hunter2secret":1})"}) {
        CHECK(outputs_of(text(value), mask).value().any_sensitive);
    }
    CHECK_FALSE(outputs_of(text(R"({"url":["x"],"n":1.50,"e":null})"), mask).value().any_sensitive);
}

TEST_CASE("errors are told apart: stale, passing, the author's, lasting") {
    const auto one = [](const std::string& summary) {
        Journal journal;
        journal.errors = {{summary, "", ""}};
        return classify("apply", journal, 1, "");
    };
    CHECK(one("Saved plan is stale").plan_is_stale);
    CHECK(one("Saved plan does not match the given state").plan_is_stale);
    CHECK(one("Error acquiring the state lock").failure.failure_class == FailureClass::kTransient);
    CHECK(one("creating EC2: ThrottlingException: Rate exceeded").failure.failure_class ==
          FailureClass::kTransient);
    CHECK(one("Unsupported argument").failure.failure_class == FailureClass::kAuthoring);
    CHECK(one("AccessDenied").failure.failure_class == FailureClass::kPermanent);
    Journal both;
    both.errors = {{"Throttling", "", ""}, {"AccessDenied", "", ""}};
    CHECK(classify("apply", both, 1, "").failure.failure_class == FailureClass::kPermanent);
    CHECK(classify("init", {}, 1, "dial tcp: i/o timeout").failure.failure_class == FailureClass::kTransient);
    CHECK(one("boom").failure.message == "terraform apply failed (exit code 1): boom");
}

TEST_CASE("canonical text does not depend on the order of members") {
    CHECK(canonical(json::parse(R"({"b":[1,{"y":1,"x":2}],"a":null})")) ==
          canonical(json::parse(R"({"a":null,"b":[1,{"x":2,"y":1}]})")));
}
