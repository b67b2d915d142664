#include "engine/artifact/chart.hpp"

#include <doctest/doctest.h>

using namespace slipway;
using namespace slipway::artifact;

namespace {

std::string refusal(const std::string& yaml) {
    const auto chart = parse_chart_yaml(yaml, "Chart.yaml");
    return chart ? "accepted" : chart.error().message;
}

}  // namespace

TEST_CASE("a chart's metadata becomes JSON, versions as text") {
    const auto chart = parse_chart_yaml(
        "apiVersion: v2\nname: web\nversion: 1.10\nappVersion: 1.20\ndeprecated: true\nkeywords: [a, b]\n"
        "dependencies:\n  - name: redis\n    version: 1\n",
        "Chart.yaml");
    REQUIRE(chart);
    CHECK(chart->name == "web");
    CHECK(chart->version == "1.10");
    CHECK(chart->dependencies == std::vector<std::string>{"redis"});
    CHECK(chart->config ==
          R"({"apiVersion":"v2","name":"web","version":"1.10","appVersion":"1.20","deprecated":true,)"
          R"("keywords":["a","b"],"dependencies":[{"name":"redis","version":"1"}]})");
}

TEST_CASE("what is no chart is refused with its place") {
    CHECK(refusal("") == "Chart.yaml: not a map");
    CHECK(refusal("name: [").starts_with("Chart.yaml:1: not YAML"));
    CHECK(refusal("name: a/b\nversion: 1\napiVersion: v2") ==
          "Chart.yaml: name: missing, or not the name of a chart");
    CHECK(refusal("name: ..\nversion: 1\napiVersion: v2") ==
          "Chart.yaml: name: missing, or not the name of a chart");
    CHECK(refusal("name: a\napiVersion: v2") == "Chart.yaml: version: missing");
    CHECK(refusal("name: a\nversion: 1") == "Chart.yaml: apiVersion: missing");
    std::string bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n";
    for (int i = 1; i < 9; ++i) {
        const auto n = std::to_string(i);
        const auto m = std::to_string(i - 1);
        bomb += "a" + n + ": &a" + n + " [*a" + m + ",*a" + m + ",*a" + m + ",*a" + m + ",*a" + m + ",*a" +
                m + ",*a" + m + ",*a" + m + "]\n";
    }
    CHECK(refusal(bomb) == "Chart.yaml: nested too deeply, or too many values");
}

TEST_CASE(".helmignore: names, folders, anchors, and what is taken back") {
    const HelmIgnore rules("# comment\n*.bak\n.git/\n/secret.txt\ndocs/*.md\n!keep.bak\n");
    CHECK(rules.leaves_out("a/b.bak", false));
    CHECK_FALSE(rules.leaves_out("a/keep.bak", false));
    CHECK(rules.leaves_out(".git", true));
    CHECK_FALSE(rules.leaves_out(".git", false));
    CHECK(rules.leaves_out("secret.txt", false));
    CHECK(rules.leaves_out("docs/a.md", false));
    CHECK_FALSE(rules.leaves_out("docs/b/a.md", false));
    CHECK(rules.leaves_out("templates/.hidden.yaml", false));
    CHECK_FALSE(rules.leaves_out("templates/_helpers.tpl", false));
}
