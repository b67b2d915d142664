#include "steps/action/environment.hpp"

#include <doctest/doctest.h>

using namespace slipway;
using namespace slipway::action;

TEST_CASE("environment: built from nothing, later ones win, the attempt's places always") {
    ActionOptions options;
    options.env = {{"PROXY", "p"}, {"BOTH", "host"}};
    AttemptInfo info;
    info.run = RunId("r1");
    info.step = StepId("s1");
    info.attempt = 2;
    info.idempotency_key = "key";
    Input input;
    input.name = "health";
    Script script;
    script.name = "one";
    const Environment values{
        {"BOTH", "script"}, {"PATH", "/opt/bin"}, {"HOME", "/root"}, {"SLIPWAY_FENCE", "forged"}};
    const Environment env = build_environment(options, info, input, script, values,
                                              {"/a/home", "/a/tmp", "/a/work", "/a/outputs/0"});
    const Environment expected{{"BOTH", "script"},
                               {"HOME", "/a/home"},
                               {"LANG", "C.UTF-8"},
                               {"NUON_ACTIONS_OUTPUT_FILEPATH", "/a/outputs/0"},
                               {"NUON_ACTIONS_ROOT", "/a/work"},
                               {"NUON_KUBECONFIG_ENABLED", "false"},
                               {"PATH", "/opt/bin"},
                               {"PROXY", "p"},
                               {"SLIPWAY_ACTION", "health"},
                               {"SLIPWAY_ACTIONS_OUTPUT_FILEPATH", "/a/outputs/0"},
                               {"SLIPWAY_ACTIONS_ROOT", "/a/work"},
                               {"SLIPWAY_ACTION_STEP", "one"},
                               {"SLIPWAY_ATTEMPT", "2"},
                               {"SLIPWAY_IDEMPOTENCY_KEY", "key"},
                               {"SLIPWAY_RUN_ID", "r1"},
                               {"SLIPWAY_STEP_ID", "s1"},
                               {"TMPDIR", "/a/tmp"}};
    CHECK(env == expected);
}

TEST_CASE("commands: split at white space, without a shell") {
    CHECK(split_command("  a  'b c'\t$X ") == std::vector<std::string>{"a", "'b", "c'", "$X"});
    CHECK(split_command(" \n").empty());
}

TEST_CASE("commands: what is not there or not executable is said") {
    CHECK(find_program("sh", "/", "/nowhere:/bin").value() == "/bin/sh");
    CHECK(find_program("sh", "/", "relative").error().code == ErrorCode::kMissingTool);
    CHECK(find_program("./missing", "/", "/bin").error().message.find("does not exist") != std::string::npos);
    CHECK(find_program("./etc/passwd", "/", "/bin").error().message.find("not an executable") !=
          std::string::npos);
    CHECK_FALSE(find_program("", "/", "/bin"));
}
