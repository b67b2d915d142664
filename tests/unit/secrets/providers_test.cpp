#include <doctest/doctest.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <thread>
#include <vector>

#include "slipway/secrets.hpp"
#include "tests/unit/secrets/folder.hpp"

namespace slipway {
namespace {

using testing::Folder;

void write(const std::string& path, const std::string& content, mode_t mode = 0600) {
    std::ofstream(path) << content;
    ::chmod(path.c_str(), mode);
}

SecretSource shell(const std::string& script, std::int64_t timeout_ms = 10'000, std::size_t bytes = 65536) {
    CommandSecretsOptions options;
    options.argv = {"/bin/sh", "-c", script, "sh", "{name}"};
    options.timeout_ms = timeout_ms;
    options.output_bytes_max = bytes;
    auto source = command_secrets(std::move(options));
    REQUIRE(source);
    return *source;
}

std::string text_of(const std::string& path) {
    std::ifstream in(path);
    std::string text;
    std::getline(in, text, '\0');
    return text;
}

bool is_alive(const std::string& pid_file) {
    const int pid = std::atoi(text_of(pid_file).c_str());
    REQUIRE(pid > 1);
    for (int i = 0; i < 200; ++i) {
        // A zombie that nobody has reaped yet is dead too.
        const std::string stat = text_of("/proc/" + std::to_string(pid) + "/stat");
        if (stat.empty() || stat.find(") Z") != std::string::npos) {
            return false;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return true;
}

TEST_CASE("secrets come from the environment and from files") {
    const Folder folder;
    const auto secrets = default_secrets();
    ::setenv("SLIPWAY_TEST_SECRET", "canary", 1);
    CHECK(secrets->resolve("env:SLIPWAY_TEST_SECRET").value_or("") == "canary");
    CHECK(secrets->resolve("secret://env/SLIPWAY_TEST_SECRET").value_or("") == "canary");
    ::unsetenv("SLIPWAY_TEST_SECRET");
    write(folder.file("secret"), "canary\n");
    CHECK(secrets->resolve("file:" + folder.file("secret")).value_or("") == "canary");
    CHECK(secrets->resolve("secret://file/" + folder.file("secret")).value_or("") == "canary");
    for (const std::string reference : {"env:SLIPWAY_TEST_SECRET", "env:", "file:", "file:/absent/file",
                                        "file:relative", "canary-value", "", "vault:x"}) {
        const auto value = secrets->resolve(reference);
        REQUIRE(!value);
        CHECK(value.error().message.find("canary-value") == std::string::npos);
    }
    CHECK(secrets->resolve("file:/absent/file").error().code == ErrorCode::kNotFound);
}

TEST_CASE("a secret file that others may read is refused, unless the host accepts it") {
    const Folder folder;
    write(folder.file("shared"), "canary", 0644);
    const auto strict = file_secrets()(folder.file("shared"));
    REQUIRE(!strict);
    CHECK(strict.error().code == ErrorCode::kForbidden);
    CHECK(strict.error().hint.find("chmod 600") != std::string::npos);
    const auto open = file_secrets({.directory = "", .accept_shared = true});
    CHECK(open(folder.file("shared")).value_or("") == "canary");
    // One that others may write is no secret of ours.
    write(folder.file("writable"), "canary", 0622);
    CHECK(open(folder.file("writable")).error().code == ErrorCode::kForbidden);
}

TEST_CASE("only regular files of a bearable size are secrets, and a pipe does not hold the reader") {
    const Folder folder;
    REQUIRE(::mkfifo(folder.file("pipe").c_str(), 0600) == 0);
    CHECK(file_secrets()(folder.file("pipe")).error().code == ErrorCode::kForbidden);
    CHECK(file_secrets()(folder.path).error().code == ErrorCode::kForbidden);
    write(folder.file("large"), std::string((1U << 20U) + 1, 'x'));
    CHECK(file_secrets()(folder.file("large")).error().code == ErrorCode::kLimit);
}

TEST_CASE("names stay below the directory of the secret files") {
    const Folder folder;
    write(folder.file("a"), "canary");
    const auto files = file_secrets({.directory = folder.path, .accept_shared = false});
    CHECK(files("a").value_or("") == "canary");
    CHECK(files("../" + folder.path + "/a").error().code == ErrorCode::kForbidden);
    CHECK(files(folder.file("a")).error().code == ErrorCode::kForbidden);
    CHECK(files("absent").error().code == ErrorCode::kNotFound);
}

TEST_CASE("a command gives what it writes, is told the name as one argument, and no shell reads it") {
    CHECK(shell("printf 'canary\\n'")("x").value_or("") == "canary");
    CHECK(shell("printf %s \"$1\"")("a b; echo $HOME `id`").value_or("") == "a b; echo $HOME `id`");
    CHECK(shell("printf 'two\\nlines\\n\\n'")("x").value_or("") == "two\nlines\n");
    CHECK(shell("printf x")("-option").error().code == ErrorCode::kInvalidArgument);
}

TEST_CASE("a command gets nothing of this process: environment, files, input, blocked signals") {
    ::setenv("SLIPWAY_TEST_SECRET", "canary", 1);
    const int open = ::open("/dev/null", O_RDONLY);  // without O_CLOEXEC
    sigset_t blocked;
    ::sigemptyset(&blocked);
    ::sigaddset(&blocked, SIGTERM);
    ::pthread_sigmask(SIG_BLOCK, &blocked, nullptr);
    const auto seen = shell(
        "env | cut -d= -f1 | sort | tr '\\n' ' '; cat; ls /proc/self/fd | wc -l; "
        "grep SigBlk /proc/self/status")("x");
    ::pthread_sigmask(SIG_UNBLOCK, &blocked, nullptr);
    ::close(open);
    ::unsetenv("SLIPWAY_TEST_SECRET");
    REQUIRE(seen);
    CHECK(seen->find("SLIPWAY") == std::string::npos);
    CHECK(seen->find("PATH") != std::string::npos);
    CHECK(seen->find("4\nSigBlk") != std::string::npos);
    CHECK(seen->find("SigBlk:\t0000000000000000") != std::string::npos);
}

TEST_CASE("a command that fails says how, not what it wrote") {
    const auto failed = shell("echo canary-value; echo canary-value >&2; exit 3")("x");
    REQUIRE(!failed);
    CHECK(failed.error().code == ErrorCode::kIo);
    CHECK(failed.error().message == "/bin/sh ended with exit code 3");
    CHECK(shell("kill -9 $$")("x").error().message.find("signal 9") != std::string::npos);
    auto absent = command_secrets({.argv = {"/absent/program"}});
    REQUIRE(absent);
    CHECK((*absent)("x").error().code == ErrorCode::kMissingTool);
    const auto routed = make_secrets({{"cmd", shell("exit 1")}})->resolve("cmd:db");
    REQUIRE(!routed);
    CHECK(routed.error().message.find("the secret db of the provider cmd") == 0);
}

TEST_CASE("a command that takes too long or says too much is killed with all its children") {
    const Folder folder;
    const std::string pid = folder.file("pid");
    const auto slow = shell("sleep 60 & echo $! > " + pid + "; wait", 300)("x");
    REQUIRE(!slow);
    CHECK(slow.error().code == ErrorCode::kTimeout);
    CHECK_FALSE(is_alive(pid));
    const auto loud =
        shell("sleep 60 & echo $! > " + pid + "; while :; do echo canary; done", 10'000, 1000)("x");
    REQUIRE(!loud);
    CHECK(loud.error().code == ErrorCode::kLimit);
    CHECK_FALSE(is_alive(pid));
}

TEST_CASE("a command that leaves a child behind with its output open does not hold the reader") {
    const Folder folder;
    const std::string pid = folder.file("pid");
    const auto value = shell("sleep 60 & echo $! > " + pid + "; printf canary")("x");
    CHECK(value.value_or("") == "canary");
    CHECK_FALSE(is_alive(pid));
}

TEST_CASE("options of a command that make no sense are refused") {
    using Options = CommandSecretsOptions;
    for (const auto& options :
         {Options{}, Options{.argv = {"vault"}}, Options{.argv = {"/bin/sh", std::string("a\0b", 3)}},
          Options{.argv = {"/bin/sh"}, .environment = {{"A=B", "c"}}},
          Options{.argv = {"/bin/sh"}, .environment = {}, .timeout_ms = 0},
          Options{.argv = {"/bin/sh"}, .environment = {}, .timeout_ms = 1, .output_bytes_max = 0}}) {
        const auto source = command_secrets(options);
        REQUIRE(!source);
        CHECK(source.error().code == ErrorCode::kInvalidArgument);
    }
}

}  // namespace
}  // namespace slipway
