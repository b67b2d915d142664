#include <doctest/doctest.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "tests/crash/process/kit.hpp"

using namespace slipway::process;
using kit::Folder;

namespace {

// A child with a session of its own that ignores the polite signals and tells its number.
std::string orphan(const Folder& folder) {
    return "setsid sh -c 'trap \"\" TERM INT HUP; echo $$ > " + (folder / "orphan") +
           "; while :; do sleep 1; done' & while ! test -s " + (folder / "orphan") +
           "; do sleep 0.01; done; ";
}

// In a PID namespace the number that the orphan knows is not ours: it is found by the marker.
int orphan_pid(const std::string& marker_holder) {
    for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
        const int pid = std::atoi(entry.path().filename().c_str());
        if (pid > 0 &&
            kit::read(entry.path().string() + "/cmdline").find(marker_holder) != std::string::npos &&
            kit::read(entry.path().string() + "/cmdline").rfind("sh", 0) == 0 && ::getpgid(pid) == pid) {
            return pid;
        }
    }
    return -1;
}

}  // namespace

TEST_CASE("fence: a setsid orphan is dead before the exit record of its parent is written") {
    for (const auto strength : {FenceStrength::kCgroup, FenceStrength::kPidns, FenceStrength::kWeak}) {
        if (!kit::has(strength)) {
            continue;
        }
        const Folder folder;
        auto request = kit::shell(folder, orphan(folder) + "exit 0");
        kit::allow(request, strength);
        const auto end = kit::run(request);
        CAPTURE(to_string(strength));
        REQUIRE(end.exit);
        CHECK(end.exit->fence == strength);
        CHECK(end.exit->rc == 0);
        CHECK(end.exit->all_dead);
        CHECK(kit::lines(folder / "orphan") == 1);
        CHECK(orphan_pid(folder / "orphan") == -1);
    }
}

TEST_CASE(
    "fence: a setsid orphan of a killed supervisor is killed by every fence, and only a strong one proves "
    "it") {
    for (const auto strength : {FenceStrength::kCgroup, FenceStrength::kPidns, FenceStrength::kWeak}) {
        if (!kit::has(strength)) {
            continue;
        }
        const Folder folder;
        auto request = kit::shell(folder, orphan(folder) + "sleep 60");
        kit::allow(request, strength);
        kit::start(request);
        REQUIRE(kit::eventually([&] { return kit::lines(folder / "orphan") == 1; }));
        ::kill(inspect(request.attempt_dir)->supervisor_pid, SIGKILL);
        REQUIRE(
            kit::eventually([&] { return inspect(request.attempt_dir)->state == AttemptState::kCrashed; }));
        CHECK(orphan_pid(folder / "orphan") > 0);
        const auto report = fence(request.attempt_dir);
        REQUIRE(report);
        CAPTURE(to_string(strength));
        CHECK(report->strength == strength);
        CHECK(report->proven_dead == (strength != FenceStrength::kWeak));
        CHECK(orphan_pid(folder / "orphan") == -1);
    }
}

TEST_CASE("fence: what cleared its environment escapes the weak fence, which therefore proves nothing") {
    const Folder folder;
    auto request = kit::shell(folder, "setsid env -i /bin/sh -c 'echo $$ > " + (folder / "orphan") +
                                          "; sleep 30; true' & sleep 60");
    kit::allow(request, FenceStrength::kWeak);
    kit::start(request);
    REQUIRE(kit::eventually([&] { return kit::lines(folder / "orphan") == 1; }));
    const int pid = kit::number_in(folder / "orphan");
    ::kill(inspect(request.attempt_dir)->supervisor_pid, SIGKILL);
    REQUIRE(kit::eventually([&] { return inspect(request.attempt_dir)->state == AttemptState::kCrashed; }));
    const auto report = fence(request.attempt_dir);
    REQUIRE(report);
    CHECK_FALSE(report->proven_dead);
    CHECK(kit::alive(pid));
    ::kill(-pid, SIGKILL);
}

TEST_CASE("fence: a live attempt is ended with everything in it, and its record says killed") {
    const Folder folder;
    const auto request = kit::shell(folder, orphan(folder) + "trap '' TERM; sleep 60; sleep 60");
    kit::start(request);
    REQUIRE(kit::eventually([&] { return kit::lines(folder / "orphan") == 1; }));
    const auto report = fence(request.attempt_dir);
    REQUIRE(report);
    CHECK(report->proven_dead);
    const auto end = inspect(request.attempt_dir);
    REQUIRE(end->exit);
    CHECK(end->exit->reason == "killed");
    CHECK(end->exit->signal == SIGKILL);
    CHECK(orphan_pid(folder / "orphan") == -1);
}

TEST_CASE("fence: a stopped supervisor is woken and ends with all it started") {
    const Folder folder;
    const auto request = kit::shell(folder, "echo $$ > " + (folder / "pid") + "; sleep 60");
    kit::start(request);
    REQUIRE(kit::eventually([&] { return kit::lines(folder / "pid") == 1; }));
    const auto live = inspect(request.attempt_dir);
    ::kill(live->supervisor_pid, SIGSTOP);
    const auto report = fence(request.attempt_dir);
    REQUIRE(report);
    CHECK(report->proven_dead);
    CHECK_FALSE(kit::alive(live->child_pid));
}

TEST_CASE("fence: a fenced directory starts nothing any more, even for a supervisor that comes late") {
    const Folder folder;
    const auto request = kit::shell(folder, "echo ran > " + (folder / "ran"));
    auto prepared = prepare(request);
    REQUIRE(prepared);
    REQUIRE(fence(request.attempt_dir)->proven_dead);
    (void)prepared->go();
    CHECK(inspect(request.attempt_dir)->state == AttemptState::kNeverStarted);
    CHECK_FALSE(std::filesystem::exists(folder / "ran"));
}

TEST_CASE("fence: damaged and foreign records are told, never guessed over") {
    const Folder folder;
    const auto request = kit::shell(folder, "true");
    kit::run(request);
    kit::write(request.attempt_dir + "/exit.json", "{\"protocol\":1,\"started\":tr");
    CHECK(inspect(request.attempt_dir).error().code == slipway::ErrorCode::kCorrupt);
    CHECK_FALSE(fence(request.attempt_dir));
    ::unlink((request.attempt_dir + "/exit.json").c_str());
    ::symlink("/etc/hostname", (request.attempt_dir + "/exit.json").c_str());
    CHECK(inspect(request.attempt_dir).error().code == slipway::ErrorCode::kCorrupt);
    CHECK(inspect(folder / "no-such-attempt")->state == AttemptState::kNeverStarted);
}
