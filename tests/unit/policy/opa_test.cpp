// What opa puts out, and what Rego is given to read.
#include "steps/policy/opa.hpp"

#include <doctest/doctest.h>

#include <boost/json.hpp>

using namespace slipway;
using policy::read_opa;

namespace {

std::string result(const std::string& value) {
    return R"({"result":[{"expressions":[{"value":)" + value + R"(,"text":"data"}]}]})";
}

PolicyReport read(const std::string& output) {
    PolicyReport report;
    if (read_opa(output, "p", report)) {
        report.evaluated = 1;
    }
    policy::conclude(report);
    return report;
}

}  // namespace

TEST_CASE("rego: deny, violation and warn are found in every package and every form") {
    CHECK(read(result(R"({"app":{"deny":[],"warn":[]}})")).verdict == PolicyVerdict::kPassed);
    CHECK(read(result("{}")).verdict == PolicyVerdict::kPassed);
    CHECK(read(result(R"({"app":{"warn":["soon"]}})")).verdict == PolicyVerdict::kWarned);
    CHECK(read(result(R"({"app":{"deny":false}})")).verdict == PolicyVerdict::kPassed);
    for (const auto* value :
         {R"({"a":{"b":{"deny":["no"]}}})", R"({"a":{"violation":[{"msg":"no"}]}})", R"({"deny":true})",
          R"({"a":{"deny":{"no":true}}})", R"({"a":{"deny":"no"}})", R"({"a":{"deny":[{"x":1}]}})"}) {
        CHECK_MESSAGE(read(result(value)).verdict == PolicyVerdict::kDenied, value);
    }
    CHECK(read(result(R"({"a":{"deny":[{"msg":"not so"}]}})")).findings.at(0).message == "not so");
}

TEST_CASE("rego: an answer that is not understood is an error, never a pass") {
    for (const auto& output :
         {std::string(), std::string("{}"), std::string("[]"), std::string(R"({"result":[]})"),
          std::string(R"({"errors":[{"message":"x"}]})"), result("1"), result("null"),
          result(R"({"a":{"deny":1}})"), result(R"({"a":{"deny":null}})"), result("{").substr(0, 20)}) {
        CAPTURE(output);
        const auto report = read(output);
        CHECK(report.verdict == PolicyVerdict::kError);
        CHECK(report.evaluated == 0);
    }
}

TEST_CASE("rego: a text without a rule that could say anything is told from one that says nothing") {
    CHECK(policy::has_rules("package a\ndeny[msg] { false }"));
    CHECK(policy::has_rules("package a\nwarn contains msg if false"));
    CHECK_FALSE(policy::has_rules("package a\nallow = true"));
    CHECK_FALSE(policy::has_rules("package denying\ndenied = true\nx = input.deny"));
    CHECK_FALSE(policy::has_rules(""));
}

TEST_CASE("rego: the changes stand in its input as in a plan of Terraform") {
    const auto set = policy::read_change_set(
        R"({"format":1,"changes":[{"address":"a.b","type":"a","action":"create","actions":["create"],"after":{"x":1}}]})");
    REQUIRE(set.has_value());
    const auto input = policy::rego_input(*set);
    const auto& change = input.at("resource_changes").as_array().at(0).as_object();
    CHECK(change.at("address") == "a.b");
    CHECK(change.at("change").at("after").at("x") == 1);
    CHECK(input.at("plan").at("resource_changes") == input.at("resource_changes"));
}
