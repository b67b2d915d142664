// What changed between two versions.
#include <doctest/doctest.h>

#include "engine/app/load.hpp"
#include "slipway/lifecycle/diff.hpp"

using namespace slipway;
using namespace slipway::lifecycle;
using Strings = std::vector<std::string>;

namespace {

using Files = std::map<std::string, std::string>;

AppVersion version(Files files) {
    files.emplace("metadata.toml", "version = \"v2\"\n");
    files.emplace("runner.toml", "runner_type = \"aws\"\n");
    auto loaded = app::load_folder(app::AppFolder::in_memory("shop", std::move(files)));
    AppVersion out;
    out.config = std::move(loaded.config);
    return out;
}

std::string module(const std::string& name, const std::string& region) {
    return "name = \"" + name +
           "\"\ntype = \"terraform_module\"\nterraform_version = \"1.11.3\"\n[public_repo]\nrepo = \"a/b\"\n"
           "directory = \".\"\nbranch = \"main\"\n[vars]\nregion = \"" +
           region + "\"\n";
}

std::string input(const std::string& value, bool sensitive) {
    return "[[input]]\nname = \"pw\"\ndisplay_name = \"P\"\ndescription = \"d\"\ngroup = \"g\"\nsensitive "
           "= " +
           std::string(sensitive ? "true" : "false") + "\ndefault = \"" + value + "\"\n";
}

}  // namespace

TEST_CASE("components, actions, inputs, sections and sources are compared") {
    auto before = version({{"components/db.toml", module("db", "eu")},
                           {"components/old.toml", module("old", "eu")},
                           {"inputs.toml", input("one", false)},
                           {"secrets.toml", "[[secret]]\nname = \"s\"\ndescription = \"d\"\n"}});
    auto after = version({{"components/db.toml", module("db", "us")},
                          {"components/new.toml", module("new", "eu")},
                          {"inputs.toml", input("two", false)},
                          {"secrets.toml", "[[secret]]\nname = \"t\"\ndescription = \"d\"\n"}});
    before.sources["component.db"] = {"/x", "git-tree:1", "aaa"};
    after.sources["component.db"] = {"/y", "git-tree:2", "bbb"};
    const auto diff = compare_versions(before, after);
    CHECK(to_text(diff) ==
          "~ component db: source \"aaa\" -> \"bbb\"\n"
          "~ component db: vars.region \"eu\" -> \"us\"\n"
          "+ component new\n"
          "- component old\n"
          "~ input pw: default \"one\" -> \"two\"\n"
          "~ secrets secrets.toml: secret[0].name \"s\" -> \"t\"\n");
    CHECK(diff.names("component", DiffKind::kRemoved) == Strings{"old"});
    CHECK(compare_versions(after, after).empty());
    CHECK(compare_versions(AppVersion{}, after).names("component", DiffKind::kAdded) == Strings{"db", "new"});
}

TEST_CASE("a moved commit with the same files is a change of the source alone") {
    auto before = version({{"components/db.toml", module("db", "eu")}});
    auto after = before;
    before.sources["component.db"] = {"/x", "git-tree:1", "aaa"};
    after.sources["component.db"] = {"/x", "git-tree:1", "bbb"};
    const auto diff = compare_versions(before, after);
    REQUIRE(diff.changes.size() == 1);
    CHECK(diff.changes[0].keys == std::vector<KeyChange>{{"source", "\"aaa\"", "\"bbb\""}});
}

TEST_CASE("a changed file shows its first differing line, a sensitive default nothing") {
    const std::string chart =
        "name = \"web\"\ntype = \"helm_chart\"\nchart_name = \"web\"\n[helm_repo]\nrepo_url = "
        "\"https://e\"\nchart = "
        "\"c\"\n[[values_file]]\ncontents = \"./values.yaml\"\n";
    const auto before = version({{"components/web.toml", chart},
                                 {"components/values.yaml", "a: 1\nb: 2\nc: 3\n"},
                                 {"inputs.toml", input("hunter2", true)}});
    const auto after = version({{"components/web.toml", chart},
                                {"components/values.yaml", "a: 1\nb: 4\nc: 3\n"},
                                {"inputs.toml", input("hunter3", true)}});
    const std::string text = to_text(compare_versions(before, after));
    CHECK(text.find("values_file[0].contents 3 lines, line 2: \"b: 2\" -> 3 lines, line 2: \"b: 4\"") !=
          std::string::npos);
    CHECK(text.find("hunter") == std::string::npos);
    CHECK(text.find("~ input pw: default \"(sensitive) ") != std::string::npos);
}

TEST_CASE("a component keeps its type") {
    const auto before = version({{"components/db.toml", module("db", "eu")}});
    const auto after =
        version({{"components/db.toml",
                  "name = \"db\"\ntype = \"kubernetes_manifest\"\nnamespace = \"x\"\nmanifest = "
                  "\"a: 1\"\n"}});
    const auto found = check_successor(before.config, after.config);
    REQUIRE(found.size() == 1);
    CHECK(to_text(found[0]) ==
          "components/db.toml:1:1: error: type: component 'db' was a terraform_module in the version before "
          "and cannot "
          "become a kubernetes_manifest (give the new component another name)");
    CHECK(check_successor(before.config, before.config).empty());
}
