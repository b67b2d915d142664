// Both programs asked for things that make no sense: words, an exit code of the README, and nothing lost.
#include <doctest/doctest.h>
#include <sys/stat.h>

#include <filesystem>

#include "kit.hpp"

using namespace end_to_end;

TEST_SUITE_BEGIN("words");

namespace {

Exit daemon_with(std::vector<std::string> words) {
    words.insert(words.begin(), environment("SLIPWAYD"));
    return run_program(words);
}

Exit cli_with(std::vector<std::string> words) {
    words.insert(words.begin(), environment("SLIPWAY_CLI"));
    return run_program(words);
}

bool has(const Exit& exit, const std::string& part) {
    return exit.output.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("what is at the socket's place and is no socket is refused and stays as it is") {
    const Home home;
    const std::string file = home.path() + "/precious";
    write_all(file, "precious\n");
    std::filesystem::create_symlink(file, home.path() + "/link");
    std::filesystem::create_directory(home.path() + "/folder");
    for (const char* name : {"/precious", "/link", "/folder"}) {
        const auto refused =
            daemon_with({"--data", home.path() + "/data", "--simulate", "--socket", home.path() + name});
        CHECK(refused.code == 1);
        CHECK_MESSAGE(has(refused, "is no socket"), refused.output);
        CHECK_MESSAGE(has(refused, "--socket"), refused.output);
    }
    CHECK(read_all(file) == "precious\n");
    CHECK(std::filesystem::is_symlink(home.path() + "/link"));
    // Nothing was made before it was refused.
    CHECK_FALSE(std::filesystem::exists(home.path() + "/data"));
}

TEST_CASE(
    "a socket that a dead daemon left is replaced; one that was put in its place is not removed at the end") {
    const Home home;
    Daemon daemon(home.path() + "/data", {"--simulate"});
    daemon.start();
    daemon.kill();
    CHECK(std::filesystem::exists(daemon.socket()));
    daemon.start();
    std::filesystem::remove(daemon.socket());
    write_all(daemon.socket(), "somebody's\n");
    CHECK(daemon.stop() == 0);
    CHECK(read_all(daemon.socket()) == "somebody's\n");
}

TEST_CASE("paths that are empty, too long or no directory end with words that name the option") {
    const Home home;
    const std::string data = home.path() + "/data";
    const auto empty = daemon_with({"--data", "", "--simulate"});
    CHECK(empty.code == 2);
    CHECK_MESSAGE(has(empty, "--data is empty"), empty.output);
    const auto long_data = daemon_with({"--data", home.path() + "/" + std::string(150, 'd'), "--simulate"});
    CHECK(long_data.code == 2);
    CHECK_MESSAGE(has(long_data, "--socket"), long_data.output);
    const auto long_socket =
        daemon_with({"--data", data, "--simulate", "--socket", home.path() + "/" + std::string(150, 's')});
    CHECK(long_socket.code == 2);
    CHECK_MESSAGE(has(long_socket, "107"), long_socket.output);
    const auto no_parent = daemon_with({"--data", home.path() + "/no/such/parent", "--simulate"});
    CHECK(no_parent.code == 1);
    CHECK_MESSAGE(has(no_parent, "No such file"), no_parent.output);
    CHECK_MESSAGE(has(no_parent, "--data"), no_parent.output);
    write_all(home.path() + "/file", "x");
    const auto file = daemon_with({"--data", home.path() + "/file", "--simulate"});
    CHECK(file.code == 1);
    CHECK_MESSAGE(has(file, "no directory"), file.output);
    for (const std::string& socket : {std::string(), home.path() + "/" + std::string(150, 's')}) {
        const auto asked = cli_with({"--socket", socket, "list"});
        CHECK(asked.code == 2);
        CHECK_MESSAGE(has(asked, "--socket"), asked.output);
    }
}

TEST_CASE("a script without a simulation is refused, not ignored") {
    const Home home;
    write_all(home.path() + "/script.json", "{}");
    const auto refused =
        daemon_with({"--data", home.path() + "/data", "--script", home.path() + "/script.json"});
    CHECK(refused.code == 2);
    CHECK_MESSAGE(has(refused, "--simulate"), refused.output);
    CHECK(daemon_with({"--data", home.path() + "/data", "--mirror", "nothing"}).code == 2);
    CHECK(daemon_with({}).code == 2);
    CHECK(daemon_with({"--help"}).code == 0);
}

TEST_CASE("a data directory is private, and never opened in the other world") {
    const Home home;
    const std::string data = home.path() + "/data";
    std::filesystem::create_directory(data);
    ::chmod(data.c_str(), 0755);
    Daemon daemon(data, {"--simulate"});
    daemon.start();
    struct stat found {};
    REQUIRE(::stat(data.c_str(), &found) == 0);
    CHECK((found.st_mode & 0777U) == 0700U);
    CHECK(daemon.stop() == 0);
    const auto real = daemon_with({"--data", data, "--offline"});
    CHECK(real.code == 1);
    CHECK_MESSAGE(has(real, "was simulated"), real.output);
    daemon.start();
    CHECK(daemon.stop() == 0);

    Daemon other(home.path() + "/real", {"--offline"});
    other.start();
    CHECK(other.stop() == 0);
    const auto simulated = daemon_with({"--data", home.path() + "/real", "--simulate"});
    CHECK(simulated.code == 1);
    CHECK_MESSAGE(has(simulated, "is real"), simulated.output);
}

TEST_CASE("a data directory whose keys are gone is refused, and no new keys are made") {
    const Home home;
    Daemon daemon(home.path() + "/data", {"--simulate"});
    daemon.start();
    CHECK(daemon.stop() == 0);
    const std::string keys = daemon.data() + "/keys";
    std::filesystem::rename(keys, home.path() + "/keys");
    const auto refused = daemon_with({"--data", daemon.data(), "--simulate"});
    CHECK(refused.code == 1);
    CHECK_MESSAGE(has(refused, "key file"), refused.output);
    CHECK_FALSE(std::filesystem::exists(keys));
    std::filesystem::rename(home.path() + "/keys", keys);
    daemon.start();
    CHECK(daemon.stop() == 0);
}

TEST_CASE("wrong words to the command line end with 2 and say what to do next") {
    const Home home;
    copy_demo_app(home.path() + "/demo_app");
    struct Wrong {
        std::vector<std::string> words;
        const char* says;
    };
    const std::vector<Wrong> all{
        {{}, "a command is missing"},
        {{"nonsense"}, "no command \"nonsense\""},
        {{"expalin", "r"}, "did you mean 'explain'?"},
        {{"store", "mend", "x"}, "slipway store: there is no command \"mend\""},
        {{"show"}, "slipway show --help"},
        {{"show", "a", "b"}, "one argument too many"},
        {{"approve", "a", "b", "--shwon", "x"}, "did you mean '--shown'?"},
        {{"settle", "r", "s"}, "--succeeded or --failed"},
        {{"settle", "r", "s", "--succeeded", "--failed"}, "--succeeded or --failed"},
        {{"settle", "r", "s", "--succeeded", "--output", "{"}, "--output is not JSON"},
        {{"create", "acme", "--app", "x", "--input", "novalue"}, "NAME=VALUE"},
        {{"create", "acme", "--app", "x", "--inputs", "/no/such/file"}, "/no/such/file"},
        {{"set", "acme"}, "slipway set acme NAME=VALUE"},
        {{"validate", "/no/such/app"}, "/no/such/app"}};
    for (const auto& wrong : all) {
        const auto told = cli_with(wrong.words);
        CHECK_MESSAGE(told.code == 2, told.output);
        CHECK_MESSAGE(has(told, wrong.says), told.output);
    }
}

TEST_CASE("plan checks what it is given as create and start do, and names what cannot be carried out") {
    const Home home;
    copy_demo_app(home.path() + "/demo_app");
    const std::string app = home.path() + "/demo_app";
    CHECK(cli_with({"plan", app}).code == 0);
    CHECK(cli_with({"plan", app, "--input", "replicas=3"}).code == 0);
    const auto unknown = cli_with({"plan", app, "--input", "replcas=3"});
    CHECK(unknown.code == 1);
    CHECK_MESSAGE(has(unknown, "did you mean 'replicas'?"), unknown.output);
    const auto wrong = cli_with({"plan", app, "--input", "replicas=many"});
    CHECK(wrong.code == 1);
    CHECK_MESSAGE(has(wrong, "is not a number"), wrong.output);
    const auto unused = cli_with({"plan", app, "--component", "web"});
    CHECK(unused.code == 1);
    CHECK_MESSAGE(has(unused, "takes no component"), unused.output);
    const auto missing = cli_with({"plan", app, "--workflow", "deploy_one"});
    CHECK(missing.code == 1);
    CHECK_MESSAGE(has(missing, "--component"), missing.output);

    write_all(app + "/components/9-queue.toml",
              "name = \"queue\"\ntype = \"pulumi\"\nruntime = \"go\"\n\n[public_repo]\n"
              "repo = \"acme/queue\"\nbranch = \"main\"\ndirectory = \".\"\n");
    const auto unsupported = cli_with({"--json", "plan", app});
    REQUIRE_MESSAGE(unsupported.code == 0, unsupported.output);
    boost::system::error_code code;
    const auto preview = json::parse(unsupported.output, code);
    REQUIRE_MESSAGE(!code, unsupported.output);
    CHECK_MESSAGE(text(preview, "unsupported").find("queue") != std::string::npos, unsupported.output);
    CHECK(has(cli_with({"plan", app}), "cannot be carried out here"));
}

TEST_SUITE_END();
