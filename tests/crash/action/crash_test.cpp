// The crash table of scripts as an action goes through it. Hosts and supervisors are really killed; effects
// are counted outside.
#include <doctest/doctest.h>
#include <signal.h>
#include <sys/wait.h>

#include <filesystem>

#include "slipway/steps/process.hpp"
#include "tests/crash/action/kit.hpp"

using kit::Folder;

namespace {

std::string effect(const Folder& folder, const std::string& name = "effects") {
    return "echo x >> " + (folder / name) + "\n";
}
bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE(
    "B1 action: a host killed before its script was let go has not started it, and the next attempt may") {
    for (const char* point : {"process.after_mkdir", "process.after_spawn", "process.after_started",
                              "engine.before_commit", "engine.after_commit", "process.before_go"}) {
        CAPTURE(point);
        const Folder folder;
        const std::string input = kit::input_of({effect(folder)});
        REQUIRE(kit::host_dies(folder, input, point));
        CHECK(kit::recover(folder, input).verdict == "not_started");
        CHECK(kit::recover(folder, input).verdict == "not_started");  // repeatable
        CHECK(kit::lines(folder / "effects") == 0);
    }
}

TEST_CASE(
    "B2 action: a host killed while its script runs finds it again and takes its outputs once it has ended") {
    const Folder folder;
    const std::string input =
        kit::input_of({"echo x > " + (folder / "ready") + "; sleep 0.3\n" + effect(folder) +
                       "echo a=1 >> $SLIPWAY_ACTIONS_OUTPUT_FILEPATH"});
    const pid_t host = kit::start_host(folder, input, "");
    REQUIRE(kit::eventually([&] { return kit::lines(folder / "ready") == 1; }));
    ::kill(host, SIGKILL);
    ::waitpid(host, nullptr, 0);
    const auto end = kit::recover(folder, input);
    CHECK(end.verdict == "still_running");
    CHECK(contains(end.outcome, "succeeded {\"outputs\":{\"a\":{\"value\":\"1\",\"sensitive\":false}}"));
    CHECK(kit::lines(folder / "effects") == 1);
}

TEST_CASE(
    "B2 action: the scripts behind the one that ran are run by the new host, those before it are not "
    "repeated") {
    for (const char* point : {"process.after_go", ""}) {
        CAPTURE(point);
        const Folder folder;
        const std::string input = kit::input_of(
            {effect(folder, "first"),
             "echo x > " + (folder / "ready") + "; sleep 0.2; echo k=2 >> $NUON_ACTIONS_OUTPUT_FILEPATH\n" +
                 effect(folder, "second"),
             effect(folder, "third")});
        if (*point != '\0') {
            REQUIRE(kit::host_dies(folder, input, point));
        } else {
            const pid_t host = kit::start_host(folder, input, "");
            REQUIRE(kit::eventually([&] { return kit::lines(folder / "ready") == 1; }));
            ::kill(host, SIGKILL);
            ::waitpid(host, nullptr, 0);
        }
        const auto end = kit::recover(folder, input);
        CHECK(end.verdict == "still_running");
        CHECK(contains(end.outcome, "succeeded"));
        CHECK(contains(end.outcome, "\"s1\":{\"k\":{\"value\":\"2\""));
        for (const char* name : {"first", "second", "third"}) {
            CHECK(kit::lines(folder / name) == 1);
        }
    }
}

TEST_CASE("B3 action: supervisor and host lost in mid-script; never, safe and check say what becomes of it") {
    struct Case {
        std::string extra;
        std::string verdict;
    };
    const bool weak = kit::only_weak_fence();  // it proves nothing, so that everything ends in doubt
    for (const bool done : {false, true}) {
        const Folder probe;
        for (const auto& expected :
             {Case{"\"retry\":\"never\"", "in_doubt step s0 was interrupted by a crash; it may not"},
              Case{"\"retry\":\"safe\"", "not_started"},
              Case{"\"retry\":\"check\",\"check\":\"test -e $MARK\"", done ? "succeeded" : "not_started"},
              Case{"\"retry\":\"check\",\"check\":\"kill -9 $$\"", "in_doubt the check gave no answer"}}) {
            const std::string extra = expected.extra;
            const std::string verdict =
                weak ? "in_doubt step s0 was interrupted by a crash" : expected.verdict;
            CAPTURE(extra);
            CAPTURE(done);
            const Folder folder;
            const std::string mark = folder / "mark";
            const std::string input = kit::input_of(
                {(done ? "touch " + mark + "; printf 'a=1\\nb=to' >> $SLIPWAY_ACTIONS_OUTPUT_FILEPATH\n"
                       : std::string()) +
                 "echo x > " + (folder / "ready") + "; sleep 60; " + effect(folder)},
                extra + ",\"env\":{\"MARK\":\"" + mark + "\"}");
            const pid_t host = kit::start_host(folder, input, "");
            REQUIRE(kit::eventually([&] { return kit::lines(folder / "ready") == 1; }));
            const auto live = slipway::process::inspect(folder / "scratch/action-1/run-0");
            REQUIRE(live);
            REQUIRE(live->supervisor_pid > 0);
            ::kill(live->supervisor_pid, SIGKILL);
            ::kill(host, SIGKILL);
            ::waitpid(host, nullptr, 0);
            REQUIRE(kit::eventually([&] {
                const auto now = slipway::process::inspect(folder / "scratch/action-1/run-0");
                return now && now->state == slipway::process::AttemptState::kCrashed;
            }));
            const auto end = kit::recover(folder, input);
            CAPTURE(end.verdict);
            CHECK(end.verdict.rfind(verdict, 0) == 0);
            if (verdict == "succeeded") {
                // The torn line is not an output.
                CHECK(contains(end.verdict, "{\"outputs\":{\"a\":{\"value\":\"1\",\"sensitive\":false}},"));
            }
            CHECK(kit::lines(folder / "effects") == 0);
            CHECK(kit::recover(folder, input).verdict == end.verdict);  // repeatable
        }
    }
}

TEST_CASE("B4 action: an exit record that nobody took is taken, with its outputs, without running anything") {
    const Folder folder;
    const std::string input =
        kit::input_of({effect(folder) + "echo '{\"url\":\"u\"}' >> $SLIPWAY_ACTIONS_OUTPUT_FILEPATH"});
    REQUIRE(kit::host_dies(folder, input, "process.after_go"));
    REQUIRE(kit::eventually(
        [&] { return std::filesystem::exists(folder / "scratch/action-1/run-0/exit.json"); }));
    const auto end = kit::recover(folder, input);
    CHECK(contains(end.verdict, "succeeded {\"outputs\":{\"url\":{\"value\":\"u\""));
    CHECK(kit::recover(folder, input).verdict == end.verdict);
    CHECK(kit::lines(folder / "effects") == 1);
}

TEST_CASE("B4 action: a failure that nobody took is a failure, not a doubt") {
    const Folder folder;
    const std::string input = kit::input_of({"exit 9"});
    REQUIRE(kit::host_dies(folder, input, "process.after_go"));
    REQUIRE(kit::eventually(
        [&] { return std::filesystem::exists(folder / "scratch/action-1/run-0/exit.json"); }));
    CHECK(kit::recover(folder, input).verdict == "failed permanent: step s0 ended with exit code 9");
}

TEST_CASE("B5 action: a script that ended without a record is in doubt, and never run again by itself") {
    for (const char* point :
         {"supervise.after_child_exit", "supervise.before_exit_record", "supervise.before_exit_rename"}) {
        CAPTURE(point);
        const Folder folder;
        const std::string input = kit::input_of({effect(folder)});
        CHECK_FALSE(kit::host_dies(folder, input, point));  // the host sees it itself
        CHECK(contains(kit::read(folder / "outcome"), "in_doubt step s0 was interrupted by a crash"));
        CHECK(contains(kit::recover(folder, input).verdict, "in_doubt"));
        CHECK(kit::lines(folder / "effects") == 1);
    }
}

TEST_CASE("action: evidence that lost its directory is a doubt, not a fresh start") {
    const Folder folder;
    const std::string input = kit::input_of({effect(folder)});
    REQUIRE(kit::host_dies(folder, input, "process.after_go"));
    REQUIRE(kit::eventually(
        [&] { return std::filesystem::exists(folder / "scratch/action-1/run-0/exit.json"); }));
    std::filesystem::remove_all(folder / "scratch");
    CHECK(contains(kit::recover(folder, input).verdict, "in_doubt the directory"));
}
