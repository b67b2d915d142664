#include <doctest/doctest.h>
#include <sys/stat.h>

#include <chrono>
#include <filesystem>

#include "tests/crash/action/kit.hpp"

using kit::Folder;

namespace {

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

std::string command_input(const std::string& command, const std::string& source) {
    return R"({"name":"a","steps":[{"name":"c","command":")" + command + R"(","source":")" + source + "\"}]}";
}

}  // namespace

TEST_CASE("action: outputs of all steps, flat and by step, later ones win") {
    const Folder folder;
    const std::string out = " >> $SLIPWAY_ACTIONS_OUTPUT_FILEPATH\n";
    const auto text =
        kit::run_here(folder, kit::input_of({"echo a=1" + out + "echo b=1" + out,
                                             "#!/bin/sh\necho '{\"b\":{\"deep\":true}}'" + out}));
    CHECK(
        text ==
        R"(succeeded {"outputs":{"a":{"value":"1","sensitive":false},"b":{"value":{"deep":true},"sensitive":false}},)"
        R"("steps":{"s0":{"a":{"value":"1","sensitive":false},"b":{"value":"1","sensitive":false}},)"
        R"("s1":{"b":{"value":{"deep":true},"sensitive":false}}}})");
}

TEST_CASE("action: a failing step ends the action, later ones do not run") {
    const Folder folder;
    const auto executor = slipway::action_executors().front();
    const auto context = std::make_shared<kit::Context>(
        folder.path(), kit::input_of({"echo about >&2; exit 3", "echo x > " + (folder / "second")}));
    executor->start(context);
    const auto outcome = context->outcome();
    REQUIRE(outcome);
    CHECK(kit::to_text(*outcome) == "failed permanent: step s0 ended with exit code 3");
    CHECK(std::get<slipway::Failed>(*outcome).failure.detail == "about\n");
    CHECK_FALSE(std::filesystem::exists(folder / "second"));
    CHECK(contains(context->log_text(), "about\n"));
}

TEST_CASE("action: commands run without a shell, in a copy of their source") {
    const Folder folder;
    std::filesystem::create_directory(folder / "src");
    kit::write(folder / "src/tool",
               "#!/bin/sh\necho \"args=$*\" >> $NUON_ACTIONS_OUTPUT_FILEPATH\ntouch made-here\n");
    ::chmod((folder / "src/tool").c_str(), 0755);
    CHECK(contains(kit::run_here(folder, command_input("./tool  $HOME 'a b'", folder / "src")),
                   R"("value":"$HOME 'a b'")"));
    CHECK_FALSE(std::filesystem::exists(folder / "src/made-here"));
    const Folder second;
    CHECK(contains(kit::run_here(second, command_input("tool x", folder / "src")), R"("value":"x")"));
    const Folder third;
    CHECK(kit::run_here(third, command_input("./absent", folder / "src")) ==
          "failed authoring: command ./absent does not exist");
    const Folder fourth;
    CHECK(contains(kit::run_here(fourth, command_input("no-such-tool-anywhere", folder / "src")),
                   "failed permanent: command"));
    const Folder fifth;
    CHECK(contains(kit::run_here(fifth, command_input("true", "/nowhere/at/all")), "copy of source"));
}

TEST_CASE("action: a secret reaches its script and nothing else") {
    const Folder folder;
    const auto executor = slipway::action_executors().front();
    const auto context = std::make_shared<kit::Context>(
        folder.path(), kit::input_of({"echo token $TOKEN; printf $TOKEN >&2; test $TOKEN = t0p-s3cret; "
                                      "echo \"copy=x$TOKEN\" >> $SLIPWAY_ACTIONS_OUTPUT_FILEPATH",
                                      "echo $TOKEN >&2; exit 4"},
                                     R"("secrets":{"TOKEN":"env:T"})"));
    executor->start(context);
    const auto outcome = context->outcome();
    REQUIRE(outcome);
    const auto& failure = std::get<slipway::Failed>(*outcome).failure;
    CHECK(failure.message == "step s1 ended with exit code 4");
    CHECK(contains(failure.detail, "[redacted]"));
    CHECK_FALSE(contains(failure.detail, "s3cret"));
    CHECK(contains(context->log_text(), "token [redacted]"));
    CHECK_FALSE(contains(context->log_text(), "s3cret"));
    for (const auto& evidence : context->evidence()) {
        CHECK_FALSE(contains(evidence.data.bytes, "s3cret"));
    }
}

TEST_CASE("action: an output that repeats a secret is marked sensitive") {
    const Folder folder;
    const auto executor = slipway::action_executors().front();
    const auto context = std::make_shared<kit::Context>(
        folder.path(), kit::input_of({"echo \"copy=x$TOKEN\" >> $SLIPWAY_ACTIONS_OUTPUT_FILEPATH; echo "
                                      "plain=1 >> $SLIPWAY_ACTIONS_OUTPUT_FILEPATH"},
                                     R"("secrets":{"TOKEN":"env:T"})"));
    executor->start(context);
    const auto outcome = context->outcome();
    REQUIRE(outcome);
    const auto& output = std::get<slipway::Succeeded>(*outcome).output;
    CHECK(output.sensitive);
    CHECK(contains(output.bytes, R"("copy":{"value":"xt0p-s3cret","sensitive":true})"));
    CHECK(contains(output.bytes, R"("plain":{"value":"1","sensitive":false})"));
}

TEST_CASE("action: sensitive values of the input are hidden and mark the outputs that hold them") {
    const Folder folder;
    const auto executor = slipway::action_executors().front();
    const auto context = std::make_shared<kit::Context>(
        folder.path(), kit::input_of({"echo 'pw is hunter2!'; echo copy=xhunter2! >> "
                                      "$SLIPWAY_ACTIONS_OUTPUT_FILEPATH; echo plain=1 >> "
                                      "$SLIPWAY_ACTIONS_OUTPUT_FILEPATH"},
                                     R"("sensitive_values":["hunter2!"])"));
    executor->start(context);
    const auto outcome = context->outcome();
    REQUIRE(outcome);
    const auto& output = std::get<slipway::Succeeded>(*outcome).output;
    CHECK(output.sensitive);
    CHECK(contains(output.bytes, R"("copy":{"value":"xhunter2!","sensitive":true})"));
    CHECK(contains(output.bytes, R"("plain":{"value":"1","sensitive":false})"));
    CHECK(contains(context->log_text(), "pw is [redacted]"));
    CHECK_FALSE(contains(context->log_text(), "hunter2"));

    const Folder absent;
    std::filesystem::create_directory(absent / "src");
    const auto text =
        kit::run_here(absent, R"({"steps":[{"name":"c","command":"./hunter2!-tool","source":")" +
                                  (absent / "src") + R"("}],"sensitive_values":["hunter2!"]})");
    CAPTURE(text);
    CHECK(contains(text, "failed authoring: command ./[redacted]"));
    CHECK_FALSE(contains(text, "hunter2"));
}

TEST_CASE("action: a secret that is not there fails the step before anything runs") {
    const Folder folder;
    const auto text = kit::run_here(
        folder, kit::input_of({"echo x > " + (folder / "ran")}, R"("secrets":{"A":"env:MISSING"})"));
    CHECK(contains(text, "failed"));
    CHECK_FALSE(std::filesystem::exists(folder / "ran"));
}

TEST_CASE("action: bad outputs fail the step and name the line") {
    for (const char* script :
         {"echo '[1]' > $SLIPWAY_ACTIONS_OUTPUT_FILEPATH",
          "rm -f $SLIPWAY_ACTIONS_OUTPUT_FILEPATH; ln -s /etc/hostname $SLIPWAY_ACTIONS_OUTPUT_FILEPATH",
          "echo a=1 > x; ln x $SLIPWAY_ACTIONS_OUTPUT_FILEPATH", "mkfifo $SLIPWAY_ACTIONS_OUTPUT_FILEPATH",
          "head -c 1100000 /dev/zero > $SLIPWAY_ACTIONS_OUTPUT_FILEPATH"}) {
        CAPTURE(script);
        const Folder folder;
        CHECK(contains(kit::run_here(folder, kit::input_of({script})),
                       "failed permanent: step s0 has bad outputs"));
    }
}

TEST_CASE("action: the time limit is that of the whole action") {
    const Folder folder;
    slipway::ActionOptions options;
    options.grace_ms = 100;
    const auto begin = std::chrono::steady_clock::now();
    const auto text = kit::run_here(
        folder, kit::input_of({"sleep 0.05", "trap '' TERM; sleep 60 & sleep 60"}, "\"timeout_ms\":1500"),
        options);
    CHECK(text == "failed timeout: step s1 exceeded the time limit of the action");
    CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(10));
}

TEST_CASE("action: cancelled before, during and by force") {
    const Folder folder;
    const auto executor = slipway::action_executors().front();
    const auto context = std::make_shared<kit::Context>(
        folder.path(), kit::input_of({"trap 'exit 0' TERM; echo x > " + (folder / "ready") +
                                          "; while :; do sleep 0.02; done",
                                      "echo x > " + (folder / "next")}));
    executor->start(context);
    REQUIRE(kit::eventually([&] { return kit::lines(folder / "ready") == 1; }));
    executor->cancel(context->info(), slipway::CancelMode::kCooperative);
    auto outcome = context->outcome();
    REQUIRE(outcome);
    CHECK(contains(kit::to_text(*outcome), "failed cancelled"));
    CHECK_FALSE(std::filesystem::exists(folder / "next"));

    const Folder other;
    const auto stubborn = std::make_shared<kit::Context>(
        other.path(),
        kit::input_of({"trap '' TERM; echo x > " + (other / "ready") + "; while :; do sleep 0.02; done"}));
    executor->start(stubborn);
    REQUIRE(kit::eventually([&] { return kit::lines(other / "ready") == 1; }));
    executor->cancel(stubborn->info(), slipway::CancelMode::kCooperative);
    executor->cancel(stubborn->info(), slipway::CancelMode::kForce);
    outcome = stubborn->outcome();
    REQUIRE(outcome);
    CHECK(contains(kit::to_text(*outcome), "was ended by signal 9"));

    const Folder early;
    const auto never =
        std::make_shared<kit::Context>(early.path(), kit::input_of({"echo x > " + (early / "ran")}));
    executor->start(never);
    executor->cancel(never->info(), slipway::CancelMode::kCooperative);
    outcome = never->outcome();
    REQUIRE(outcome);
    CHECK(contains(kit::to_text(*outcome), "failed cancelled"));
}

TEST_CASE("action: with a stale fence nothing is executed") {
    const Folder folder;
    const auto executor = slipway::action_executors().front();
    const auto context =
        std::make_shared<kit::Context>(folder.path(), kit::input_of({"echo x > " + (folder / "ran")}));
    context->refuse_records();
    executor->start(context);
    REQUIRE(context->outcome());
    CHECK_FALSE(std::filesystem::exists(folder / "ran"));
}

TEST_CASE("action: an input that does not read is an authoring failure") {
    const Folder folder;
    CHECK(contains(kit::run_here(folder, "{}"), "failed authoring: action input: steps"));
}

TEST_CASE("action: destroying the executor leaves a running script to the next one") {
    const Folder folder;
    const std::string input =
        kit::input_of({"echo x > " + (folder / "ready") + "; sleep 0.3; echo x > " + (folder / "done")});
    {
        const auto executor = slipway::action_executors().front();
        const auto context = std::make_shared<kit::Context>(folder.path(), input);
        executor->start(context);
        REQUIRE(kit::eventually([&] { return kit::lines(folder / "ready") == 1; }));
    }
    const auto end = kit::recover(folder, input);
    CHECK(end.verdict == "still_running");
    CHECK(contains(end.outcome, "succeeded"));
    CHECK(kit::lines(folder / "done") == 1);
}
