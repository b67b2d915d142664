// What people are shown of a plan: nothing secret, nothing missing.
#include <doctest/doctest.h>

#include <boost/json.hpp>

#include "steps/terraform/change_set.hpp"
#include "steps/terraform/plan_file.hpp"

using namespace slipway::terraform;

namespace {

json::object plan_of(const std::string& text) {
    return parse_object(text, "plan").value();
}

const char* const kPlan = R"json({"format_version":"1.2","applyable":true,"complete":true,"errored":false,
 "variables":{"pw":{"value":"hunter2secret"},"size":{"value":3}},
 "configuration":{"root_module":{"variables":{"pw":{"sensitive":true},"size":{}},
   "resources":[{"address":"t.a","provisioners":[{"type":"local-exec"}]},{"address":"t.b"}],
   "module_calls":{"m":{"module":{"resources":[{"address":"t.c","provisioners":[{}]}]}}}}},
 "resource_changes":[
  {"address":"t.a[\"k]\"]","type":"t","change":{"actions":["create"],"before":null,
    "after":{"user":"x","password":"computed-elsewhere","note":"pw is hunter2secret!"},
    "after_unknown":{"id":true},"before_sensitive":false,"after_sensitive":{"password":true}}},
  {"address":"t.b","type":"t","change":{"actions":["delete","create"],"before":{"copy":"computed-elsewhere"},
    "after":{"hunter2secret":1},"after_unknown":{},"before_sensitive":{},"after_sensitive":{}}},
  {"address":"t.same","type":"t","change":{"actions":["no-op"],"before":{},"after":{}}},
  {"address":"t.imp","type":"t","change":{"actions":["no-op"],"before":{},"after":{},"importing":{"id":"i-7"}}},
  {"address":"module.m[0].t.c","type":"t","change":{"actions":["update"],"before":{"n":1},"after":{"n":2}}}],
 "output_changes":{"o":{"actions":["create"],"before":null,"after":"hunter2secret","before_sensitive":false,"after_sensitive":true},
  "same":{"actions":["no-op"],"before":1,"after":1}}})json";

}  // namespace

TEST_CASE("no secret is left in what is shown, wherever it comes back") {
    PlanMask mask;
    const auto set = read_change_set(plan_of(kPlan), mask).value();
    const auto shown = json::serialize(set.changes) + json::serialize(set.output_changes);
    CHECK(shown.find("hunter2") == std::string::npos);
    CHECK(shown.find("computed-elsewhere") == std::string::npos);
    CHECK(set.changes.at(0).at("after").at("password") == "(sensitive value)");
    CHECK(set.changes.at(0).at("after").at("user") == "x");
    CHECK(set.changes.at(1).at("before").at("copy") == "(sensitive value)");
    CHECK(set.output_changes.at("o").at("after") == "(sensitive value)");
}

TEST_CASE("changes are counted as Terraform counts them, and provisioners are shown") {
    PlanMask mask;
    const auto set = read_change_set(plan_of(kPlan), mask).value();
    CHECK(set.summary == json::object{{"add", 2},
                                      {"change", 1},
                                      {"destroy", 1},
                                      {"import", 1},
                                      {"move", 0},
                                      {"forget", 0},
                                      {"outputs", 1}});
    REQUIRE(set.changes.size() == 4);
    CHECK(set.changes.at(0).at("provisioners") == true);
    CHECK(set.changes.at(1).at("provisioners") == false);
    CHECK(set.changes.at(1).at("action") == "replace");
    CHECK(set.changes.at(2).at("importing").at("id") == "i-7");
    CHECK(set.changes.at(3).at("provisioners") == true);
    CHECK_FALSE(set.nothing_to_do);
    CHECK(set.complete);
}

TEST_CASE("what is moved or forgotten is shown and counted, and is something to do") {
    PlanMask mask;
    const auto set = read_change_set(plan_of(R"({"format_version":"1.2","applyable":false,"resource_changes":[
        {"address":"t.new","previous_address":"t.old","change":{"actions":["no-op"],"before":{},"after":{}}},
        {"address":"t.both","previous_address":"t.was","change":{"actions":["update"],"before":{},"after":{}}},
        {"address":"t.left","change":{"actions":["forget"],"before":{},"after":null}},
        {"address":"t.same","change":{"actions":["no-op"],"before":{},"after":{}}}]})"),
                                     mask)
                         .value();
    REQUIRE(set.changes.size() == 3);
    CHECK(set.changes.at(0).at("action") == "move");
    CHECK(set.changes.at(0).at("previous_address") == "t.old");
    CHECK(set.changes.at(1).at("action") == "update");
    CHECK(set.changes.at(1).at("previous_address") == "t.was");
    CHECK(set.changes.at(2).at("action") == "forget");
    CHECK(set.summary.at("move") == 2);
    CHECK(set.summary.at("forget") == 1);
    CHECK_FALSE(set.nothing_to_do);
}

TEST_CASE("an unknown major version is refused, and a plan with parts missing is not complete") {
    PlanMask mask;
    CHECK(read_change_set(plan_of(R"({"format_version":"2.0"})"), mask).error().code ==
          slipway::ErrorCode::kUnsupportedFormat);
    CHECK(read_change_set(plan_of("{}"), mask).error().code == slipway::ErrorCode::kUnsupportedFormat);
    CHECK_FALSE(
        read_change_set(plan_of(R"({"format_version":"1.9","errored":true})"), mask).value().complete);
    CHECK_FALSE(read_change_set(plan_of(R"({"format_version":"1.9","deferred_changes":[{}]})"), mask)
                    .value()
                    .complete);
    CHECK(read_change_set(plan_of(R"({"format_version":"1.9","applyable":false})"), mask)
              .value()
              .nothing_to_do);
}

TEST_CASE("members of the wrong type are read without harm") {
    PlanMask mask;
    for (
        const auto* text :
        {R"({"format_version":"1.2","resource_changes":[1,{"change":7},{"change":{"actions":"x"}}]})",
         R"({"format_version":"1.2","output_changes":{"a":1},"variables":[],"configuration":"x"})",
         R"({"format_version":"1.2","configuration":{"root_module":{"resources":[1],"module_calls":{"m":1}}}})"}) {
        CHECK(read_change_set(plan_of(text), mask).has_value());
    }
}

TEST_CASE("a short secret is hidden where it is the whole value") {
    PlanMask mask;
    mask.add(json::value("abc"));
    CHECK(mask.text("abc") == "(sensitive value)");
    CHECK(mask.text("abcdef") == "abcdef");
    mask.add(json::value(73812345));
    CHECK(mask.mask(json::value(73812345), {}) == "(sensitive value)");
}

TEST_CASE("what is not a plan file is refused") {
    for (const auto& bytes :
         {std::string(), std::string("PK\x03\x04 torn"), std::string(1000, '\0'), std::string("{}")}) {
        CHECK(read_plan_file(bytes).error().code == slipway::ErrorCode::kCorrupt);
    }
}
