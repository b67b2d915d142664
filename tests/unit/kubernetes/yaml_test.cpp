#include <doctest/doctest.h>

#include <boost/json.hpp>

#include "steps/kubernetes/objects.hpp"
#include "steps/kubernetes/yaml.hpp"

using namespace slipway::kubernetes;
namespace json = boost::json;

TEST_CASE("scalars are what kubectl makes of them") {
    const auto documents = parse_yaml(
        "a: yes\nb: \"yes\"\nc: 0x10\nd: 010\ne: 1.5\nf: ~\ng: 1_000\nh: 'off'\ni: -3\nj: 1e3\nk: "
        "2001-01-01\nl: 1.2.3\n"
        "m: !!str 5\nn: .5\no: 12ab\n",
        "test");
    REQUIRE(documents.has_value());
    CHECK(
        json::serialize(documents->at(0)) ==
        R"({"a":true,"b":"yes","c":16,"d":8,"e":1.5E0,"f":null,"g":1000,"h":"off","i":-3,"j":1E3,"k":"2001-01-01",)"
        R"("l":"1.2.3","m":"5","n":5E-1,"o":"12ab"})");
}

TEST_CASE("streams: empty documents are left out, merges and aliases are followed") {
    const auto documents =
        parse_yaml("---\n# nothing\n---\na: &x {p: 1, q: 2}\nb: {<<: *x, q: 3}\n---\n", "test");
    REQUIRE(documents.has_value());
    CHECK(documents->size() == 1);
    CHECK(json::serialize(documents->at(0).at("b")) == R"({"q":3,"p":1})");
    CHECK(split_yaml("---\na: 1\n---\n# only words\n--- \nb: 2").size() == 2);
}

TEST_CASE("garbage, depth and bombs are authoring errors") {
    std::string deep;
    for (int i = 0; i < 300; ++i) {
        deep += "[";
    }
    for (int i = 0; i < 300; ++i) {
        deep += "]";
    }
    std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
    for (int i = 1; i < 9; ++i) {
        const auto name = "*a" + std::to_string(i - 1);
        bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + name + "," + name + "," + name +
                "," + name + "," + name + "," + name + "," + name + "," + name + "," + name + "]\n";
    }
    for (const std::string& text :
         {deep, bomb, std::string("{unfinished"), std::string("a: 1\na: 2\n"), std::string("? [a]\n: b\n"),
          std::string(",a"), std::string("\x00\xff", 2)}) {
        const auto documents = parse_yaml(text, "test");
        const bool refused = !documents || documents->empty() || !documents->front().is_object();
        CHECK(refused);
    }
}

TEST_CASE(
    "objects: lists are taken apart, namespaces filled in, twice is refused, and so is half an object") {
    const auto objects = objects_of(
        "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: ConfigMap, metadata: {name: a}}\n"
        "- {apiVersion: v1, kind: Namespace, metadata: {name: ns}}\n",
        "test", "space");
    REQUIRE(objects.has_value());
    CHECK(id_of(objects->at(0))->address() == "ConfigMap/space/a");
    CHECK(id_of(objects->at(1))->address() == "Namespace/ns");
    CHECK(!objects_of(
        "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}\n---\n{apiVersion: v1, kind: ConfigMap, "
        "metadata: {name: a}}\n",
        "test", "s"));
    for (const char* text : {"kind: ConfigMap", "- 1", "apiVersion: v1\nkind: ConfigMap\nmetadata: x\n",
                             "apiVersion: v1\nkind: ConfigMap\nmetadata: {generateName: x}\n"}) {
        CHECK(!objects_of(text, "test", "s"));
    }
}
