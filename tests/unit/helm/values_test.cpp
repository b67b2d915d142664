#include <doctest/doctest.h>

#include <boost/json.hpp>

#include "steps/helm/values.hpp"

using namespace slipway::helm;
namespace json = boost::json;

TEST_CASE("single values: paths, lists, dots in names, and the types that helm gives") {
    const auto tree = tree_of(json::object{{"a.b", "1"},
                                           {"a.c", "true"},
                                           {"list[1].name", "x"},
                                           {"node\\.io", "no"},
                                           {"zero", "007"},
                                           {"none", "null"},
                                           {"raw", json::array{1}}});
    REQUIRE(tree.has_value());
    CHECK(
        json::serialize(*tree) ==
        R"({"a":{"b":1,"c":true},"list":[null,{"name":"x"}],"node.io":"no","zero":"007","none":null,"raw":[1]})");
}

TEST_CASE("paths that are none are refused with their key") {
    for (const char* key : {"", "a..b", "[0]", "a[", "a[x]", "a[99999999999]", "a[1]b", ".a", "a."}) {
        const auto tree = tree_of(json::object{{key, "1"}});
        CAPTURE(key);
        CHECK(!tree.has_value());
    }
}

TEST_CASE("provenance: the last file that says a value, also where it replaces a whole branch") {
    const auto from =
        provenance({{"one", "a: {b: 1, c: 1}\nd: 1\n"}, {"two", "a: {b: 2}\n"}, {"three", "d: {e: 3}\n"}});
    REQUIRE(from.has_value());
    CHECK(*from == std::map<std::string, std::string>{{"a.b", "two"}, {"a.c", "one"}, {"d.e", "three"}});
    CHECK(!provenance({{"bad", "- a list\n"}}).has_value());
    CHECK(!provenance({{"bad", "{unfinished"}}).has_value());
}
