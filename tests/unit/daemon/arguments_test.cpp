// Whatever is wrong with arguments ends with 2, in words, with what to do next; no exception leaves.
#include "arguments.hpp"

#include <doctest/doctest.h>

#include <CLI/CLI.hpp>
#include <sstream>

namespace {

struct Told {
    std::optional<int> code;
    std::string out;
    std::string err;
};

Told parse(std::vector<const char*> words) {
    CLI::App app{"a program", "tool"};
    app.require_subcommand(1);
    app.fallthrough();
    bool json = false;
    app.add_flag("--json", json, "as JSON");
    std::string run;
    int count = 0;
    auto* show = app.add_subcommand("show", "shows a run");
    show->add_option("run", run)->required();
    show->add_option("--count", count);
    auto* store = app.add_subcommand("store", "the store");
    store->require_subcommand(1);
    store->add_subcommand("check", "looks");
    words.insert(words.begin(), "tool");
    std::ostringstream out;
    std::ostringstream err;
    const auto code = host::parse_arguments(app, static_cast<int>(words.size()), words.data(), out, err);
    return {code, out.str(), err.str()};
}

bool has(const std::string& text, const char* part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("good arguments go on, help ends with 0 on standard output") {
    CHECK_FALSE(parse({"show", "r1", "--count", "3", "--json"}).code);
    const auto help = parse({"--help"});
    CHECK(help.code == host::kDone);
    CHECK(has(help.out, "show"));
    CHECK(help.err.empty());
    CHECK(parse({"show", "--help"}).code == host::kDone);
}

TEST_CASE("wrong arguments end with 2, name the place and say what to do next") {
    struct Wrong {
        std::vector<const char*> words;
        const char* says;
    };
    const std::vector<Wrong> all{{{}, "a command is missing"},
                                 {{"shwo"}, "did you mean 'show'?"},
                                 {{"nonsense"}, "there is no command \"nonsense\""},
                                 {{"nonsense", "more"}, "tool --help lists the commands"},
                                 {{"store"}, "a command is missing"},
                                 {{"store", "chekc"}, "tool store: there is no command \"chekc\""},
                                 {{"show"}, "tool show --help"},
                                 {{"show", "r1", "--cuont", "3"}, "did you mean '--count'?"},
                                 {{"show", "r1", "--jsno"}, "did you mean '--json'?"},
                                 {{"show", "r1", "--cuont=3"}, "there is no option --cuont"},
                                 {{"show", "r1", "--count", "many"}, "many"},
                                 {{"show", "r1", "r2"}, "one argument too many: \"r2\""},
                                 {{"show", "r1", "--count"}, "--count"}};
    for (const auto& wrong : all) {
        const auto told = parse(wrong.words);
        CHECK(told.code == host::kNotAsked);
        CHECK_MESSAGE(has(told.err, wrong.says), told.err);
        CHECK_MESSAGE(has(told.err, "next: "), told.err);
        CHECK_MESSAGE(told.err.find("tool: ") == 0, told.err);
        CHECK(told.out.empty());
    }
}

TEST_CASE("an exception that nobody expected becomes words and 2") {
    std::ostringstream err;
    CHECK(host::run_guarded(
              "tool", []() -> int { throw std::runtime_error("a surprise"); }, err) == host::kNotAsked);
    CHECK(has(err.str(), "a surprise"));
    CHECK(host::run_guarded(
              "tool", [] { return 7; }, err) == 7);
}
