// The crash table of scripts, by its names. Hosts and supervisors are really killed (SIGKILL); effects are
// counted outside, in an append-only file.
#include <doctest/doctest.h>
#include <signal.h>
#include <sys/wait.h>

#include "tests/crash/process/kit.hpp"

using namespace slipway::process;
using kit::Folder;

namespace {

std::string effect(const Folder& folder) {
    return "echo done >> " + (folder / "effects");
}

AttemptState settled_state(const std::string& dir) {
    kit::eventually([&] { return inspect(dir)->state != AttemptState::kPrepared; });
    return inspect(dir)->state;
}

}  // namespace

TEST_CASE("B1: a host killed before go has provably started nothing") {
    for (const char* point :
         {"process.after_mkdir", "process.after_spawn", "process.after_started", "process.before_go"}) {
        CAPTURE(point);
        const Folder folder;
        const int status = kit::join(kit::host(folder / "a", effect(folder), point));
        REQUIRE(WIFSIGNALED(status));
        CHECK(settled_state(folder / "a") == AttemptState::kNeverStarted);
        const auto report = fence(folder / "a");
        REQUIRE(report);
        CHECK(report->proven_dead);
        CHECK(inspect(folder / "a")->state == AttemptState::kNeverStarted);
        CHECK(kit::lines(folder / "effects") == 0);
    }
}

TEST_CASE("B1: a supervisor killed before go takes the held program with it") {
    for (const char* point : {"supervise.before_started", "supervise.after_started"}) {
        CAPTURE(point);
        const Folder folder;
        kit::join(kit::host(folder / "a", effect(folder), point));
        CHECK(settled_state(folder / "a") == AttemptState::kNeverStarted);
        const auto report = fence(folder / "a");
        REQUIRE(report);
        CHECK(report->proven_dead);
        CHECK(kit::lines(folder / "effects") == 0);
    }
}

TEST_CASE("B1: a prepared attempt that is dropped says that nothing was executed") {
    const Folder folder;
    { const auto prepared = prepare(kit::shell(folder, effect(folder))); }
    CHECK(settled_state(folder / "attempt") == AttemptState::kNeverStarted);
    REQUIRE(kit::eventually([&] { return inspect(folder / "attempt")->exit.has_value(); }));
    CHECK(inspect(folder / "attempt")->exit->reason == "not_released");
    CHECK(kit::lines(folder / "effects") == 0);
}

TEST_CASE("B2: a host killed while the script runs does not interrupt it; another host re-attaches") {
    const Folder folder;
    const std::string script =
        "touch " + (folder / "running") + "; sleep 0.4; " + effect(folder) + "; echo out";
    const pid_t host = kit::host(folder / "a", script, "");
    REQUIRE(kit::eventually([&] {
        return !kit::read("/proc/self/stat").empty() && ::access((folder / "running").c_str(), F_OK) == 0;
    }));
    ::kill(host, SIGKILL);
    kit::join(host);
    CHECK(inspect(folder / "a")->state == AttemptState::kRunning);
    const auto end = kit::wait_end(folder / "a");
    REQUIRE(end.state == AttemptState::kExited);
    CHECK(end.exit->rc == 0);
    CHECK(kit::lines(folder / "effects") == 1);
    CHECK(*read_output(folder / "a", OutputStream::kStdout, 0) == "out\n");
}

TEST_CASE("B2: a host killed right after go has started the script exactly once") {
    const Folder folder;
    const int status = kit::join(kit::host(folder / "a", effect(folder), "process.after_go"));
    REQUIRE(WIFSIGNALED(status));
    const auto end = kit::wait_end(folder / "a");
    CHECK(end.state == AttemptState::kExited);
    CHECK(kit::lines(folder / "effects") == 1);
}

TEST_CASE("B3: supervisor killed in mid-run is told as crashed, and the fence kills what it left") {
    for (const char* kind : {"", "pidns", "weak"}) {
        CAPTURE(kind);
        const Folder folder;
        const std::string script = "echo $$ > " + (folder / "pid") + "; sleep 30; " + effect(folder);
        const pid_t host = kit::host(folder / "a", script, "", kind);
        REQUIRE(kit::eventually([&] { return kit::lines(folder / "pid") == 1; }));
        const auto live = inspect(folder / "a");
        REQUIRE(live->state == AttemptState::kRunning);
        ::kill(live->supervisor_pid, SIGKILL);
        ::kill(host, SIGKILL);
        kit::join(host);
        REQUIRE(kit::eventually([&] { return inspect(folder / "a")->state == AttemptState::kCrashed; }));
        CHECK(kit::alive(live->child_pid));
        const auto report = fence(folder / "a");
        REQUIRE(report);
        CHECK_FALSE(kit::alive(live->child_pid));
        CHECK(report->proven_dead == (report->strength != FenceStrength::kWeak));
        CHECK(report->killed >= 1);
        CHECK(kit::lines(folder / "effects") == 0);
        CHECK(inspect(folder / "a")->state == AttemptState::kCrashed);
        CHECK(fence(folder / "a")->proven_dead == report->proven_dead);  // repeatable
    }
}

TEST_CASE("B3: killed between the mark and the go byte it counts as started, never the other way round") {
    for (const char* point : {"supervise.after_released", "supervise.after_go"}) {
        CAPTURE(point);
        const Folder folder;
        kit::join(kit::host(folder / "a", effect(folder), point));
        REQUIRE(kit::eventually([&] { return inspect(folder / "a")->state == AttemptState::kCrashed; }));
        CHECK(fence(folder / "a"));
        CHECK(kit::lines(folder / "effects") <= 1);
    }
}

TEST_CASE("B4: an exit record outlives both host and supervisor and is adopted") {
    const Folder folder;
    const pid_t host = kit::host(folder / "a", effect(folder) + "; exit 3", "supervise.after_exit_record");
    kit::join(host);
    const auto end = inspect(folder / "a");
    REQUIRE(end->state == AttemptState::kExited);
    CHECK(end->exit->rc == 3);
    CHECK(fence(folder / "a")->proven_dead);
    CHECK(kit::lines(folder / "effects") == 1);
}

TEST_CASE("B5: killed after the script and before its record is undecidable, and said to be so") {
    for (const char* point :
         {"supervise.after_child_exit", "supervise.before_exit_record", "supervise.before_exit_rename"}) {
        CAPTURE(point);
        const Folder folder;
        kit::join(kit::host(folder / "a", effect(folder), point));
        CHECK(inspect(folder / "a")->state == AttemptState::kCrashed);
        CHECK_FALSE(inspect(folder / "a")->exit);
        const auto report = fence(folder / "a");
        REQUIRE(report);
        CHECK(report->proven_dead == (report->strength != FenceStrength::kWeak));
        CHECK(kit::lines(folder / "effects") == 1);
    }
}

TEST_CASE("B1-B5: hosts and supervisors killed at random instants never lose or repeat an effect unseen") {
    int decided = 0;
    for (int i = 0; i < 40; ++i) {
        const Folder folder;
        const pid_t host = kit::host(folder / "a", effect(folder), "");
        // Start to end takes about 5 ms here: the instants cover all of it.
        ::usleep(static_cast<useconds_t>(i * 250));
        if (i % 2 == 1) {
            const auto live = inspect(folder / "a");
            if (live && live->supervisor_pid > 0 && live->state != AttemptState::kExited) {
                ::kill(live->supervisor_pid, SIGKILL);
            }
        }
        ::kill(host, SIGKILL);
        kit::join(host);
        kit::eventually([&] {
            const auto state = inspect(folder / "a")->state;
            return state != AttemptState::kPrepared && state != AttemptState::kRunning;
        });
        const auto report = fence(folder / "a");
        REQUIRE(report);
        REQUIRE((report->proven_dead || report->strength == FenceStrength::kWeak));
        const auto end = inspect(folder / "a");
        const int effects = kit::lines(folder / "effects");
        CAPTURE(i);
        if (end->state == AttemptState::kNeverStarted) {
            CHECK(effects == 0);
        }
        if (end->state == AttemptState::kExited) {
            CHECK(effects == (end->exit->rc == 0 ? 1 : effects));
        }
        CHECK(effects <= 1);
        decided += end->state != AttemptState::kCrashed ? 1 : 0;
    }
    CHECK(decided >= 20);
}
