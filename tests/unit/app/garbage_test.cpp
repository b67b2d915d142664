// Whatever stands in the files, the answer is a finding and never a crash.
#include <doctest/doctest.h>

#include <random>

#include "engine/app/key_table.hpp"
#include "engine/app/load.hpp"
#include "engine/app/syntax_checks.hpp"
#include "slipway/lifecycle/app.hpp"

using namespace slipway;
using namespace slipway::lifecycle;

namespace {

LoadedApp load(std::map<std::string, std::string> files) {
    files.emplace("metadata.toml", "version = \"v2\"\n");
    files.emplace("runner.toml", "runner_type = \"aws\"\n");
    files.emplace("sandbox.toml",
                  "terraform_version = \"1.11.3\"\n[public_repo]\nrepo = \"a/b\"\ndirectory = \".\"\nbranch "
                  "= \"main\"\n");
    return app::load_folder(app::AppFolder::in_memory("shop", std::move(files)));
}

const std::string kComponent =
    "name = \"db\"\ntype = \"terraform_module\"\nterraform_version = \"1.11.3\"\n[public_repo]\nrepo = "
    "\"a/b\"\n"
    "directory = \".\"\nbranch = \"main\"\n[vars]\nx = \"{{ .nuon.install.id }}\"\n";

}  // namespace

TEST_CASE("damaged files end in findings") {
    std::mt19937 random(7);
    std::size_t wrong = 0;
    for (int turn = 0; turn < 300; ++turn) {
        std::string text = kComponent;
        for (int i = 0; i < 3; ++i) {
            const std::size_t at = random() % text.size();
            switch (random() % 3) {
                case 0:
                    text[at] = static_cast<char>(random() % 256);
                    break;
                case 1:
                    text.erase(at, random() % 8);
                    break;
                default:
                    text.insert(at, text.substr(random() % text.size(), random() % 12));
                    break;
            }
        }
        const auto loaded = load({{"components/db.toml", text}});
        wrong += loaded.ok() ? 0U : 1U;
        for (const auto& d : loaded.diagnostics) {
            CHECK_FALSE(d.message.empty());
        }
    }
    CHECK(wrong > 100);
    CHECK(load({{"components/db.toml", kComponent}}).ok());
}

TEST_CASE("odd bytes, deep nesting and wrong shapes are findings") {
    const std::string deep(5000, '[');
    for (const std::string& text :
         {std::string("\0\xff\xfe", 3), std::string("a = ") + deep, deep, std::string("\xef\xbb\xbf"),
          std::string("name = \"\\ud800\"\n"), std::string("[public_repo]\nrepo = [[1]]\n"),
          std::string("a.b.c.d = 1\na = 2\n"), std::string(100'000, 'a')}) {
        for (const auto* file :
             {"components/x.toml", "inputs.toml", "actions/a.toml", "installs/i.toml", "stack.toml",
              "runbooks/r.toml", "secrets.toml", "kubernetes_contexts.toml"}) {
            load({{file, text}});
        }
    }
    // Every key of every section with every kind of value.
    for (const auto& section : app::sections()) {
        const auto* table = section.folder_table != nullptr ? section.folder_table : section.file_table;
        const std::string file =
            section.folder.empty() ? std::string(section.file) : std::string(section.folder) + "/x.toml";
        for (const auto* t = table; t != nullptr; t = t->base) {
            for (const auto& key : t->keys) {
                for (const auto* value : {"1", "\"x\"", "true", "[]", "[1]", "{}", "[{}]", "{a = {}}",
                                          "1979-05-27", "1.5", "\"\""}) {
                    load({{file, std::string(key.name) + " = " + value + "\n"}});
                }
            }
        }
    }
}

TEST_CASE("positions point into strings as they were written") {
    const auto loaded = load({{"components/db.toml",
                               "name = \"db\"\ntype = \"terraform_module\"\nterraform_version = \"1.11.3\"\n"
                               "[public_repo]\nrepo = \"a/b\"\ndirectory = \".\"\nbranch = \"main\"\n[vars]\n"
                               "a = \"\\t\\u00e9 {{ .nuon.components.x.outputs.y }}\"\n"
                               "b = '''\n\n  {{ .nuon.components.x.outputs.y }}'''\n"
                               "c = \"\"\"one \\\n     {{ .nuon.components.x.outputs.y }}\"\"\"\n"
                               "\"ä\" = {a = 1, b = \"{{ .nuon.components.x.outputs.y }}\"}\n"}});
    std::size_t places = 0;
    for (const auto& d : loaded.diagnostics) {
        if (d.message.find("does not exist") == std::string::npos) {
            continue;
        }
        ++places;
        CAPTURE(to_text(d, true));
        CHECK(d.source_line.substr(d.caret - 1).starts_with(".nuon"));
    }
    CHECK(places >= 3);
}

TEST_CASE("a folder that is not there cannot be looked at") {
    const auto loaded = load_app("/nowhere/at/all");
    REQUIRE_FALSE(loaded);
    CHECK(loaded.error().code == ErrorCode::kNotFound);
    CHECK(loaded.error().message == "there is no folder '/nowhere/at/all'");
}

TEST_CASE("findings without end are cut off") {
    std::string text = kComponent;
    for (int i = 0; i < 5000; ++i) {
        text += "v" + std::to_string(i) + " = [1]\n";
    }
    // Two thousand, that there are more, and that the app has no permissions.
    CHECK(load({{"components/db.toml", text}}).diagnostics.size() == 2002);
}

TEST_CASE("YAML that the library would take for documents without end is a finding") {
    for (const std::string text : {",every x", ",", "a: b\n---\n,c", ",every 1hodule \"15m"}) {
        CAPTURE(text);
        CHECK(app::yaml_problem(text).has_value());
    }
    for (const std::string text :
         {"", "---", "---\n---\n...\n---\na: b\n", "a: 1\n---\nb: 2\n", "# only\n"}) {
        CAPTURE(text);
        CHECK_FALSE(app::yaml_problem(text).has_value());
    }
}
