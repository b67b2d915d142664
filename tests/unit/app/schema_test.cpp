// The published schemas and the checks say the same.
#include <doctest/doctest.h>

#include <boost/json/parse.hpp>
#include <set>

#include "engine/app/key_table.hpp"
#include "engine/app/load.hpp"
#include "engine/app/toml_tree.hpp"
#include "json_schema_check.hpp"
#include "slipway/lifecycle/schema.hpp"

namespace json = boost::json;
using namespace slipway;
using namespace slipway::lifecycle;
using Strings = std::vector<std::string>;

namespace {

json::value schema_of(const std::string& kind) {
    const auto text = json_schema(kind);
    REQUIRE(text);
    return json::parse(*text);
}

Strings check(const std::string& kind, const std::string& toml) {
    app::Sources sources;
    const auto file = sources.add("x.toml", toml);
    app::TomlValue root;
    std::string problem;
    app::Spot spot;
    REQUIRE(app::parse_toml(sources, file, root, problem, spot));
    return test::SchemaCheck::run(schema_of(kind), json::parse(app::to_json(root)));
}

}  // namespace

TEST_CASE("every section has a schema, and an unknown kind is answered with the nearest") {
    std::set<std::string> covered;
    std::set<std::string> names;
    for (const auto& kind : file_kinds()) {
        CHECK(names.insert(kind.name).second);
        covered.insert(kind.section);
        CHECK(schema_of(kind.name).as_object().contains("$schema"));
    }
    for (const auto& section : app::sections()) {
        CHECK(covered.contains(std::string(section.name)));
    }
    const auto unknown = json_schema("componnet");
    REQUIRE_FALSE(unknown);
    CHECK(unknown.error().hint == "did you mean 'component'?");
}

TEST_CASE("a schema refuses what the checks refuse") {
    const std::string good =
        "name = \"db\"\ntype = \"terraform_module\"\nterraform_version = \"1.11.3\"\n[public_repo]\nrepo = "
        "\"a/b\"\n"
        "directory = \".\"\nbranch = \"main\"\n";
    CHECK(check("component", good) == Strings{});
    CHECK(check("component", "skip_noops = \"yes\"\n" + good) == Strings{"$.skip_noops: type"});
    CHECK(check("component", "nmae = 1\n" + good) == Strings{"$.nmae: is not allowed"});
    CHECK(check("component",
                good + "[connected_repo]\nrepo = \"a/b\"\ndirectory = \".\"\nbranch = \"main\"\n") ==
          Strings{"$: oneOf"});
    CHECK(check("component", "[[var]]\nname = \"x\"\n").size() >= 2);
    CHECK(check("component", "type = \"terraform_modul\"\nname = \"x\"\n") == Strings{"$.type: enum"});
    CHECK(check("component", "type = \"helm_chart\"\nname = \"x\"\nchart_name = \"c\"\n") ==
          Strings{"$: oneOf"});
    CHECK(check("action", "name = \"a\"\ntriggers = []\nsteps = []\n") ==
          Strings{"$.triggers: minItems", "$.steps: minItems"});
    CHECK(check("action",
                "name = \"a\"\ntimeout = \"soon\"\n[[triggers]]\ntype = \"pre-component-deploy\"\n[[steps]]\n"
                "name = \"s\"\ncommand = \"x\"\ninline_contents = \"y\"\n") ==
          Strings{"$.timeout: pattern", "$.steps[0]: oneOf"});
    CHECK(check("sandbox",
                "type = \"pulumi\"\nruntime = \"go\"\n[public_repo]\nrepo = \"a/b\"\ndirectory = \".\"\n"
                "branch = \"main\"\n") == Strings{});
    CHECK(check("lint", "whatever = 1\n") == Strings{});
}
