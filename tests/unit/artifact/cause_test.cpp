#include <doctest/doctest.h>

#include "engine/artifact/records.hpp"
#include "slipway/lifecycle/artifact.hpp"

using namespace slipway;
using namespace slipway::lifecycle;

TEST_CASE("the key of a build covers names and values, and no notes") {
    const BuildCause a{{{"key type", "1"}, {"repository r", "tree"}}, {}};
    BuildCause b = a;
    b.notes["repository r"] = "commit 1";
    CHECK(a.key() == b.key());
    b.parts["repository r"] = "tree2";
    CHECK(a.key() != b.key());
    // No two different causes share their text.
    CHECK(BuildCause{{{"a", "b"}, {"c", "d"}}, {}}.key() != BuildCause{{{"a", "b\n1:c 1:d"}}, {}}.key());
    CHECK(a.key().hex() == "3d6b8f8ae1de434de3a2a2ccf06ea2cec924e8a2644acafc7a458e49d2607010");
}

TEST_CASE("why a rebuild: what moved is named") {
    const std::string one(40, '1');
    const std::string two(40, '2');
    const BuildCause before{{{"file values.yaml", std::string(64, 'a')},
                             {"image nginx:1.25", "sha256:" + std::string(64, 'b')},
                             {"key chart_name", "x"},
                             {"repository acme/m//vpc", one}},
                            {{"repository acme/m//vpc", "commit " + one}}};
    BuildCause now = before;
    CHECK(what_moved(before, now).empty());
    now.parts["file values.yaml"] = std::string(64, 'c');
    now.parts["image nginx:1.25"] = "sha256:" + std::string(64, 'd');
    now.parts["repository acme/m//vpc"] = two;
    now.notes["repository acme/m//vpc"] = "commit " + two;
    now.parts.erase("key chart_name");
    now.parts["key namespace"] = "y";
    CHECK(what_moved(before, now) ==
          std::vector<std::string>{
              "file values.yaml moved from aaaaaaaaaaaa to cccccccccccc",
              "image nginx:1.25 moved from sha256:bbbbbbbbbbbb to sha256:dddddddddddd",
              "key chart_name is gone",
              "repository acme/m//vpc moved from commit 111111111111 to commit 222222222222",
              "key namespace is new"});
}

TEST_CASE("names of components become names of folders, each its own") {
    CHECK(artifact::folder_name("web-1.x_Y") == "web-1.x_Y");
    CHECK(artifact::folder_name("..") == "%2e.");
    CHECK(artifact::folder_name("a/b") == "a%2fb");
    CHECK(artifact::folder_name("a%2fb") == "a%252fb");
    CHECK(artifact::folder_name("") == "%");
}
