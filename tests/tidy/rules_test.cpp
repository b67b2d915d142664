// Every rule is shown to fire on what it forbids, and to leave alone what it allows.
#include <doctest/doctest.h>

#include "tests/tidy/rules.hpp"

using namespace slipway::tidy;

namespace {

std::size_t includes(const char* path, const std::string& name) {
    const bool angled = name.starts_with('<');
    return check_includes(make_file(path, "#include " + (angled ? name : "\"" + name + "\"") + "\n")).size();
}

std::string lines(std::size_t count, const std::string& line) {
    std::string text;
    for (std::size_t i = 0; i < count; ++i) {
        text += line + "\n";
    }
    return text;
}

}  // namespace

TEST_CASE("an include against the direction is found") {
    CHECK(includes("engine/core/a.cpp", "engine/store/b.hpp") == 1);
    CHECK(includes("engine/codec/a.cpp", "engine/store/b.hpp") == 1);
    CHECK(includes("engine/store/a.cpp", "engine/runtime/b.hpp") == 1);
    CHECK(includes("engine/app/a.cpp", "engine/core/b.hpp") == 1);
    CHECK(includes("engine/runtime/a.cpp", "steps/action/b.hpp") == 1);
    CHECK(includes("steps/action/a.cpp", "engine/core/b.hpp") == 1);
    CHECK(includes("steps/action/a.cpp", "steps/terraform/b.hpp") == 1);
    CHECK(includes("include/slipway/a.hpp", "engine/core/b.hpp") == 1);
    CHECK(includes("include/slipway/a.hpp", "slipway/lifecycle/b.hpp") == 1);
    CHECK(includes("engine/app/a.cpp", "engine/install/b.hpp") == 1);
    CHECK(includes("examples/hello/a.cpp", "engine/core/b.hpp") == 1);
    CHECK(includes("engine/new_room/a.cpp", "slipway/result.hpp") == 1);
    CHECK(includes("engine/core/a.cpp", "b.hpp") == 1);
}

TEST_CASE("an include along the direction is allowed") {
    CHECK(includes("engine/core/a.cpp", "slipway/result.hpp") == 0);
    CHECK(includes("engine/runtime/a.cpp", "engine/store/b.hpp") == 0);
    CHECK(includes("engine/install/a.cpp", "engine/app/b.hpp") == 0);
    CHECK(includes("steps/terraform/a.cpp", "steps/process/b.hpp") == 0);
    CHECK(includes("tests/unit/core/a.cpp", "engine/core/b.hpp") == 0);
    CHECK(includes("engine/core/a.cpp", "<vector>") == 0);
}

TEST_CASE("third parties stay in their rooms") {
    CHECK(includes("engine/runtime/a.cpp", "<rocksdb/db.h>") == 1);
    CHECK(includes("engine/store/a.cpp", "<rocksdb/db.h>") == 0);
    CHECK(includes("include/slipway/run.hpp", "<boost/json.hpp>") == 1);
    CHECK(includes("include/slipway/json.hpp", "<boost/json.hpp>") == 0);
    CHECK(includes("engine/core/a.cpp", "<boost/container/small_vector.hpp>") == 1);
    CHECK(includes("engine/install/a.cpp", "<toml++/toml.h>") == 1);
    CHECK(includes("engine/app/a.cpp", "<git2.h>") == 0);
    CHECK(includes("steps/action/a.cpp", "<git2.h>") == 1);
}

TEST_CASE("a commented include is none") {
    CHECK(check_includes(make_file("engine/core/a.cpp", "// #include <rocksdb/db.h>\n")).empty());
}

TEST_CASE("long files and functions are found") {
    CHECK(check_sizes(make_file("engine/core/a.cpp", lines(400, "int a;"))).empty());
    CHECK(check_sizes(make_file("engine/core/a.cpp", lines(401, "int a;"))).size() == 1);
    CHECK(check_sizes(make_file("engine/core/a.cpp", "void f() {\n" + lines(58, "a();") + "}\n")).empty());
    CHECK(check_sizes(make_file("engine/core/a.cpp", "void f() {\n" + lines(59, "a();") + "}\n")).size() ==
          1);
    const std::string nested = "namespace x {\nclass A {\n void f() const {\n" +
                               lines(30, "if (a) { b(); }") + "}\n" + lines(40, "int b;") + "};\n}\n";
    CHECK(check_sizes(make_file("engine/core/a.cpp", nested)).empty());
    const std::string method =
        "namespace x {\nclass A {\n void f() const {\n" + lines(70, "if (a) { b(); }") + "}\n};\n}\n";
    CHECK(check_sizes(make_file("engine/core/a.cpp", method)).size() == 1);
    CHECK(check_sizes(make_file("engine/core/a.cpp", "// {\nconst char* a = \"({\";\n" + lines(80, "int b;")))
              .empty());
}

TEST_CASE("a public surface over its budget is found") {
    std::vector<SourceFile> files;
    for (int i = 0; i < 19; ++i) {
        files.push_back(make_file("include/slipway/h" + std::to_string(i) + ".hpp", "a\n"));
    }
    CHECK(check_public_surface(files).size() == 1);
    files.resize(18);
    CHECK(check_public_surface(files).empty());
    files.push_back(make_file("include/slipway/steps/a.hpp", lines(3000, "a")));
    CHECK(check_public_surface(files).empty());
    files[0] = make_file("include/slipway/h0.hpp", lines(2300, "a"));
    CHECK(check_public_surface(files).size() == 1);
}

TEST_CASE("what the core may not use is found") {
    for (const char* line : {"#include <chrono>", "std::unordered_map<int, int> a;", "double a;",
                             "int a = rand();", "throw 1;"}) {
        CHECK_MESSAGE(check_core_is_pure(make_file("engine/core/a.cpp", line)).size() == 1, line);
    }
    CHECK(check_core_is_pure(
              make_file("engine/core/a.cpp", "// a double\nint operand(); const char* s = \"throw\";"))
              .empty());
    CHECK(check_core_is_pure(make_file("engine/store/a.cpp", "#include <chrono>")).empty());
}

TEST_CASE("blanks, leftovers, machine paths and foreign words are found") {
    const auto count = [](const std::string& text) {
        return check_words(make_file("engine/core/a.cpp", text)).size();
    };
    CHECK(count("\tint a;\n") == 1);
    CHECK(count("int a; \n") == 1);
    CHECK(count(std::string("// TO") + "DO: later\n") == 1);
    CHECK(count(std::string("const char* a = \"/wo") + "rk/main/x\";\n") == 1);
    CHECK(count("int task_count;\n") == 1);
    CHECK(count("struct StepNode {};\n") == 1);
    CHECK(count("// a node of the graph\nint multitasking; // framework/thing\n") == 0);
    CHECK(check_words(make_file("engine/app/a.cpp", "int job;\n")).empty());
    CHECK(check_words(make_file("include/slipway/lifecycle/app.hpp", "kJob\n")).empty());
    CHECK(count("options.max_background_jobs = 2;\n") == 0);
    CHECK(count("mkdtemp(\"a-XXXXXX\");\n") == 0);
}

TEST_CASE("comments and literals are blanked line for line") {
    CHECK(strip_comments_and_literals("a // b\nc") == "a     \nc");
    CHECK(strip_comments_and_literals("a /* b\n */ c") == "a     \n    c");
    CHECK(strip_comments_and_literals("f(\"a\\\"b\", 'c')") == "f(\"    \", ' ')");
    CHECK(strip_comments_and_literals("1'000+R\"x(\")x\"+2") == "1'000+" + std::string(8, ' ') + "+2");
    CHECK(strip_comments_and_literals("\"open").size() == 5);
    CHECK(strip_comments_and_literals("R\"open").size() == 6);
}
