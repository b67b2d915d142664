#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>

#include "tests/crash/process/kit.hpp"

using namespace slipway::process;
using kit::Folder;

TEST_CASE("process: exit code, output and the exact environment") {
    const Folder folder;
    auto request = kit::shell(folder, "env | sort; echo oops >&2; exit 7");
    request.env["GREETING"] = "hello world";
    const auto end = kit::run(request);
    REQUIRE(end.state == AttemptState::kExited);
    CHECK(end.exit->rc == 7);
    CHECK(end.exit->reason == "exited");
    CHECK(end.exit->started);
    CHECK(end.exit->all_dead);
    CHECK_FALSE(end.exit->succeeded());
    const std::string out = kit::read(request.attempt_dir + "/stdout");
    CHECK(out.find("GREETING=hello world\n") != std::string::npos);
    CHECK(out.find("SLIPWAY_FENCE=") != std::string::npos);
    CHECK(out.find("HOME=") == std::string::npos);
    CHECK(kit::read(request.attempt_dir + "/stderr") == "oops\n");
    CHECK(end.exit->out_bytes == out.size());
}

TEST_CASE("process: nothing is inherited, everything new is private, contents come by descriptor") {
    const Folder folder;
    const int leak = ::dup2(2, 50);  // without close-on-exec, as a careless host might have it
    auto request = kit::shell(
        folder, "ls /proc/self/fd | tr '\\n' ' '; cat; cat /dev/fd/3; umask; ulimit -c; touch made");
    request.stdin_content = "from-stdin\n";
    request.fds = {{3, "secret-by-descriptor\n"}};
    const auto end = kit::run(request);
    ::close(leak);
    REQUIRE(end.exit);
    CHECK(end.exit->rc == 0);
    const std::string out = kit::read(request.attempt_dir + "/stdout");
    CHECK(out.find("0 1 2 3 4 from-stdin\nsecret-by-descriptor\n0077\n0\n") ==
          0);  // 4: ls reading the folder
    struct stat st {};
    REQUIRE(::stat((folder / "made").c_str(), &st) == 0);
    CHECK((st.st_mode & 0777) == 0600);
    for (const char* name : {"", "/lock", "/stdout", "/exit.json", "/started.json", "/control"}) {
        REQUIRE(::stat((request.attempt_dir + name).c_str(), &st) == 0);
        CHECK((st.st_mode & 077) == 0);
    }
}

TEST_CASE(
    "process: a secret given by environment or descriptor is in no argv and in no file of the attempt") {
    const Folder folder;
    auto request = kit::shell(folder, "sleep 0.3");
    request.env["TOKEN"] = "s3cr3t-value";
    request.fds = {{3, "s3cr3t-value"}};
    kit::start(request);
    const auto live = inspect(request.attempt_dir);
    REQUIRE(live);
    const std::string cmdline = kit::read("/proc/" + std::to_string(live->supervisor_pid) + "/cmdline");
    CHECK(cmdline.find("slipway-supervise") == 0);
    CHECK(cmdline.find("s3cr3t") == std::string::npos);
    CHECK(kit::wait_end(request.attempt_dir).state == AttemptState::kExited);
    for (const auto& entry : std::filesystem::recursive_directory_iterator(request.attempt_dir)) {
        if (entry.is_regular_file()) {
            CHECK(kit::read(entry.path().string()).find("s3cr3t") == std::string::npos);
        }
    }
}

TEST_CASE("process: what cannot be executed was provably not started") {
    const Folder folder;
    auto request = kit::shell(folder, "");
    request.program = folder / "missing";
    auto end = kit::run(request);
    REQUIRE(end.exit);
    CHECK_FALSE(end.exit->started);
    CHECK(end.exit->reason == "exec_failed");
    CHECK(end.exit->exec_errno == ENOENT);
    CHECK(end.exit->rc == 127);
    kit::write(folder / "plain", "not executable");
    request.program = folder / "plain";
    request.attempt_dir = folder / "second";
    end = kit::run(request);
    CHECK_FALSE(end.exit->started);
    CHECK(end.exit->rc == 126);
}

TEST_CASE("process: an attempt directory is used once") {
    const Folder folder;
    const auto request = kit::shell(folder, "true");
    kit::run(request);
    const auto again = prepare(request);
    REQUIRE_FALSE(again);
    CHECK(again.error().code == slipway::ErrorCode::kAlreadyExists);
}

TEST_CASE("process: a missing supervisor is named with what to do") {
    const Folder folder;
    auto request = kit::shell(folder, "true");
    request.supervisor_path = folder / "nowhere";
    const auto result = prepare(request);
    REQUIRE_FALSE(result);
    CHECK(result.error().code == slipway::ErrorCode::kMissingTool);
    CHECK(result.error().message.find("nowhere") != std::string::npos);
    CHECK(find_supervisor());  // found from inside the build tree, as from an installed one
    ::setenv("SLIPWAY_SUPERVISE", "relative", 1);
    CHECK_FALSE(find_supervisor());
    ::unsetenv("SLIPWAY_SUPERVISE");
}

TEST_CASE("process: bad requests are refused before anything is made") {
    const Folder folder;
    const auto refused = [&](auto change) {
        auto r = kit::shell(folder, "true");
        change(r);
        return !prepare(r) && !std::filesystem::exists(folder / "attempt");
    };
    CHECK(refused([](auto& r) { r.program = "sh"; }));
    CHECK(refused([](auto& r) { r.attempt_dir = "relative"; }));
    CHECK(refused([](auto& r) { r.env["A=B"] = "x"; }));
    CHECK(refused([](auto& r) { r.env["SLIPWAY_FENCE"] = "x"; }));
    CHECK(refused([](auto& r) { r.argv.clear(); }));
    CHECK(refused([](auto& r) { r.grace_ms = -1; }));
    CHECK(refused([](auto& r) { r.fds[1] = "x"; }));
    CHECK(refused([](auto& r) { r.stdin_content.assign(17U << 20U, 'x'); }));
}

TEST_CASE("process: one watcher follows many attempts and passes on their output whole") {
    const Folder folder;
    constexpr int kAttempts = 24;
    std::atomic<int> ended{0};
    std::vector<std::string> outputs(kAttempts);
    {
        Watcher watcher;
        for (int i = 0; i < kAttempts; ++i) {
            const auto request =
                kit::shell(folder, "for n in 1 2 3; do echo line $n; done; sleep 0.05; echo end",
                           "a" + std::to_string(i));
            kit::start(request);
            watcher.watch(
                request.attempt_dir,
                {.on_output = [&outputs, i](
                                  OutputStream,
                                  std::string_view bytes) { outputs[static_cast<std::size_t>(i)] += bytes; },
                 .on_end = [&](auto end) { ended += end && end->exit && end->exit->rc == 0 ? 1 : 1000; }});
        }
        CHECK(kit::eventually([&] { return ended >= kAttempts; }));
    }
    CHECK(ended == kAttempts);
    for (const auto& out : outputs) {
        CHECK(out == "line 1\nline 2\nline 3\nend\n");
    }
}

TEST_CASE("process: a supervisor that ended leaves no zombie behind") {
    const Folder folder;
    const auto request = kit::shell(folder, "true");
    kit::start(request);
    const int pid = inspect(request.attempt_dir)->supervisor_pid;
    kit::wait_end(request.attempt_dir);
    CHECK_FALSE(std::filesystem::exists("/proc/" + std::to_string(pid)));
}
