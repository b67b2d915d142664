// SARIF.
#include <doctest/doctest.h>

#include <boost/json/parse.hpp>

#include "slipway/lifecycle/report.hpp"

namespace json = boost::json;
using namespace slipway;
using namespace slipway::lifecycle;

TEST_CASE("findings become results with rule, level and place") {
    const std::vector<Diagnostic> found = {
        {Severity::kError, "components/my db.toml", 4, 8, "vars.x", "there is no component 'bd'",
         "did you mean 'db'?", "😀 = \"{{ x }}\"", 11, 9},
        {Severity::kHint, "a.toml", 0, 0, "", "is an old spelling", "", ""},
        {Severity::kWarning, "", 0, 0, "", "there is no component 'other'", "", "\xff"},
    };
    const auto report = json::parse(to_sarif(found));
    CHECK(report.at("version").as_string() == "2.1.0");
    const auto& run = report.at_pointer("/runs/0");
    CHECK(run.at_pointer("/tool/driver/rules").as_array().size() == 2);
    const auto& results = run.at("results").as_array();
    REQUIRE(results.size() == 3);
    CHECK(results[0].at("ruleId").as_string() == "there-is-no-component");
    CHECK(results[0].at("level").as_string() == "error");
    CHECK(results[0].at_pointer("/message/text").as_string() ==
          "vars.x: there is no component 'bd' (did you mean 'db'?)");
    const auto& place = results[0].at_pointer("/locations/0/physicalLocation");
    CHECK(place.at_pointer("/artifactLocation/uri").as_string() == "components/my%20db.toml");
    CHECK(place.at_pointer("/region/startLine").as_int64() == 4);
    CHECK(place.at_pointer("/region/startColumn").as_int64() == 9);
    CHECK(results[1].at("level").as_string() == "note");
    CHECK_FALSE(results[1].at_pointer("/locations/0/physicalLocation").as_object().contains("region"));
    CHECK_FALSE(results[2].as_object().contains("locations"));
    CHECK(results[2].at("ruleIndex").as_int64() == 0);
    CHECK(json::parse(to_sarif({})).at_pointer("/runs/0/results").as_array().empty());
}
