#include <doctest/doctest.h>
#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>

#include "tests/crash/process/kit.hpp"

using namespace slipway::process;
using kit::Folder;

namespace {

std::string ready(const Folder& folder) {
    return "echo x > " + (folder / "ready") + "; ";
}
void await_ready(const Folder& folder) {
    REQUIRE(kit::eventually([&] { return kit::lines(folder / "ready") == 1; }));
}

}  // namespace

TEST_CASE("cancel: a script that listens ends in order and within its grace") {
    const Folder folder;
    const auto request = kit::shell(
        folder, "trap 'echo tidied; exit 5' TERM; " + ready(folder) + "while :; do sleep 0.02; done");
    kit::start(request);
    await_ready(folder);
    REQUIRE(cancel(request.attempt_dir, StopMode::kCancel));
    const auto end = kit::wait_end(request.attempt_dir);
    CHECK(end.exit->reason == "cancelled");
    CHECK(end.exit->cancelled);
    CHECK(end.exit->rc == 5);
    CHECK(kit::read(request.attempt_dir + "/stdout") == "tidied\n");
    CHECK(cancel(request.attempt_dir, StopMode::kCancel).error().code == slipway::ErrorCode::kNotFound);
}

TEST_CASE("cancel: a script that ignores the signal is killed after the grace, or at once when asked") {
    const Folder folder;
    auto request = kit::shell(folder, "trap '' TERM; " + ready(folder) + "while :; do sleep 0.02; done");
    request.grace_ms = 150;
    kit::start(request);
    await_ready(folder);
    REQUIRE(cancel(request.attempt_dir, StopMode::kCancel));
    auto end = kit::wait_end(request.attempt_dir);
    CHECK(end.exit->reason == "cancelled");
    CHECK(end.exit->signal == SIGKILL);

    request.attempt_dir = folder / "second";
    request.grace_ms = 60'000;
    std::filesystem::remove(folder / "ready");
    kit::start(request);
    await_ready(folder);
    REQUIRE(cancel(request.attempt_dir, StopMode::kCancel));
    REQUIRE(cancel(request.attempt_dir, StopMode::kKill));
    end = kit::wait_end(request.attempt_dir);
    CHECK(end.exit->reason == "killed");
}

TEST_CASE("cancel: the polite signal may go to the program alone, once, and be another one") {
    const Folder folder;
    auto request = kit::shell(folder, "trap 'echo int >> " + (folder / "int") + "' INT; " + ready(folder) +
                                          "sleep 0.4 & wait $!; wait; echo done");
    request.stop_signal = SIGINT;
    request.stop_target = StopTarget::kProcess;
    kit::start(request);
    await_ready(folder);
    REQUIRE(cancel(request.attempt_dir, StopMode::kCancel));
    REQUIRE(cancel(request.attempt_dir, StopMode::kCancel));
    const auto end = kit::wait_end(request.attempt_dir);
    CHECK(end.exit->rc == 0);
    CHECK(end.exit->cancelled);
    CHECK(kit::lines(folder / "int") == 1);
    CHECK(kit::read(request.attempt_dir + "/stdout") == "done\n");
}

TEST_CASE("time limit: told as such, and nothing outlives it") {
    const Folder folder;
    auto request = kit::shell(folder, "trap '' TERM; sleep 60 & sleep 60");
    request.time_limit_ms = 120;
    request.grace_ms = 80;
    const auto end = kit::run(request);
    CHECK(end.exit->timed_out);
    CHECK(end.exit->reason == "timed_out");
    CHECK(end.exit->signal == SIGKILL);
    CHECK(end.exit->all_dead);
    CHECK(end.exit->ended_ms - end.exit->released_ms >= 180);
    CHECK(end.exit->ended_ms - end.exit->released_ms < 5'000);
}

TEST_CASE("shutdown: a supervisor told to end gives its program the chance to end in order") {
    const Folder folder;
    const auto request =
        kit::shell(folder, "trap 'exit 4' TERM; " + ready(folder) + "while :; do sleep 0.02; done");
    kit::start(request);
    await_ready(folder);
    ::kill(inspect(request.attempt_dir)->supervisor_pid, SIGTERM);
    const auto end = kit::wait_end(request.attempt_dir);
    CHECK(end.exit->reason == "terminated");
    CHECK(end.exit->rc == 4);
}

TEST_CASE("output: beyond the cap head and tail are kept and the gap is counted") {
    const Folder folder;
    auto request = kit::shell(folder, "echo BEGIN; head -c 3000000 /dev/zero | tr '\\0' 'x'; echo END");
    request.out.head_bytes = 100'000;
    request.out.tail_bytes = 50'000;
    const auto end = kit::run(request);
    const std::string out = kit::read(request.attempt_dir + "/stdout");
    CHECK(out.size() < 151'000);
    CHECK(out.rfind("BEGIN\n", 0) == 0);
    CHECK(out.substr(out.size() - 4) == "END\n");
    CHECK(end.exit->out_bytes == 3'000'010);
    CHECK(end.exit->out_dropped == 3'000'010 - 150'000);
}

TEST_CASE("output: a background child that holds the pipe does not delay the end") {
    const Folder folder;
    const auto begin = std::chrono::steady_clock::now();
    const auto end = kit::run(kit::shell(folder, "sleep 30 & echo done"));
    CHECK(end.exit->rc == 0);
    CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(5));
    CHECK(kit::read(folder / "attempt/stdout") == "done\n");
}

TEST_CASE("drain: background children get the time that was granted") {
    const Folder folder;
    auto request = kit::shell(folder, "(sleep 0.2; echo late) & exit 0");
    request.drain_ms = 5'000;
    const auto end = kit::run(request);
    CHECK(end.exit->rc == 0);
    CHECK(kit::read(request.attempt_dir + "/stdout") == "late\n");
}

TEST_CASE("journal: lines are in the file without the supervisor, and survive its death with the program's") {
    const Folder folder;
    auto request = kit::shell(
        folder, ready(folder) + "sleep 0.2; echo apply_start; touch " + (folder / "second") + "; sleep 60");
    request.out.mode = StreamMode::kJournal;
    request.err.mode = StreamMode::kToStdout;
    kit::start(request);
    const int supervisor = inspect(request.attempt_dir)->supervisor_pid;
    await_ready(folder);
    ::kill(supervisor, SIGSTOP);
    REQUIRE(kit::eventually([&] { return std::filesystem::exists(folder / "second"); }));
    CHECK(kit::read(request.attempt_dir + "/stdout") == "apply_start\n");
    ::kill(supervisor, SIGKILL);
    CHECK(fence(request.attempt_dir));
    CHECK(kit::read(request.attempt_dir + "/stdout") == "apply_start\n");
    CHECK_FALSE(std::filesystem::exists(request.attempt_dir + "/stderr"));
}

TEST_CASE("kept copies: complete versions survive a file that is torn in place, at once and at the end") {
    const Folder folder;
    const std::string state = folder / "terraform.tfstate";
    kit::write(state, "{\"serial\":1}");
    auto request = kit::shell(folder, "sleep 0.1; printf '{\"serial\":2}' > " + state + "; sleep 0.2; : > " +
                                          state + "; sleep 0.1; printf '{\"serial\":3,' > " + state + "; " +
                                          ready(folder) + "sleep 60");
    request.kept = {{state, "state"}};
    kit::start(request);
    await_ready(folder);
    ::kill(inspect(request.attempt_dir)->supervisor_pid, SIGKILL);
    CHECK(fence(request.attempt_dir));
    auto copy = newest_kept(request.attempt_dir, "state");
    REQUIRE(copy);
    CHECK(copy->value_or("") == "{\"serial\":2}");
    CHECK(kit::read(request.attempt_dir + "/kept/state.000001") == "{\"serial\":1}");

    auto last = kit::shell(folder, "printf '{\"serial\":9}' > " + state, "second");
    last.kept = request.kept;
    CHECK(kit::run(last).exit->kept >= 1);
    CHECK(newest_kept(last.attempt_dir, "state")->value_or("") == "{\"serial\":9}");
    CHECK_FALSE(newest_kept(last.attempt_dir, "other")->has_value());
}

TEST_CASE("privileges: a program started without new ones cannot gain any") {
    const Folder folder;
    auto request = kit::shell(folder, "grep NoNewPrivs /proc/self/status");
    request.no_new_privs = true;
    kit::run(request);
    CHECK(kit::read(request.attempt_dir + "/stdout") == "NoNewPrivs:\t1\n");
}
