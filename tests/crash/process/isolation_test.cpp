// What a program prints of secrets, what it can reach, and how much it may write.
#include <doctest/doctest.h>
#include <signal.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>

#include "tests/crash/process/kit.hpp"

using namespace slipway;
using namespace slipway::process;
using kit::Folder;

namespace {

/// Says so where this kernel has no Landlock.
bool is_hidden(const ExitRecord& exit) {
    const bool hidden = exit.isolation == "landlock";
    if (!hidden) {
        MESSAGE("SLIPWAY-ABSENT-PART: landlock");
        std::puts("SLIPWAY-ABSENT-PART: landlock");
    }
    return hidden;
}

std::uint64_t status_kib(int pid, const std::string& name) {
    const auto text = kit::read("/proc/" + std::to_string(pid) + "/status");
    const auto at = text.find(name + ":");
    return at == std::string::npos ? 0 : std::strtoull(text.c_str() + at + name.size() + 1, nullptr, 10);
}

}  // namespace

TEST_CASE("redaction: no byte of a secret is written, in whatever form and however it is cut into writes") {
    const Folder folder;
    auto request = kit::shell(folder,
                              "printf 'plain s3cret/canary\"value end\\n'; printf 'halves s3cre'; sleep "
                              "0.05; printf 't/canary\"value\\n';"
                              "printf 'base64 '; printf 's3cret/canary\"value' | base64; printf 'x%s' "
                              "'s3cret/canary\"value' | base64;"
                              "echo 'url s3cret%2Fcanary%22value'; echo 'json s3cret/canary\\\"value' >&2;"
                              "printf 'bytes '; for c in s 3 c r e t / c a n a r y '\"' v a l u e; do printf "
                              "'%s' \"$c\"; sleep 0.002; done; echo");
    request.secrets = {"s3cret/canary\"value"};
    const auto end = kit::run(request);
    const auto out = kit::read(request.attempt_dir + "/stdout");
    CHECK(out.find("plain [redacted] end\n") == 0);
    CHECK(out.find("halves [redacted]\n") != std::string::npos);
    CHECK(out.find("url [redacted]\n") != std::string::npos);
    CHECK(out.find("bytes [redacted]\n") != std::string::npos);
    CHECK(kit::read(request.attempt_dir + "/stderr") == "json [redacted]\n");
    for (const auto* piece : {"s3cret", "canary", "czNjcmV0", "zNjcmV0L2Nhbm", "NjYW5hcn"}) {
        CHECK_MESSAGE(out.find(piece) == std::string::npos, piece);
    }
    CHECK(end.exit->out_bytes > out.size());
    for (const auto& entry : std::filesystem::recursive_directory_iterator(request.attempt_dir)) {
        if (entry.is_regular_file()) {
            CHECK_MESSAGE(kit::read(entry.path()).find("canary") == std::string::npos, entry.path().string());
        }
    }
}

TEST_CASE("redaction: a secret across the border of head and tail leaves no half of it in either") {
    for (std::uint64_t head = 1; head < 30; head += 4) {
        const Folder folder;
        auto request = kit::shell(folder,
                                  "printf 'xxxx%s' s3cret-canary-value; head -c 3000 /dev/zero | tr '\\0' y;"
                                  "printf '%szz' s3cret-canary-value");
        request.secrets = {"s3cret-canary-value"};
        request.out.head_bytes = head;
        request.out.tail_bytes = head;
        CHECK(kit::run(request).exit->out_dropped > 0);
        const auto out = kit::read(request.attempt_dir + "/stdout");
        CHECK(out.find("s3cret") == std::string::npos);
        CHECK(out.find("canary") == std::string::npos);
        CHECK(out.find("value") == std::string::npos);
    }
}

TEST_CASE(
    "hidden: what is hidden cannot be read, listed, changed or made, what is shown in it and the rest can") {
    const Folder folder;
    for (const auto* place : {"data", "data/other", "data/own", "beside"}) {
        std::filesystem::create_directory(folder / place);
        kit::write(folder / (std::string(place) + "/file"), "content");
    }
    std::filesystem::create_directory_symlink(folder / "data", folder / "link");
    const auto script =
        "cd /; no() { if \"$@\" 2>/dev/null >&2; then echo \"reached: $*\"; fi; }; D=" + folder.path() +
        "\nno cat $D/data/other/file; no ls $D/data; no ls $D/data/other; no sh -c \"echo x > "
        "$D/data/other/file\"\n"
        "no sh -c \"echo x > $D/data/other/new\"; no rm $D/data/other/file; no mkdir $D/data/new; no cat "
        "$D/link/other/file\n"
        "no cat $D/data/own/../other/file; no cat /proc/self/root$D/data/other/file\n"
        "no ln $D/data/other/file $D/beside/hard; no mv $D/data/other/file $D/beside/moved\n"
        "cat $D/data/own/file $D/beside/file && echo more >> $D/data/own/file && echo new > $D/beside/new && "
        "mv $D/beside/new $D/beside/newer && echo done > /dev/null && ls /etc > /dev/null && echo fine";
    auto request = kit::shell(folder, script);
    auto open = kit::shell(folder, "cat " + (folder / "data/other/file"), "open");
    CHECK(kit::run(open).exit->isolation == "none");
    CHECK(kit::read(open.attempt_dir + "/stdout") == "content");
    request.hidden = {folder / "data"};
    request.shown = {folder / "data/own"};
    const auto end = kit::run(request);
    CHECK(end.exit->rc == 0);
    if (is_hidden(*end.exit)) {
        CHECK(kit::read(request.attempt_dir + "/stdout") == "contentcontentfine\n");
        CHECK(kit::read(folder / "data/other/file") == "content");
    }
}

TEST_CASE("hidden: the environment and memory of a process outside cannot be read, nor can it be signalled") {
    const Folder folder;
    std::filesystem::create_directory(folder / "data");
    auto other = kit::shell(folder, "echo $$ > " + (folder / "pid") + "; sleep 30", "other");
    other.env["TOKEN"] = "s3cret";
    other.allow_pid_namespace = false;
    kit::start(other);
    REQUIRE(kit::eventually([&] { return !kit::read(folder / "pid").empty(); }));
    const auto pid = std::to_string(kit::number_in(folder / "pid"));
    const auto script = "tr '\\0' '\\n' < /proc/" + pid + "/environ | grep TOKEN; kill -0 " + pid +
                        " 2>/dev/null && echo signalled; head -c 1 /proc/" + pid + "/mem; true";
    auto open = kit::shell(folder, script, "open");
    open.allow_pid_namespace = false;
    CHECK(kit::run(open).exit->rc == 0);
    CHECK(kit::read(open.attempt_dir + "/stdout").find("TOKEN=s3cret") != std::string::npos);
    auto request = kit::shell(folder, script);
    request.hidden = {folder / "data"};
    request.allow_pid_namespace = false;
    const auto end = kit::run(request);
    if (is_hidden(*end.exit)) {
        CHECK(kit::read(request.attempt_dir + "/stdout").find("TOKEN") == std::string::npos);
    }
    (void)fence(other.attempt_dir);
}

TEST_CASE("limits: a file does not grow beyond its limit, and the program is told so by a signal") {
    const Folder folder;
    auto request = kit::shell(folder, "exec head -c 3000000 /dev/zero > " + (folder / "big"));
    request.max_file_bytes = 1'000'000;
    const auto end = kit::run(request);
    CHECK_FALSE(end.exit->succeeded());
    CHECK(std::filesystem::file_size(folder / "big") <= 1'000'000);
}

TEST_CASE("output: however much a program puts out, file and memory stay bounded") {
    // 20 GB is for whoever asks for it by SLIPWAY_LOG_BYTES.
    const char* wanted = std::getenv("SLIPWAY_LOG_BYTES");
    const std::uint64_t size = wanted == nullptr ? 400'000'000 : std::strtoull(wanted, nullptr, 10);
    const Folder folder;
    auto request = kit::shell(folder, "head -c " + std::to_string(size) + " /dev/zero");
    request.secrets = {"s3cret-canary-value"};
    request.out.head_bytes = 1'000'000;
    kit::start(request);
    const int supervisor = inspect(request.attempt_dir)->supervisor_pid;
    std::uint64_t most = 0;
    CHECK(kit::eventually(
        [&] {
            most = std::max(most, status_kib(supervisor, "VmHWM"));
            return inspect(request.attempt_dir)->state != AttemptState::kRunning;
        },
        600'000));
    const auto end = kit::wait_end(request.attempt_dir);
    CHECK(end.exit->out_bytes == size);
    const auto kept = std::filesystem::file_size(request.attempt_dir + "/stdout");
    CHECK(kept < request.out.head_bytes + request.out.tail_bytes + 200);
    CHECK(most < 16'384);
    std::printf("figures: %llu bytes put out, %llu kept, supervisor at most %llu KiB\n",
                static_cast<unsigned long long>(size), static_cast<unsigned long long>(kept),
                static_cast<unsigned long long>(most));
}
